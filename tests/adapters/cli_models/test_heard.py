import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.adapters.cli_models.builtin import BUILT_IN
from core.adapters.cli_models.heard import Heard, Lines, object_in, objects_in

KEYS = st.text(max_size=4) | st.sampled_from(
    [
        "type",
        "result",
        "usage",
        "item",
        "message",
        "content",
        "delta",
        "event",
        "error",
        "stats",
        "models",
        "tokens",
        "input_tokens",
        "msg",
        "modelUsage",
        "role",
        "response",
        "text",
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
KINDS = st.sampled_from(
    [
        "result",
        "assistant",
        "stream_event",
        "item.completed",
        "turn.completed",
        "turn.failed",
        "error",
        "init",
        "message",
        "agent_message",
        "token_count",
        "task_complete",
    ]
)
OBJECTS = st.builds(
    lambda kind, rest: rest | kind,
    st.fixed_dictionaries({}, optional={"type": KINDS}),
    st.dictionaries(KEYS, VALUES, max_size=5),
)


@pytest.mark.parametrize("name", BUILT_IN)
@given(objects=st.lists(OBJECTS, max_size=4))
def test_no_object_upsets_a_reader(name: str, objects: list[dict[str, object]]) -> None:
    heard = Heard()
    for said in objects:
        assert isinstance(BUILT_IN[name].reader(heard, said), str)
    assert isinstance(heard.reply + heard.error + heard.model + heard.stop, str)


@given(text=st.text(alphabet='{}[]",: \n\\a1\x1b', max_size=200))
def test_no_text_upsets_the_search_for_objects(text: str) -> None:
    assert all(isinstance(found, dict) for found in objects_in(text))
    object_in(text)


@given(
    objects=st.lists(st.dictionaries(st.text(), st.integers(), min_size=1), max_size=4),
    noise=st.sampled_from(["", "Loading…\n", "[WARN] ", "{not json}\n", "(1) "]),
    indent=st.sampled_from([None, 2]),
)
def test_objects_are_found_between_noise(
    objects: list[dict[str, int]], noise: str, indent: int | None
) -> None:
    text = "".join(f"{noise}{json.dumps(one, indent=indent)}\n" for one in objects)
    assert list(objects_in(text)) == objects


@given(text=st.text(), cuts=st.lists(st.integers(0, 400), max_size=6))
def test_lines_are_the_same_however_the_bytes_are_cut(text: str, cuts: list[int]) -> None:
    data = text.encode()
    edges = sorted({0, len(data), *(min(cut, len(data)) for cut in cuts)})
    whole, cut = Lines(), Lines()
    pieces = [data[a:b] for a, b in pairwise(edges)]
    fed = [line for piece in pieces for line in cut.feed(piece)]
    assert fed + cut.finish() == whole.feed(data) + whole.finish()
