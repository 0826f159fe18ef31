"""A page as text: a template with its styles and scripts inside, and a policy that admits no others."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, Protocol

from followcue.base.extras import Unavailable, require
from followcue.base.terminal import steering

LINKS = ("https://", "http://")
"""What an address begins with that a page links to."""


class HtmlUnavailable(Unavailable):
    """The template library is not installed."""


class Fill(Protocol):
    """Fills a template, named as a file of this package, with values; whatever is filled in is escaped."""

    def __call__(self, template: str, values: Mapping[str, object]) -> str:
        """The page."""


def filler(
    *,
    styles: Sequence[str],
    scripts: Sequence[str] = (),
    words: Mapping[str, Callable[..., object]] | None = None,
) -> Fill:
    """What makes pages of these styles and scripts, named as files of this package; `words` are filters.

    A page's policy allows the styles and scripts by their content, and nothing else: no other script, no
    request, no form. Raises `HtmlUnavailable`.
    """
    environment = _environment()
    from markupsafe import Markup  # it comes with the template library

    environment.filters.update(words or {})
    # Neither holds `</`, so that nothing in them could end the element in which they stand.
    style, script = ("".join(map(_file, names)) for names in (styles, scripts))
    common = {"style": Markup(style), "script": Markup(script), "policy": _policy(style, script)}

    def fill(template: str, values: Mapping[str, object]) -> str:
        page: str = environment.get_template(template).render(values, **common)
        return page

    return fill


def visible(text: str) -> str:
    """Text without signs that could steer what shows it: those become `�`."""
    return steering().sub("�", text)


def _environment() -> Any:
    require("html", HtmlUnavailable)
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    return Environment(
        loader=FunctionLoader(_file),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_written,
    )


@cache
def _file(name: str) -> str:
    return (files("followcue.evaluation.report.web_page") / name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    allowed = [f"style-src {_hash(style)}", *([f"script-src {_hash(script)}"] if script else [])]
    return "; ".join(["default-src 'none'", *allowed, "base-uri 'none'", "form-action 'none'"])


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _written(value: object) -> object:
    """What is filled in as text; a value marked as safe was made by a template itself."""
    return visible(value) if type(value) is str else value
