"""Bringing an index up to date with the files of its root."""

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from core.adapters.index_files import Disk, Listing, blob_id, contents, source, text_of
from core.adapters.index_history import has_history, read_history
from core.adapters.index_store import MOST_DEAD, Batch, IndexDamaged, IndexStore, Source
from core.adapters.repo import WorkingRepo
from core.domain.progress import OnProgress, unwatched
from core.retrieval.postings import MOST_CHUNKS

FILE_NAME = "index.sqlite"
BATCH_FILES = 256
BATCH_BYTES = 4_000_000
"""Text of one transaction: about a second of work, and what kill -9 may lose."""
NEVER = -1
"""The generation of no index."""


def bring_up_to_date(
    root: Path,
    cache: Path,
    on_progress: OnProgress = unwatched,
    environment: Mapping[str, str] | None = None,
) -> None:
    """Index what changed below `root` since last time, then the history; the index is in `cache`.

    Made to run in a child process: it may be killed at any moment, and what it committed stays.
    Raises `RelaypairError`.
    """
    repo = WorkingRepo.open(root, environment or {"PATH": "/usr/local/bin:/usr/bin:/bin"})
    store = IndexStore(cache / FILE_NAME)
    try:
        head = Upkeep(store, repo).refresh(on_progress)
        if repo.git is not None and not has_history(store, head):
            read_history(store, repo.git, head)
    finally:
        store.close()


class Upkeep:
    """Keeps one index up to date; what was read last time is not read again. Not for threads."""

    def __init__(self, store: IndexStore, repo: WorkingRepo) -> None:
        self._store = store
        self._repo = repo
        self._listing = Listing(repo)
        self._known: dict[str, Source] = {}
        self._generation = NEVER
        """Of the index when it held what is known."""
        self._wears_at = 0
        """Number of chunks that the index may have before it is looked at whether it is worn."""

    def refresh(self, on_progress: OnProgress = unwatched) -> str:
        """Let every path lead to what it holds; the commit HEAD is at, empty for none.

        A damaged index is made again. Raises `RelaypairError`.
        """
        try:
            return self._refresh(on_progress)
        except IndexDamaged:
            self._begin_again()
            return self._refresh(on_progress)

    def _refresh(self, on_progress: OnProgress) -> str:
        """Tracked files first: git is still looking for the others meanwhile."""
        disk = Disk(self._repo.root)
        with self._listing.looking() as listed, self._store.faults_told():
            self._read_known()
            edited = {one.path: one for one in self._read(listed.changed, disk)}
            held = {p: one for p, one in listed.staged.items() if p not in listed.changed} | edited
            if self._differing(held) and self._is_worn():
                self._begin_again()
            self._index(self._differing(held), (), disk, on_progress)
            held |= {one.path: one for one in self._read(listed.loose(), disk)}
            gone = sorted(self._known.keys() - held.keys())
            self._index(self._differing(held), gone, disk, on_progress)
            return listed.head

    def _differing(self, held: Mapping[str, Source]) -> list[Source]:
        known = self._known
        return [one for path, one in held.items() if known.get(path) != one]

    def _begin_again(self) -> None:
        self._store.rebuild()
        self._known, self._generation = {}, self._store.generation()

    def _read_known(self) -> None:
        """What the paths of the index lead to; read again when another process wrote."""
        generation = self._store.generation()
        if generation != self._generation:
            rows = self._store.database.execute(
                "SELECT path, oid, lang, stat FROM files JOIN blobs ON blobs.id = files.blob"
            )
            self._known = {row[0]: Source(*row) for row in rows}
            self._generation = generation

    def _read(self, paths: Iterable[str], disk: Disk) -> Iterator[Source]:
        """Files that git cannot vouch for, hashed unless their times say that they are the same."""
        for path in paths:
            stamp = disk.stamp(path)
            before = self._known.get(path)
            if stamp and before is not None and before.stat == stamp:
                yield before
            elif (data := disk.read(path)) is not None:
                yield source(path, blob_id(data), stamp)

    def _is_worn(self) -> bool:
        """Whether most of the index is of texts that no path leads to, or numbers run out."""
        row = self._store.database.execute(
            "SELECT value FROM state WHERE name='next_chunk'"
        ).fetchone()
        if row is None or int(row[0]) <= self._wears_at:
            return False
        used = self._store.database.execute(
            "SELECT COALESCE(SUM(length(lengths)), 0) / 2 FROM blobs "
            "WHERE id IN (SELECT blob FROM files)"
        ).fetchone()[0]
        self._wears_at = min(3 * int(used) + MOST_DEAD, MOST_CHUNKS // 2)
        return int(row[0]) > self._wears_at

    def _index(
        self, changed: Sequence[Source], gone: Sequence[str], disk: Disk, on_progress: OnProgress
    ) -> None:
        """Index in batches; what readers know already changes in the last one, all at once."""
        if not changed and not gone:
            return
        moved: list[tuple[Source, int]] = []
        done = 0
        for part in _parts(disk, changed) if changed else ([],):
            done += len(part)
            with self._writing() as batch:
                for one, number in self._numbered(batch, part, disk):
                    if one.path in self._known:
                        moved.append((one, number))
                    else:
                        self._lead(batch, one, number)
                if done == len(changed):
                    for one, number in moved:
                        self._lead(batch, one, number)
                    batch.drop_files(gone)
            on_progress(done, len(changed))
        for path in gone:
            del self._known[path]

    @contextlib.contextmanager
    def _writing(self) -> Iterator[Batch]:
        """A batch; what another process wrote since then makes all that is known be read again."""
        with self._store.writing() as batch:
            before, self._generation = self._generation, NEVER
            is_ours = int(str(batch.state("generation", 0))) == before
            yield batch
        self._generation = before + 1 if is_ours else NEVER

    def _lead(self, batch: Batch, one: Source, number: int) -> None:
        batch.set_file(one, number)
        self._known[one.path] = one

    def _numbered(
        self, batch: Batch, part: Sequence[Source], disk: Disk
    ) -> Iterator[tuple[Source, int]]:
        """The blob of each file, indexed if nobody did so before."""
        unseen = [one for one in part if batch.blob(one.oid, one.language) is None]
        found = contents(unseen, disk, self._repo.git)
        for one in part:
            number = batch.blob(one.oid, one.language)
            if number is None and one.oid in found:
                data = found[one.oid]
                number = batch.add_blob(one, text_of(data), len(data))
            if number is not None:
                yield one, number


def _parts(disk: Disk, changed: Sequence[Source]) -> Iterator[list[Source]]:
    """Files by the batch: so many, or so much text."""
    part: list[Source] = []
    size = 0
    for one in changed:
        part.append(one)
        size += disk.size(one.path)
        if size > BATCH_BYTES or len(part) >= BATCH_FILES:
            yield part
            part, size = [], 0
    if part:
        yield part
