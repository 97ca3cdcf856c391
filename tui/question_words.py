"""A question that stopped the relay, in words: what it offers, by key and by word."""

from core.domain.phase import Phase
from core.domain.question import Choice, Question
from core.domain.state import RunState

_KEYS_OF_RETRIEVE = {
    Choice.WIDEN: "w tests and documents too",
    Choice.GO_ON: "y go on with what is listed",
}
_WORDS_OF_RETRIEVE = {
    Choice.WIDEN: "`widen` builds on tests and documents too",
    Choice.GO_ON: "`approve` goes on with what is listed",
}
_KEYS = {
    Choice.WIDEN: "w widen",
    Choice.DROP: "d drop",
    Choice.REFUSE: "n refuse",
    Choice.GO_ON: "y go on",
    Choice.AGAIN: "n ask again, e edit",
}
_WORDS = {
    Choice.WIDEN: "`widen` lets {task} do exactly this",
    Choice.DROP: "`drop` leaves these edits out",
    Choice.REFUSE: "`refuse` uses nothing of the reply",
    Choice.GO_ON: "`approve` takes it as it is",
    Choice.AGAIN: "`refuse NOTE` asks for it anew, and `review` edits or rejects its hunks first",
}


def is_settled(run: RunState) -> bool:
    """Whether an open question is answered by what the user did since."""
    if run.question is None:
        return False
    from core.engine import questions

    return questions.is_settled(run)


def asked_now(run: RunState, question: Question) -> str:
    """What a question says of the hunks as they are decided now."""
    if Choice.AGAIN not in question.choices:
        return question.text
    from core.engine.questions import about_size

    now = about_size(run)
    return now.text if now else question.text


def by_key(question: Question) -> str:
    """The answers as keys of the app."""
    keys = _KEYS_OF_RETRIEVE if question.phase is Phase.RETRIEVE else _KEYS
    return ", ".join(keys[choice] for choice in question.choices)


def by_option(question: Question) -> str:
    """The answers as `relaypair resume --answer` takes them."""
    return " or ".join(choice.value.replace(" ", "-") for choice in question.choices)


def by_word(question: Question) -> str:
    """The answers as words of the line mode, in one sentence."""
    words = _WORDS_OF_RETRIEVE if question.phase is Phase.RETRIEVE else _WORDS
    offers = [words[choice].format(task=question.task) for choice in question.choices]
    return "; ".join(offers) + "."
