"""The rules of a desk as they are at a moment: as they were loaded, or of texts that are being edited."""

from __future__ import annotations

from functools import cached_property
from threading import Lock
from typing import NamedTuple

from followcue.base.diagnostic import Diagnostic
from followcue.evaluation.pipeline import LoadedPack
from followcue.session.pack_state import PackState
from followcue.session.pack_texts import PackTexts


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
        self._last: PackState | None = None

    def state(self, texts: PackTexts) -> PackState:
        """The state of the pack with these texts."""
        with self._lock:
            if self._last is None:
                self._last = self._first if texts != self._texts else PackState(texts)
            self._last = self._last.with_texts(texts)
            return self._last

    def in_force(self, texts: PackTexts) -> RulesInForce:
        """The rules that judge while the pack has these texts."""
        if self._loaded is not None and texts == self._texts:
            return RulesInForce(self._loaded)
        state = self.state(texts)
        return RulesInForce(state.ready.loaded if state.ready else None, state.problems)

    @cached_property
    def _first(self) -> PackState:
        """The state of the texts that were loaded, which are in force while the first edit has mistakes."""
        return PackState(self._texts)
