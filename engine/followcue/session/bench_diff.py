"""What a bench advises otherwise than the one before: what `diff` says of tests and open situations."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from followcue.authoring.versions.compare import Compared, compare
from followcue.authoring.versions.declared_places import places_in_layers
from followcue.authoring.versions.named_situations import NamedSituation, distinct, of_tests
from followcue.authoring.versions.pack_edits import PackEdit, pack_edits
from followcue.language.documents.read import read_document
from followcue.session.pack_bench import GiveUp, PackBench, go_on


def edits_between(before: PackBench, now: PackBench) -> tuple[PackEdit, ...]:
    """Every difference of meaning, with its places; raises `InvalidInput` where there are mistakes."""
    places = (places_in_layers(bench.state.texts.layers()) for bench in (before, now))
    return pack_edits(before.loaded, now.loaded, *places)


def compared(
    before: PackBench, now: PackBench, as_of: date | None = None, give_up: GiveUp = go_on
) -> Compared:
    """Whose advice changes, and by which edits; an open situation without a day is looked at on `as_of`.

    Raises `InvalidInput` where one of the two has mistakes.
    """
    edits = edits_between(before, now)
    return compare(
        before.loaded, now.loaded, edits, distinct(_asked(before, now, as_of)), lambda _: give_up()
    )


def _asked(before: PackBench, now: PackBench, as_of: date | None) -> Iterator[NamedSituation]:
    for name, text in now.situations.items():
        document = read_document(text, name)
        dated = isinstance(document.data, dict) and "as_of" in document.data
        yield NamedSituation(name, document, None if dated else as_of)
    for bench in (before, now):
        yield from of_tests(bench.scenarios)
