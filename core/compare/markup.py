"""Sections of a report as Markdown, and as one HTML file that needs nothing else."""

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from core.compare.report import Dots, Section, Table, shown
from core.domain import invisible
from core.record.estimates import median

_WIDTH = 40
"""Characters of a line of dots."""
_LETTER, _SPAN, _RIGHT, _ROW = 8, 420, 110, 26
"""Pixels: a letter of an arm's name, the scale, what is said beside it, and one arm's line."""
_LONG = 40
"""Characters of a cell that may be broken into lines."""

_STYLE = """
:root{color-scheme:light dark}
body{font:15px/1.5 system-ui,sans-serif;max-width:75rem;margin:2rem auto;padding:0 1rem;
color:#222;background:#fff;overflow-wrap:break-word}
table,figure{display:block;overflow-x:auto;margin:1rem 0}table{border-collapse:collapse}
th,td{border:1px solid #bbb;padding:.25rem .6rem;text-align:left;vertical-align:top}
th{background:#eee}td{white-space:nowrap}
td.long{white-space:normal;overflow-wrap:anywhere;min-width:18rem}
svg{display:block}svg text{font:13px system-ui,sans-serif;fill:currentColor}
.dot{stroke:#1f5fa8;stroke-width:1.5;fill:#1f5fa8;fill-opacity:.6}.hollow{fill:none}
.scale{stroke:#bbb}.median{stroke:#b3261e;stroke-width:3}
@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}th{background:#2a2a2a}
th,td{border-color:#484848}.scale{stroke:#666}
.dot{stroke:#7fb2ee;fill:#7fb2ee}.hollow{fill:none}.median{stroke:#ff8a80}}
"""


def as_markdown(sections: Sequence[Section]) -> str:
    """The report for reading as text."""
    lines: list[str] = []
    for number, section in enumerate(sections):
        lines += [f"{'##' if number else '#'} {_plain(section.heading)}", ""]
        for part in section.content:
            if isinstance(part, Table):
                lines += [_row(part.head), _row("---" for _ in part.head)]
                lines += [_row(map(_plain, row)) for row in part.rows]
            elif isinstance(part, Dots):
                lines += ["```text", *_text_dots(part), "```"]
            else:
                lines.append(_plain(part))
            lines.append("")
    return "\n".join(lines)


def as_html(sections: Sequence[Section]) -> str:
    """The report as one file: no script, nothing loaded from anywhere."""
    body = "\n".join(line for n, section in enumerate(sections) for line in _html(section, n))
    title = _escaped(sections[0].heading)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{title}</title>"
        f"<style>{_STYLE}</style></head><body>\n{body}\n</body></html>\n"
    )


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _plain(text: str) -> str:
    """Text on one line, in which nothing is markup."""
    return re.sub(r"[\\|<>*_\[\]#`]", lambda found: f"\\{found.group()}", " ".join(text.split()))


def _text_dots(dots: Dots) -> Iterator[str]:
    width = max(len(arm) for arm, _ in dots.arms)
    yield f"{dots.measure.name}, 0 to {shown(dots.measure, dots.most)}"
    for arm, values in dots.arms:
        cells = [" "] * (_WIDTH + 1)
        middle = median([value for _, value, _ in values])
        for _, value, is_success in values:
            at = round(_WIDTH * value / dots.most)
            cells[at] = "●" if is_success else "○" if cells[at] == " " else cells[at]
        if middle is None:
            yield f"{arm:<{width}} nothing known"
            continue
        bar = round(_WIDTH * middle / dots.most)
        cells[bar] = "|" if cells[bar] == " " else cells[bar]
        yield f"{arm:<{width}} {''.join(cells)}  {shown(dots.measure, middle)}"


def _escaped(text: str) -> str:
    """Text in which nothing is markup, and nothing is read otherwise than it is shown."""
    return escape(invisible.shown(text))


def _html(section: Section, number: int) -> Iterator[str]:
    level = 2 if number else 1
    yield f"<h{level}>{_escaped(section.heading)}</h{level}>"
    for part in section.content:
        if isinstance(part, Table):
            yield "<table><thead><tr>"
            yield "".join(f'<th scope="col">{_escaped(cell)}</th>' for cell in part.head)
            yield "</tr></thead><tbody>"
            for row in part.rows:
                yield f"<tr>{''.join(map(_cell, row))}</tr>"
            yield "</tbody></table>"
        elif isinstance(part, Dots):
            yield f"<figure>{_svg(part)}</figure>"
        else:
            yield f"<p>{_escaped(part).replace(chr(10), '<br>')}</p>"


def _cell(text: str) -> str:
    kind = ' class="long"' if len(text) > _LONG else ""
    return f"<td{kind}>{_escaped(text)}</td>"


def _svg(dots: Dots) -> str:
    name, most = dots.measure.name, shown(dots.measure, dots.most)
    left = _LETTER * (2 + max(len(name), *(len(arm) for arm, _ in dots.arms)))
    end, height = left + _SPAN, _ROW * (len(dots.arms) + 1)
    parts = [
        f'<svg role="img" width="{end + _RIGHT}" height="{height}">',
        f"<title>{escape(name)} of each run by arm, 0 to {escape(most)}</title>",
        f'<text x="0" y="16">{escape(name)}</text><text x="{left}" y="16">0</text>'
        f'<text x="{end}" y="16" text-anchor="end">{escape(most)}</text>',
    ]
    for number, (arm, values) in enumerate(dots.arms, 1):
        y = _ROW * number + _ROW // 2
        parts.append(f'<text x="0" y="{y + 4}">{escape(arm)}</text>')
        parts.append(f'<line class="scale" x1="{left}" x2="{end}" y1="{y}" y2="{y}"></line>')
        for goal, value, is_success in values:
            told = escape(f"{goal}: {shown(dots.measure, value)}")
            kind = "dot" if is_success else "dot hollow"
            x = left + _SPAN * value / dots.most
            parts.append(
                f'<circle class="{kind}" cx="{x:.1f}" cy="{y}" r="5"><title>{told}</title></circle>'
            )
        middle = median([value for _, value, _ in values])
        if middle is not None:
            x = left + _SPAN * middle / dots.most
            parts.append(
                f'<line class="median" x1="{x:.1f}" x2="{x:.1f}" y1="{y - 9}" y2="{y + 9}"></line>'
                f'<text x="{end + 10}" y="{y + 4}">{escape(shown(dots.measure, middle))}</text>'
            )
        else:
            parts.append(f'<text x="{end + 10}" y="{y + 4}">nothing known</text>')
    return "".join([*parts, "</svg>"])
