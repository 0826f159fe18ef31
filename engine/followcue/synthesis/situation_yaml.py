"""A situation as YAML, as somebody would write it: to be read, and to be pasted into a test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml
from yaml.nodes import ScalarNode

from followcue.language.documents.yaml_nodes import TEXT_TAG, UNSEEN
from followcue.language.documents.yaml_text import resolve_plain

WIDTH = 110


class _DatesPlain(yaml.SafeDumper):
    """Writes dates without quotes: to followcue they are text that looks like a date."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - the base class has it so
        first: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:timestamp"]
        for first, found in yaml.SafeDumper.yaml_implicit_resolvers.items()
    }

    def ignore_aliases(self, data: Any) -> bool:
        """What occurs twice is written twice."""
        return True


def represent_text(dumper: yaml.SafeDumper, text: str) -> ScalarNode:
    """Text as PyYAML would write it, but quoted where YAML 1.2 reads it as something else (`0E0`).

    Quotes also hold escapes for what some readers take for the end of a line.
    """
    quoted = any(sign in text for sign in UNSEEN) or not isinstance(resolve_plain(text), str)
    return dumper.represent_scalar(TEXT_TAG, text, style='"' if quoted else None)


_DatesPlain.add_representer(str, represent_text)


def as_yaml(data: Mapping[str, Any]) -> str:
    """Plain data as YAML, each event on a line of its own, its keys in the order in which they stand."""
    return yaml.dump(
        dict(data),
        Dumper=_DatesPlain,
        sort_keys=False,
        width=WIDTH,
        default_flow_style=None,
        allow_unicode=True,
    )
