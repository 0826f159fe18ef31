"""Coverage as one page: the rule files, each line coloured by what the tests have seen of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Final

from followcue.testing.coverage.coverage import SORTS, Coverage, Share, percent
from followcue.testing.coverage.marked_source import File, Line, State
from followcue.testing.coverage.text import MARKS, NAMES

SAYS: Final[Mapping[State, str]] = {
    "": "",
    "seen": "all seen",
    "partly": "partly seen",
    "unseen": "never seen",
}

STYLE: Final = """\
:root { color-scheme: light dark; --ink: #1c1e21; --paper: #fff; --faint: #5f6570; --edge: #d5d9df;
  --seen: #e4f4e6; --seen-ink: #1d6b2a; --partly: #fdf3d3; --partly-ink: #7a5600;
  --unseen: #fde4e2; --unseen-ink: #a3231a; }
@media (prefers-color-scheme: dark) { :root {
  --ink: #e5e7ea; --paper: #16181b; --faint: #9aa1ab; --edge: #363b42;
  --seen: #16301b; --seen-ink: #7fd08c; --partly: #362c0e; --partly-ink: #e8c35a;
  --unseen: #3b1917; --unseen-ink: #f39a92; } }
body { margin: 0 auto; max-width: 76rem; padding: 1.5rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; }
table { border-collapse: collapse; } th, td { text-align: left; padding: .2rem 1rem .2rem 0; }
td.n { font-variant-numeric: tabular-nums; } thead th { border-bottom: 1px solid var(--edge); }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; } a { color: inherit; }
.code { border: 1px solid var(--edge); border-radius: .4rem; overflow-x: auto; padding: .4rem 0;
  font: .85rem/1.5 ui-monospace, monospace; }
.line { display: grid; grid-template-columns: 4rem 1.5rem 1fr; padding-right: 1rem; white-space: pre; }
.line > :first-child { color: var(--faint); text-align: right; padding-right: .6rem; user-select: none; }
.seen { background: var(--seen); } .partly { background: var(--partly); }
.unseen { background: var(--unseen); }
.seen .m { color: var(--seen-ink); } .partly .m { color: var(--partly-ink); }
.unseen .m { color: var(--unseen-ink); }
.tip { display: none; grid-column: 3; white-space: normal; color: var(--ink); margin: .2rem 0 .4rem;
  border-left: 3px solid currentColor; padding-left: .6rem; font: .85rem/1.5 system-ui, sans-serif; }
.line:hover .tip, .line:focus .tip, .line:focus-within .tip { display: block; }
.line:focus-visible { outline: 2px solid; outline-offset: -2px; }
.tip ul { margin: 0; padding-left: 1.1rem; } .no { color: var(--unseen-ink); } .off { color: var(--faint); }
@media print { .tip { display: block; } }
"""


def render(coverage: Coverage, files: Iterable[File]) -> str:
    """The page; nothing in it comes from elsewhere."""
    return "".join(_page(coverage, tuple(files)))


def _page(coverage: Coverage, files: tuple[File, ...]) -> Iterator[str]:
    share = coverage.share()
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield f"<title>Coverage: {percent(share.fraction)}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n"
    yield f"<h1>What the tests have seen of the rules: {percent(share.fraction)}</h1>\n"
    yield "<table>\n<thead><tr><th>of</th><th>seen</th><th>share</th></tr></thead>\n<tbody>\n"
    for sort in SORTS:
        yield _row(NAMES[sort], coverage.share(sort))
    yield "</tbody>\n</table>\n<p>"
    yield ". ".join(f'<span class="{state}"> {MARKS[state]} {SAYS[state]} </span>' for state in SAYS if state)
    yield ". A coloured line tells more when it is pointed at or has the focus.</p>\n"
    yield "<table>\n<thead><tr><th>file</th><th>seen</th><th>share</th></tr></thead>\n<tbody>\n"
    for number, file in enumerate(files):
        yield _row(f'<a href="#f{number}">{escape(file.name)}</a>', Share(file.seen, file.of))
    yield "</tbody>\n</table>\n"
    for number, file in enumerate(files):
        yield f'<section aria-labelledby="f{number}">\n<h2 id="f{number}">{escape(file.name)}</h2>\n'
        yield '<div class="code">\n'
        yield from map(_line, file.lines)
        yield "</div>\n</section>\n"
    yield "</body>\n</html>\n"


def _row(name: str, share: Share) -> str:
    shown = percent(share.fraction) if share.of else ""
    return (
        f'<tr><td>{name}</td><td class="n">{share.seen} of {share.of}</td><td class="n">{shown}</td></tr>\n'
    )


def _line(line: Line) -> str:
    text = escape(line.text) or " "
    cells = f'<span>{line.number}</span><span class="m">{MARKS[line.state]}</span><code>{text}</code>'
    if not line.items:
        return f'<div class="line">{cells}</div>\n'
    tip = f'<div class="tip" role="note">{"".join(_tips(line))}</div>'
    label = f"line {line.number}: {SAYS[line.state]}"
    return (
        f'<div class="line {line.state}" tabindex="0" role="group" aria-label="{label}">{cells}{tip}</div>\n'
    )


def _tips(line: Line) -> Iterator[str]:
    yield "<ul>"
    for item in line.items:
        for point in item.points:
            said = f"{escape(item.says)}: "
            if point.seen:
                yield f"<li>{said}{escape(point.name)}</li>"
            elif point.excused:
                yield f'<li class="off">{said}cannot be {escape(point.name)} ({escape(point.excused)})</li>'
            else:
                remark = f" ({escape(item.remark)})" if item.remark else ""
                yield f'<li class="no">{said}never {escape(point.name)}{remark}</li>'
    yield "</ul>"
