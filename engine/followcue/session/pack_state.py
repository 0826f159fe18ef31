"""What is known of a pack whose texts are being edited: its mistakes, and the newest rules that compiled.

A state never changes. The next one is made of the texts as they are then and of the one before, whose rules
it keeps while the new ones have mistakes: what asks for rules is answered by the last that there were.
"""

from __future__ import annotations

from functools import cached_property

from followcue.authoring.editor.pack_names import PackNames, names_in_layers
from followcue.authoring.lint.fix import NameFix, is_better, name_fix, with_names_fixed
from followcue.base.clock import Clock
from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.base.gc_pause import gc_paused
from followcue.base.working_days import calendar_of
from followcue.evaluation.pipeline import LoadedPack, Options
from followcue.language.documents.read import read_document
from followcue.language.logic.compile_pack import CompiledPack, compile_pack
from followcue.session.name_index import NameIndex, index_layers
from followcue.session.pack_texts import PackTexts
from followcue.testing.read_scenarios import read_scenarios


class ReadyRules:
    """Rules that compiled, made ready for situations once they are asked for that."""

    def __init__(self, compiled: CompiledPack) -> None:
        self.compiled = compiled

    @cached_property
    def loaded(self) -> LoadedPack:
        """The same for evaluations."""
        return LoadedPack.of(self.compiled)


class PackState:
    """A pack at one moment: `problems` of its texts, and the newest rules that were `ready`, if any were."""

    def __init__(self, texts: PackTexts, before: PackState | None = None) -> None:
        self.texts = texts
        self.problems: tuple[Diagnostic, ...] = ()
        self.ready: ReadyRules | None = before.ready if before else None
        self._names_before: PackNames | None = None
        try:
            with gc_paused():
                self.ready = ReadyRules(compile_pack(texts.layers()))
        except InvalidInput as error:
            self.problems = error.diagnostics
            self._names_before = before.names if before else None

    def with_texts(self, texts: PackTexts) -> PackState:
        """The state with these texts; the same one if they are the same."""
        return self if texts == self.texts else PackState(texts, self)

    @cached_property
    def names(self) -> PackNames | None:
        """The names that its files may use; those from before while its vocabulary has mistakes."""
        try:
            return names_in_layers(self.texts.layers())
        except InvalidInput:
            return self._names_before

    @cached_property
    def index(self) -> NameIndex:
        """Where each name of its files stands."""
        try:
            layers = self.texts.layers()
        except InvalidInput:
            return NameIndex(())
        return NameIndex(index_layers(layers, self.names.vocabulary if self.names else None))

    # --- other texts, by these rules
    def problems_in_tests(self, text: str, name: str) -> tuple[Diagnostic, ...]:
        """The mistakes in a file of scenario tests; none while no rules ever compiled."""
        if self.ready is None:
            return ()
        try:
            read_scenarios(read_document(text, name), self.ready.loaded)
        except InvalidInput as error:
            return error.diagnostics
        return ()

    def problems_in_situation(self, text: str, name: str, today: Clock) -> tuple[Diagnostic, ...]:
        """The mistakes in a situation; none while no rules ever compiled."""
        if self.ready is None:
            return ()
        try:
            situation = self.ready.loaded.read(read_document(text, name), Options(today=today))
            calendar_of(situation.parameters)  # refuses holidays that nobody knows
        except InvalidInput as error:
            return error.diagnostics
        return ()

    def fix(self, problem: Diagnostic) -> NameFix | None:
        """The change that mends a mistake of these rules for certain, as `check --fix` makes it."""
        if problem.span is None or problem not in self.problems:
            return None
        texts = {
            folder.origin + name: content.decode(errors="replace")
            for folder in self.texts.folders
            for name, content in folder.files.items()
            if folder.origin + name == problem.span.file
        }
        found = name_fix(problem, texts)
        if found is None:
            return None
        after = PackState(self.texts.under(with_names_fixed(texts, [found])))
        return found if is_better(self.problems, after.problems, [found]) else None
