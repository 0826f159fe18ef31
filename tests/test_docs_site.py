"""The site: every page is in its list, all of the API on its page, and nothing comes from elsewhere."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

import followcue

ROOT = Path(__file__).parents[1]
SITE = ROOT / "docs/site"


def settings() -> ModuleType:
    spec = importlib.util.spec_from_file_location("site_settings", SITE / "conf.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_page_is_listed_once() -> None:
    listed = re.findall(r"(?m)^([A-Za-z][\w/-]*)$", settings().FIRST_PAGE_LIST)
    pages = [
        *ROOT.glob("docs/*.md"),
        *(ROOT / f"{name}.md" for name in ("SECURITY", "CONTRIBUTING", "CHANGELOG")),
    ]
    assert len(listed) == len(set(listed))
    assert {str(page.relative_to(ROOT).with_suffix("")) for page in pages} <= set(listed)


def test_all_of_the_api_is_on_its_page() -> None:
    shown = re.findall(
        r"\.\. auto(?:function|class):: followcue\.(\w+)", (SITE / "api.md").read_text("utf-8")
    )
    assert sorted(shown) == sorted(set(followcue.__all__) - {"__version__"})


def test_links_to_folders_and_pictures_of_both_schemes_are_put_right() -> None:
    text = ["[examples](../examples), [why](decisions/), [page](why.md)\n" + PICTURE]
    settings().put_right(None, "docs/x", text)
    assert "examples, [why](decisions/README.md), [page](why.md)" in text[0]
    assert re.findall(r"\{image\} (\S+)\n:class: only-(\w+)", text[0]) == [
        ("l.png", "light"),
        ("d.png", "dark"),
    ]


@pytest.mark.parametrize("is_there", [True, False])
def test_the_first_page_leads_to_the_page_to_try_only_where_it_is_made(is_there: bool) -> None:
    app = SimpleNamespace(tags=SimpleNamespace(has={"try": is_there}.__getitem__))
    text = ["# followcue\n\nWhat it is.\n"]
    settings().put_right(app, "README", text)
    assert text[0].startswith("# followcue\n")
    assert ('href="try/index.html"' in text[0]) == is_there


PICTURE = """<picture>
  <source media="(prefers-color-scheme: dark)" srcset="d.png">
  <img alt="A picture" src="l.png" width="300">
</picture>
"""


@pytest.mark.programs
def test_the_site_is_made_and_asks_for_nothing_from_elsewhere(tmp_path: Path) -> None:
    if not importlib.util.find_spec("sphinx"):
        pytest.skip("the extra `site` is not installed: `nox -s docs` makes the site")
    made = tmp_path / "site"
    command = ("-m", "sphinx", "-W", "-j", "2", "-q", "-c", "docs/site", ".", str(made))
    subprocess.run([sys.executable, *command], cwd=ROOT, check=True, timeout=300)
    assert_whole(made)
    shutil.rmtree(made)


def assert_whole(made: Path) -> None:
    """A search and both schemes are there, a page for each code, and every request stays on the site."""
    pages = [*made.rglob("*.html")]
    assert {page.stem for page in (ROOT / "docs/codes").glob("FC*.md")} <= {page.stem for page in pages}
    assert (made / "searchindex.js").exists()
    for page in pages:
        text = page.read_text("utf-8")
        asked = re.findall(r"""<(?:script|img|iframe|source)[^>]*\ssrc=["']([^"']+)""", text)
        asked += re.findall(
            r"""<link[^>]*rel=["'](?:stylesheet|preload|icon)["'][^>]*href=["']([^"']+)""", text
        )
        assert not [address for address in asked if re.match(r"(https?:)?//", address)], page
    style = "".join(path.read_text("utf-8") for path in made.rglob("*.css"))
    assert "prefers-color-scheme:dark" in style.replace(" ", "")
    assert not re.findall(r"url\(['\"]?(?:https?:)?//|@import", style)
