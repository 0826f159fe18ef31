"""The rules of a desk as they are at a moment: as they were loaded, or of texts that are being edited."""

from __future__ import annotations

from threading import Lock
from typing import NamedTuple

from followcue.authoring.lint.check import MessagesBeside
from followcue.base.diagnostic import Diagnostic
from followcue.evaluation.pipeline import LoadedPack
from followcue.session.pack_bench import PackBench, Texts
from followcue.session.pack_state import PackState
from followcue.session.pack_texts import PackTexts

KEPT = 3
"""So many moments are kept: the saved texts, those of a page, and those of another page."""


class RulesInForce(NamedTuple):
    """The rules that judge; `before`: the texts of now have `problems`, and these are the newest without."""

    loaded: LoadedPack | None
    problems: tuple[Diagnostic, ...] = ()

    @property
    def before(self) -> bool:
        """Whether these are the rules of before the last edit."""
        return bool(self.problems)


class RulesKeeper:
    """Keeps what was made of the last texts of one pack; safe to ask from several threads at once."""

    def __init__(self, texts: PackTexts, loaded: LoadedPack | None) -> None:
        """`loaded` are the rules in `texts`, if somebody has loaded them already."""
        self._texts = texts
        self._loaded = loaded
        self._lock = Lock()
        self._states: list[PackState] = []
        self._benches: list[PackBench] = []

    def state(self, texts: PackTexts) -> PackState:
        """The state of the pack with these texts."""
        with self._lock:
            return self._state(texts)

    def in_force(self, texts: PackTexts) -> RulesInForce:
        """The rules that judge while the pack has these texts."""
        if self._loaded is not None and texts == self._texts:
            return RulesInForce(self._loaded)
        state = self.state(texts)
        return RulesInForce(state.ready.loaded if state.ready else None, state.problems)

    def bench(self, texts: PackTexts, tests: Texts, situations: Texts, beside: MessagesBeside) -> PackBench:
        """What an author asks questions of while these are the texts."""
        with self._lock:
            state = self._state(texts)
            for one in self._benches:
                if one.state is state and one.tests == tests and one.situations == situations:
                    found = one
                    break
            else:
                last = self._benches[-1] if self._benches else PackBench(state, {}, {}, beside)
                found = last.with_state(state, tests, situations)
            self._benches = [*(one for one in self._benches if one is not found), found][-KEPT:]
            return found

    def _state(self, texts: PackTexts) -> PackState:
        found = next((one for one in self._states if one.texts == texts), None)
        if found is None:
            # Those that were loaded are in force while the first edit has mistakes.
            before = self._states[-1] if self._states else PackState(self._texts)
            found = before.with_texts(texts)
        self._states = [*(one for one in self._states if one is not found), found][-KEPT:]
        return found
