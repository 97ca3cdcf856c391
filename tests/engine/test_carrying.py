from core.domain.hunk import FileEdit, FileOp, Hunk, HunkState
from core.engine.carrying import carried


def hunk(name: str, new: str, doubt: str = "", symbol: str = "def f") -> Hunk:
    return Hunk(name, "a.py", 1, ("    old = 1\n",), (new,), symbol=symbol, doubt=doubt)


def file(*hunks: Hunk) -> tuple[FileEdit, ...]:
    return (FileEdit("a.py", FileOp.MODIFY, "b", "b", False, hunks),)


KEPT = hunk("1", "    value = compute(1)\n")


def test_an_identical_hunk_keeps_its_decision() -> None:
    files, decisions = carried(file(KEPT), file(KEPT), {"1": HunkState.ACCEPTED})
    assert decisions == {"1": HunkState.ACCEPTED}
    assert files[0].hunks[0].flags == ()


def test_another_wording_of_a_decided_hunk_is_open_and_says_so() -> None:
    fresh = hunk("2", "    value = compute(2)\n")
    files, decisions = carried(file(KEPT), file(fresh), {"1": HunkState.ACCEPTED})
    assert "2" not in decisions
    assert files[0].hunks[0].flags == ("another wording was accepted",)


def test_another_change_of_the_same_definition_says_nothing() -> None:
    fresh = hunk("2", "    raise NotImplementedError\n")
    files, _ = carried(file(KEPT), file(fresh), {"1": HunkState.ACCEPTED})
    assert files[0].hunks[0].flags == ()


def test_the_same_wording_in_another_definition_says_nothing() -> None:
    fresh = hunk("2", "    value = compute(2)\n", symbol="def g")
    files, _ = carried(file(KEPT), file(fresh), {"1": HunkState.ACCEPTED})
    assert files[0].hunks[0].flags == ()


def test_a_doubtful_hunk_starts_rejected_and_is_open_once_it_is_certain() -> None:
    doubtful = hunk("1", "    x = 2\n", doubt="a string")
    _, decisions = carried((), file(doubtful), {})
    assert decisions == {"1": HunkState.REJECTED}
    certain = hunk("1", "    x = 2\n")
    _, decisions = carried(file(doubtful), file(certain), decisions)
    assert decisions == {}
