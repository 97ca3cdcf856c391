"""Bringing an index up to date with the files of its root."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.adapters.index_files import Disk, blob_id, contents, list_files, source, text_of
from core.adapters.index_history import has_history, read_history
from core.adapters.index_store import MOST_DEAD, Batch, IndexDamaged, IndexStore, Source
from core.adapters.repo import WorkingRepo
from core.domain.progress import OnProgress, unwatched
from core.retrieval.postings import MOST_CHUNKS

FILE_NAME = "index.sqlite"
BATCH_FILES = 256
BATCH_BYTES = 4_000_000
"""Text of one transaction: about a second of work, and what kill -9 may lose."""


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
        head = refresh_safely(store, repo, on_progress)
        if repo.git is not None and not has_history(store, head):
            read_history(store, repo.git, head)
    finally:
        store.close()


def refresh_safely(
    store: IndexStore, repo: WorkingRepo, on_progress: OnProgress = unwatched
) -> str:
    """`refresh`, in a fresh file where the old one is damaged."""
    try:
        return refresh(store, repo, on_progress)
    except IndexDamaged:
        store.rebuild()
        return refresh(store, repo, on_progress)


def refresh(store: IndexStore, repo: WorkingRepo, on_progress: OnProgress = unwatched) -> str:
    """Let every path lead to what it holds; the commit HEAD is at, empty for none.

    Raises `IndexDamaged` and `RelaypairError`.
    """
    listed = list_files(repo)
    disk = Disk(repo.root)
    with store.faults_told():
        known = _known(store)
        wanted = [source(path, oid) for path, oid in listed.clean.items()]
        wanted += _loose(listed.loose, disk, known)
        kept = {one.path for one in wanted}
        gone = [path for path in known if path not in kept]
        changed = [one for one in wanted if known.get(one.path) != one]
        if not changed and not gone:
            return listed.head
        if _is_worn(store, len(changed)):
            store.rebuild()
            known, changed, gone = {}, wanted, []
        _index(_Place(store, repo, disk), changed, known, gone, on_progress)
    return listed.head


def _known(store: IndexStore) -> dict[str, Source]:
    rows = store.database.execute(
        "SELECT path, oid, lang, stat FROM files JOIN blobs ON blobs.id = files.blob"
    )
    return {row[0]: Source(*row) for row in rows}


def _loose(paths: Iterable[str], disk: Disk, known: Mapping[str, Source]) -> Iterator[Source]:
    """Files that git cannot vouch for, hashed unless their times say that they are the same."""
    for path in paths:
        stamp = disk.stamp(path)
        before = known.get(path)
        if stamp and before is not None and before.stat == stamp:
            yield before
        elif (data := disk.read(path)) is not None:
            yield source(path, blob_id(data), stamp)


def _is_worn(store: IndexStore, changed: int) -> bool:
    """Whether most of the index is of texts that no path leads to, or numbers run out."""
    if not changed:
        return False
    used = store.database.execute(
        "SELECT COALESCE(SUM(length(lengths)), 0) / 2 FROM blobs "
        "WHERE id IN (SELECT blob FROM files)"
    ).fetchone()[0]
    row = store.database.execute("SELECT value FROM state WHERE name='next_chunk'").fetchone()
    return row is not None and int(row[0]) > min(3 * int(used) + MOST_DEAD, MOST_CHUNKS // 2)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an index is kept and what it is of."""

    store: IndexStore
    repo: WorkingRepo
    disk: Disk


def _index(
    place: _Place,
    changed: Sequence[Source],
    known: Mapping[str, Source],
    gone: Sequence[str],
    on_progress: OnProgress,
) -> None:
    """Index in batches; what readers know already changes in the last one, all at once."""
    moved: list[tuple[Source, int]] = []
    done = 0
    for part in _parts(place.disk, changed):
        done += len(part)
        with place.store.writing() as batch:
            for one, number in _numbered(batch, part, place):
                if one.path in known:
                    moved.append((one, number))
                else:
                    batch.set_file(one, number)
            if done == len(changed):
                for one, number in moved:
                    batch.set_file(one, number)
                batch.drop_files(gone)
        on_progress(done, len(changed))
    if not changed:
        with place.store.writing() as batch:
            batch.drop_files(gone)


def _numbered(batch: Batch, part: Sequence[Source], place: _Place) -> Iterator[tuple[Source, int]]:
    """The blob of each file, indexed if nobody did so before."""
    unseen = [one for one in part if batch.blob(one.oid, one.language) is None]
    found = contents(unseen, place.disk, place.repo.git)
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
