from pathlib import Path

from core.adapters.existing import find_change
from core.adapters.journal import SqliteJournal
from core.adapters.repo import WorkingRepo
from core.domain.risk_rules import RiskPolicy
from core.edits.annotate import annotator
from tests.playing import git, make_repository


def test_a_changed_link_is_told_and_never_reviewed_as_its_target(tmp_path: Path) -> None:
    root = make_repository(tmp_path, {"a.py": "a = 1\n", "b.py": "b = 1\n"})
    (root / "kept").symlink_to("a.py")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "Link")
    (root / "kept").unlink()
    (root / "kept").write_text("no link\n")
    (root / "fresh").symlink_to("b.py")
    repo = WorkingRepo(root, {"PATH": "/usr/local/bin:/usr/bin:/bin"}, has_git=True)
    _, staged = find_change(repo, "", b"", annotator(RiskPolicy()), SqliteJournal.in_memory())
    assert staged.files == ()
    assert {r.path for r in staged.refusals} == {"kept", "fresh"}
