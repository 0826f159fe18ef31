"""The site, made of the pages as they are in the repository: `nox -s site`.

The source folder is the root of the repository, so that a link leads to the same file here as there. What
Markdown on a code host knows and Sphinx does not is put right while a page is read: a link to a folder leads
to what that folder says of itself, and the first page gets the list of all others.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "engine"))

from followcue.base.version import __version__  # noqa: E402

project = "followcue"
author = "The followcue contributors"
copyright = author
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc"]
root_doc = "README"
include_patterns = [
    "*.md",
    "docs/*.md",
    "docs/codes/*.md",
    "docs/decisions/*.md",
    "docs/site/*.md",
    "benchmarks/README.md",
    "examples/packs/*.md",
    "examples/packs/*/*.md",
    "editors/vscode/README.md",
]
exclude_patterns = [".*", "**/.*", "**/node_modules", "site"]
myst_heading_anchors = 4
# Shown texts may be wrong on purpose.
suppress_warnings = ["misc.highlighting_failure"]
default_role = "code"
autodoc_typehints = "description"
autodoc_member_order = "bysource"
python_use_unqualified_type_names = True

html_theme = "furo"
html_title = f"followcue {version}"
html_copy_source = False
html_show_sphinx = False
html_theme_options = {"top_of_page_buttons": []}

FIRST_PAGE_LIST = """

```{toctree}
:hidden:
:caption: A person

docs/for-a-person
docs/workbench
docs/static-page
docs/journal
docs/walkthrough
docs/three-weeks
docs/steps
docs/why
docs/why-not
docs/plan
docs/calendars
docs/drafts
docs/html
docs/import
```

```{toctree}
:hidden:
:caption: An author

docs/for-an-author
docs/tutorial
docs/language
docs/reference
docs/guidance
docs/tests
docs/checking
docs/diff
docs/verify
docs/catalogue
docs/editors
editors/vscode/README
examples/packs/README
docs/from-other-engines
```

```{toctree}
:hidden:
:caption: A program

docs/from-any-language
docs/embedding
docs/site/api
docs/service
docs/assistants
docs/batch
docs/replay
docs/limits
docs/hostile-input
SECURITY
```

```{toctree}
:hidden:
:caption: The project

docs/is-it-for-you
docs/architecture
docs/performance
docs/sizing
benchmarks/README
docs/decisions/README
CONTRIBUTING
docs/releasing
CHANGELOG
docs/site/codes
```
"""

TRY = """

<p><a href="try/index.html">Try it in this browser</a>: the engine runs in it, and nothing leaves it.</p>

"""

LISTS = {
    root_doc: FIRST_PAGE_LIST,
    "docs/decisions/README": "\n\n```{toctree}\n:hidden:\n:glob:\n\n0*\n```\n",
    "examples/packs/README": "\n\n```{toctree}\n:hidden:\n:glob:\n\n*/README\n```\n",
}

PICTURE = re.compile(
    r"""<picture>\s*<source[^>]*srcset="(?P<dark>[^"]+)">\s*"""
    r"""<img alt="(?P<alt>[^"]*)" src="(?P<light>[^"]+)" width="(?P<width>\d+)">\s*</picture>"""
)
FOLDER = re.compile(r"\[(?P<said>[^\]\n]*)\]\((?P<to>[^)#\s]+?)/?\)")


def put_right(app: Any, name: str, text: list[str]) -> None:
    """What a page means where it is read by Sphinx."""
    folder = (ROOT / name).parent

    def leading_to_a_page(link: re.Match[str]) -> str:
        target = folder / link["to"]
        if "://" in link["to"] or not target.is_dir():
            return link[0]
        page = target / "README.md"
        return f"[{link['said']}]({link['to']}/README.md)" if page.exists() else link["said"]

    text[0] = PICTURE.sub(_both, FOLDER.sub(leading_to_a_page, text[0])) + LISTS.get(name, "")
    if name == "docs/site/codes":
        text[0] += _codes()
    elif name == root_doc and app.tags.has("try"):
        heading, rest = text[0].split("\n", 1)
        text[0] = heading + TRY + rest
    elif name.startswith("docs/codes/"):
        # Beside every page, the list of all codes would make each of them three times as long.
        text[0] = f"---\norphan: true\n---\n{text[0]}"


def _codes() -> str:
    """A link to the page of each code, as its heading says it."""
    pages = sorted((ROOT / "docs/codes").glob("FC*.md"))
    headings = ((page.name, page.read_text("utf-8").partition("\n")[0].removeprefix("# ")) for page in pages)
    return "\n" + "".join(f"- [{heading}](../codes/{name})\n" for name, heading in headings)


def _both(picture: re.Match[str]) -> str:
    """The picture of each scheme, of which the theme shows one."""
    return "".join(
        f"```{{image}} {picture[scheme]}\n:class: only-{scheme}\n:alt: {picture['alt']}\n"
        f":width: {picture['width']}px\n```\n\n"
        for scheme in ("light", "dark")
    )


def begin_at_the_first_page(app: Any, exception: Exception | None) -> None:
    """Let the address of the folder lead to the first page."""
    if exception is None and app.builder.name == "html":
        goes_on = f'<meta http-equiv="refresh" content="0; url={root_doc}.html">'
        page = f"<!doctype html>{goes_on}<title>{project}</title>\n"
        Path(app.outdir, "index.html").write_text(page, "utf-8")


def setup(app: Any) -> None:
    """What is done besides building."""
    app.connect("source-read", put_right)
    app.connect("build-finished", begin_at_the_first_page)
