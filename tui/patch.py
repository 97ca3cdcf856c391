"""One hunk as text that `git apply` reads, as long as its context still stands."""

from core.domain.hunk import FileOp, Hunk


def as_patch(hunk: Hunk) -> str:
    """A unified diff of one hunk; a move of a file is told in git's own words."""
    if hunk.op is FileOp.RENAME and not hunk.changes and hunk.old == hunk.new:
        names = f"a/{hunk.source} b/{hunk.path}"
        return f"diff --git {names}\nrename from {hunk.source}\nrename to {hunk.path}\n"
    before, after = hunk.context_before, hunk.context_after
    old = len(before) + len(hunk.old) + len(after)
    new = len(before) + len(hunk.new) + len(after)
    first = hunk.start - len(before) + 1
    head = [
        "--- " + ("/dev/null" if hunk.op is FileOp.CREATE else f"a/{hunk.path}"),
        "+++ " + ("/dev/null" if hunk.op is FileOp.DELETE else f"b/{hunk.path}"),
        f"@@ -{first if old else first - 1},{old} +{first if new else first - 1},{new} @@",
    ]
    body = [
        *(_row(" ", line) for line in before),
        *(_row(mark, line) for mark, line in hunk.rows()),
        *(_row(" ", line) for line in after),
    ]
    return "\n".join(head) + "\n" + "".join(body)


def _row(mark: str, line: str) -> str:
    end = "" if line.endswith("\n") else "\n\\ No newline at end of file\n"
    return f"{mark}{line}{end}"
