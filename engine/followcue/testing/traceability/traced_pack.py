"""The way from rule folders to their traceability: load the rules, run their tests, trace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from followcue.evaluation.pipeline import load_pack
from followcue.language.folders import read_folder, shipped_folder, shipped_layers
from followcue.testing.coverage.figures import Figures, figures_of
from followcue.testing.find import find_tests
from followcue.testing.names import remarks_in
from followcue.testing.suite import read_suite, run_suite
from followcue.testing.traceability.trace import Traceability, item_texts, trace


class TracedPack(NamedTuple):
    """What was traced, and the figures of the tests that ran for it."""

    found: Traceability
    figures: Figures


def traced_pack(folders: Sequence[str] = (), packs: Sequence[str] = (), *, cache: bool = True) -> TracedPack:
    """The traceability of the rules in the packs and folders with their tests, or of the shipped pack.

    Packs alone are traced together with the shipped pack that they lie on, and with its tests.
    """
    loaded = load_pack(*folders, packs=packs, cache=cache)
    documents = find_tests((), folders, packs)
    if packs and not folders:
        documents += find_tests(())
    results = run_suite(read_suite(documents, loaded), loaded)
    says = item_texts([shipped_folder(), *shipped_layers(packs), *map(read_folder, folders)])
    remarks = {item: said for document in documents for item, said in remarks_in(document).items()}
    return TracedPack(trace(loaded.pack, says, results, remarks), figures_of(results, loaded.pack))
