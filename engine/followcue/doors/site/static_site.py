"""A site as its files: the page, the worker, the archives, and what one reads until these are there."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from followcue.doors.example_files import EXAMPLES, example_files
from followcue.doors.site.engine_archive import engine_files, licences
from followcue.doors.site.frozen_engine import ENGINE, LIBRARY, RUNTIME, VERSION, freeze
from followcue.doors.site.page_engine import PLAN, SITE, SitePlan
from followcue.doors.site.site_desk import desk_of
from followcue.language.documents.decode import decode
from followcue.language.folders import shipped_layers

MARK = '<meta name="generator" content="followcue site">'
"""What the first page of a site tells itself by."""

POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; "
    "style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'"
)
"""What the page may load, and from where: nothing leaves for anywhere but the place that it came from."""

_HEADERS = f"""\
/*
  Content-Security-Policy: {POLICY}; frame-ancestors 'none'
  Referrer-Policy: no-referrer
  X-Content-Type-Options: nosniff
"""

_STYLE = """\
#meanwhile { display: none; max-width: 40rem; margin: 0 auto 4rem; padding: 0 1rem; }
#page:has(> .starting) { min-height: 0; }
#page:has(> .starting) + #meanwhile { display: block; }
#page > .starting { margin: 4rem auto 1.5rem; }
#meanwhile ol { display: grid; gap: 1rem; padding-inline-start: 1.5rem; }
#meanwhile p { margin: 0.2rem 0; }
"""


def site_files(rules: Sequence[str], packs: Sequence[str], runtime: str) -> dict[str, bytes]:
    """The files of a site by their paths, over these folders and packs, with Pyodide as it lies in `runtime`.

    Raises `InvalidInput` with every mistake in the rules, `UnknownPack`, `Unavailable`, and `NotFrozen`.
    """
    shipped_layers(packs)
    folders = _by_name(rules)
    examples = _examples(rules)
    # The shortest is the one to begin with.
    names = sorted(examples, key=lambda name: (len(examples[name]), name))
    plan = SitePlan(tuple(folders), tuple(packs), tuple(names))
    sources = engine_files()
    given = _files_in(folders) | {PLAN: _as_json(plan)}
    given |= {f"{EXAMPLES}/{name}.yaml": text.encode() for name, text in examples.items()}
    sources |= {f"{SITE}{name}": content for name, content in given.items()}
    meanwhile = _meanwhile(rules, plan, examples)
    frozen = freeze(sources, runtime)
    found = {f"pyodide/{name}": (Path(runtime) / name).read_bytes() for name in RUNTIME}
    found |= {f"pyodide/{LIBRARY}": frozen.library, ENGINE: frozen.engine}
    found["sizes.js"] = _sizes(found)
    page = files("followcue.doors") / "page"
    found |= dict(_inside(page))
    scripts = [name for name in found if name.startswith("assets/") and name.endswith(".js")]
    found["index.html"] = _index(found["index.html"].decode(), sorted(scripts), meanwhile)
    found["licences.txt"] += _licences().encode()
    found["assets/site.css"] = _STYLE.encode()
    found["worker.js"] = (files("followcue.doors.site") / "worker.js").read_bytes()
    found["_headers"] = _HEADERS.encode()
    return dict(sorted(found.items()))


# --- what a site is made of
def _by_name(rules: Sequence[str]) -> dict[str, Path]:
    """The folders by what a page calls them: where they lie on this machine is nobody's business."""
    found: dict[str, Path] = {}
    for given in map(Path, rules):
        name = given.resolve().name or "rules"
        number = 2
        while name in found:
            name = f"{given.resolve().name}-{number}"
            number += 1
        found[name] = given
    return found


def _files_in(folders: Mapping[str, Path]) -> dict[str, bytes]:
    """The files that make up packs: rules, words, tests, messages and examples."""
    found: dict[str, bytes] = {}
    for name, folder in folders.items():
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(folder).as_posix()
            is_hidden = any(part.startswith((".", "_")) for part in inside.split("/"))
            if path.is_file() and path.suffix in (".yaml", ".yml", ".j2", ".json") and not is_hidden:
                found[f"{name}/{inside}"] = path.read_bytes()
    return found


def _examples(rules: Sequence[str]) -> dict[str, str]:
    """The texts of situations to look at, by their names: those of the folders, or else the shipped ones."""
    found = list(example_files(rules)) or example_files(())
    return {name: decode(content, file) for name, file, content in found}


def _as_json(plan: SitePlan) -> bytes:
    return json.dumps(plan._asdict(), ensure_ascii=False).encode()


# --- the page
def _index(page: str, scripts: Sequence[str], meanwhile: str) -> bytes:
    """The first page: as the server has it, but that a worker answers it, and with something to read.

    All scripts are fetched at once: later there may be no network.
    """
    policy = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    head = [f'<link rel="modulepreload" href="./{name}">' for name in scripts if f"./{name}" not in page]
    head.append('<link rel="stylesheet" href="./assets/site.css">')
    page = _put(
        page, '<meta name="followcue-host" content="http">', '<meta name="followcue-host" content="worker">'
    )
    page = _put(page, '<meta charset="utf-8">', f'<meta charset="utf-8">\n{MARK}\n{policy}')
    page = _put(page, "</head>", "\n".join([*head, "</head>"]))
    page = _put(page, "<noscript>", f"{meanwhile}\n<noscript>")
    return page.encode()


def _put(page: str, old: str, new: str) -> str:
    assert page.count(old) == 1, f"the page has {page.count(old)} times {old}"
    return page.replace(old, new)


def _meanwhile(rules: Sequence[str], plan: SitePlan, examples: Mapping[str, str]) -> str:
    """What the first example comes to, to be read until the engine is there."""
    desk = desk_of(plan._replace(rules=tuple(rules)), examples)
    advice = desk.answer("advice", {})
    items = "\n".join(_item(card) for card in advice["cards"])
    about = desk.settings.examples[plan.examples[0]].about
    day, headline = (escape(advice["sentences"][name] or "") for name in ("day", "headline"))
    return (
        f'<section id="meanwhile" aria-label="An example">\n<h1>What to do next</h1>\n'
        f'<p class="quiet">For example, on {day}: {_says(about)}</p>\n'
        + (f"<p>{headline}</p>\n" if headline else "")
        + f"<ol>\n{items}\n</ol>\n</section>"
    )


def _says(text: str) -> str:
    """A text in which names and pieces of a file stand in backticks."""
    pieces = escape(text).split("`")
    return "".join(f"<code>{piece}</code>" if place % 2 else piece for place, piece in enumerate(pieces))


def _item(card: Mapping[str, Any]) -> str:
    said = " · ".join(escape(one) for one in (card["scope_name"], card["by_words"]) if one)
    told = "".join(f"<p>{escape(one)}</p>" for one in (card["why"], *card["do"]) if one)
    return f'<li><h2>{escape(card["title"])}</h2><p class="quiet">{said}</p>{told}</li>'


def _sizes(found: Mapping[str, bytes]) -> bytes:
    """How much a browser fetches before it is ready, in bytes."""
    return f"export const BYTES = {sum(map(len, found.values()))};\n".encode()


def _licences() -> str:
    told = [
        f"Pyodide {VERSION} (https://pyodide.org)\n\nMozilla Public License 2.0, https://mozilla.org/MPL/2.0/"
    ]
    told.append(
        "Python (https://www.python.org)\n\nPSF License Agreement, https://docs.python.org/3/license.html"
    )
    told += (f"{package}\n\n{text.strip()}" for package, text in licences())
    return "".join(f"\n\n{'-' * 80}\n\n{one}\n" for one in told)


def _inside(folder: Traversable, prefix: str = "") -> Iterator[tuple[str, bytes]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _inside(entry, f"{prefix}{entry.name}/")
        else:
            yield f"{prefix}{entry.name}", entry.read_bytes()
