import pytest

from tui.sanitise import LONG_LINE, code_line, fitted, middle_cut, one_line, text_lines, visible


@pytest.mark.parametrize(
    ("raw", "safe"),
    [
        ("\x1b]0;title\x07", "<U+001B>]0;title<U+0007>"),
        ("a\x9b31mb", "a<U+009B>31mb"),
        ("x\u202ey", "x<U+202E>y"),
        ("a\u200bb", "a<U+200B>b"),
        ("tag\U000e0041", "tag<U+E0041>"),
        ("no\u00a0break", "no<U+00A0>break"),
        ("bad\udce9byte", "bad<U+DCE9>byte"),
        ("\u3164", "<U+3164>"),
        ("[link=x]y[/link] [@click=app.quit]", "[link=x]y[/link] [@click=app.quit]"),
        ("日本 é ok", "日本 é ok"),
    ],
)
def test_what_cannot_be_seen_is_written_out(raw: str, safe: str) -> None:
    assert visible(raw) == safe


def test_every_control_character_is_written_out() -> None:
    controls = "".join(map(chr, [*range(32), *range(127, 160)]))

    assert not set(visible(controls)) & set(controls)


def test_one_line_keeps_words_apart_where_lines_ended() -> None:
    assert one_line("first\r\n  second\tthird\n") == "first second third"


def test_a_code_line_loses_its_end_and_shows_an_inner_return() -> None:
    assert code_line("\tx = 1\r\n") == "    x = 1"
    assert code_line("a\rb\n") == "a<U+000D>b"


def test_a_long_line_is_cut_and_the_rest_is_counted() -> None:
    assert code_line("x" * (LONG_LINE + 7)) == "x" * LONG_LINE + " ... 7 more characters"


def test_text_lines_are_split_at_line_feeds_only() -> None:
    assert text_lines("a\u2028b\nc") == ("a<U+2028>b", "c")


@pytest.mark.parametrize("cells", [0, 1, 3, 5, 9, 40])
def test_fitted_text_takes_exactly_its_cells(cells: int) -> None:
    from rich.cells import cell_len

    assert cell_len(fitted("日本語のテキスト", cells)) == cells


def test_a_path_keeps_its_end() -> None:
    assert middle_cut("core/adapters/git.py", 10) == "..s/git.py"
