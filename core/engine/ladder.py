"""What follows when a reply does not pass: the same model once more, one step up, or the user.

The order is that of restrained retries: one with the error, then somebody stronger who begins
afresh, then a person. No path asks more often than `MOST` times before a person is asked.
"""

from enum import Enum, auto

from core.domain.route import Route

MOST = 3
"""Replies for one task of one phase, until the user is asked."""


class Step(Enum):
    """What to do about a reply that did not pass."""

    AGAIN = auto()
    """The same model, with the error."""
    UP = auto()
    """One step up the route, begun afresh."""
    ASK = auto()
    """The user: another model, an edit by hand, or going on without."""


def next_step(route: Route, failures: int, violations: int = 0) -> Step:
    """What follows the `failures`-th reply that did not pass; `violations` of them left the scope.

    Who leaves it twice needs it, or will not keep to it: the user says which, and nobody stronger
    is asked to guess.
    """
    if violations > 1:
        return Step.ASK
    if failures == 1:
        return Step.AGAIN
    return Step.UP if route.up and failures < MOST else Step.ASK


def is_up(route: Route, failures: int) -> bool:
    """Whether an attempt after so many failures begins one step up."""
    return bool(route.up) and failures >= MOST - 1
