import pytest

from core.domain.errors import Refused
from core.domain.goal import Budget, Scope
from core.domain.hunk import Refusal
from core.domain.repository import RepositoryState
from core.edits.staging import Staged
from core.engine.intake import review_events


def test_a_change_of_which_nothing_can_be_reviewed_is_refused_with_its_reason() -> None:
    staged = Staged((), (Refusal("a.bin", "the file is binary"), Refusal("b", "the file is gone")))
    state = RepositoryState("/r", "main", "0" * 40, "clean")

    with pytest.raises(Refused, match=r"a\.bin: the file is binary \(and 1 more\)"):
        list(review_events("x.patch", staged, state, Scope(), Budget()))
