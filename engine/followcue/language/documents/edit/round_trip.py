"""The last resort: a text that a round-trip library reads, changes and lays out anew, comments included."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from typing import Any

from followcue.language.documents.edit.extra import needed


def laid_out_anew(text: str, change: Callable[[Any], Any], *, json: bool) -> str | None:
    """The text after a change; None where the library cannot do it either."""
    if json:
        return None
    needed("ruamel.yaml")
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    library = YAML()
    library.preserve_quotes = True
    library.width = 4096
    library.indent(mapping=2, sequence=4, offset=2)
    out = StringIO()
    try:
        data = change(library.load(text))
        library.dump(data, out)
    except (YAMLError, LookupError, TypeError, AttributeError, ValueError):
        return None
    return out.getvalue()
