"""A question that stopped the relay, in words: what it offers, by key and by word."""

from core.domain.question import Choice, Question

_KEYS = {
    Choice.WIDEN: "w widen",
    Choice.DROP: "d drop",
    Choice.REFUSE: "n refuse",
    Choice.GO_ON: "y go on",
    Choice.AGAIN: "n ask again  e edit",
}
_WORDS = {
    Choice.WIDEN: "`widen` lets {task} do exactly this",
    Choice.DROP: "`drop` leaves these edits out",
    Choice.REFUSE: "`refuse` uses nothing of the reply",
    Choice.GO_ON: "`approve` takes it as it is",
    Choice.AGAIN: "`refuse NOTE` asks for it anew, and `review` edits or rejects its hunks first",
}


def by_key(question: Question) -> str:
    """The answers as keys of the app."""
    return "  ".join(_KEYS[choice] for choice in question.choices)


def by_word(question: Question) -> str:
    """The answers as words of the line mode, in one sentence."""
    offers = [_WORDS[choice].format(task=question.task) for choice in question.choices]
    return "; ".join(offers) + "."
