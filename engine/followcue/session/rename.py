"""A name called otherwise wherever it stands, if nothing that is advised changes with it but the name.

Idea: the places of the name become the new one in all texts at once, the pack is compiled anew, and both
packs are asked about the situations of all tests, which were renamed as well. Only what is a name in what
they say may differ.

    rename grace -> patience       vocabulary.yaml 14:3, late.yaml 8:40, tests/late.yaml 3:12
    before  remind: open 2026-11-13       after  remind: open 2026-11-13       the same: renamed
    rename grace -> day            "within {grace}" becomes "within {day}", a variable of that rule
    before  within 3 days                 after  within 2026-11-10             refused, with what would change

Invariant: what is answered compiles, its tests come out as they did, and the advice differs in names alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from followcue.authoring.versions.blame import Blame
from followcue.authoring.versions.change_text import ChangeDescriber
from followcue.authoring.versions.report_changes import AdviceChange, Key, ReportEntry, changes, entries
from followcue.base.diagnostic import Diagnostic, InvalidInput, Span
from followcue.evaluation.advice.report import Report
from followcue.language.model.vocabulary import CALENDAR, STEPS
from followcue.session.name_index import NamePlace
from followcue.session.pack_bench import GiveUp, PackBench, go_on
from followcue.session.text_change import TextChange, with_changes
from followcue.testing.coverage.coverage import excusable
from followcue.testing.mutation.declared_equivalent import claims_in
from followcue.testing.mutation.mutants import mutants_of
from followcue.testing.scenario import Scenario

OF_EVERY_PACK = frozenset(parameter.name for parameter in (*CALENDAR, *STEPS))
"""Parameters that are read by their names, whoever declares them."""

MOST_TOLD = 3
"""So many situations that would be advised otherwise are told of."""


class Renamed(NamedTuple):
    """The changes that call a name otherwise, the bench with them, and what is left to do by hand."""

    changes: tuple[TextChange, ...]
    bench: PackBench
    by_hand: tuple[str, ...] = ()


def renamed(bench: PackBench, file: str, line: int, column: int, to: str, give_up: GiveUp = go_on) -> Renamed:
    """The name at a place called otherwise; raises `InvalidInput` where that cannot be, or changes advice."""
    place = _renamable(bench, file, line, column, to)
    changed = [TextChange(one.span, to) for one in bench.index.all(place.sort, place.name)]
    after = _with(bench, changed)
    _ = after.loaded  # raises what would be wrong then
    if in_claims := _in_claims(bench, after, place.name, to):
        changed += in_claims
        after = _with(bench, changed)
    _Comparison(bench, after, place, to, word_of(place.name)).refuse_other_advice(give_up)
    return Renamed(tuple(dict.fromkeys(changed)), after, tuple(_by_hand(bench, place, to)))


def word_of(name: str) -> re.Pattern[str]:
    """A name where it stands in a text as a word of its own."""
    return re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])")


def _renamable(bench: PackBench, file: str, line: int, column: int, to: str) -> NamePlace:
    """The name at a place; raises `InvalidInput` for one that cannot be called like this."""
    place = bench.index.at(file, line, column)
    if place is None:
        raise _refusal("there is no name here that rules or tests know", Span(file, line, column))
    if to == place.name:
        raise _refusal(f"it is called `{to}` already", place.span)
    if place.sort == "parameter" and place.name in OF_EVERY_PACK:
        raise _refusal(f"every pack knows `{place.name}` by this name", place.span)
    if taken := bench.index.declared(place.sort, to):
        raise _refusal(f"there is a `{to}` already", place.span, related=(("here", taken[0].span),))
    for one in bench.index.all(place.sort, place.name):
        if one.span.file not in bench.own_files:
            message = f"`{place.name}` stands in {one.span.file} as well, which cannot be changed here"
            raise _refusal(message, place.span, related=(("here", one.span),))
        if not _is_written(bench, one):
            message = f"`{place.name}` is written here in a way that cannot be changed"
            raise _refusal(message, one.span)
    if not bench.index.declared(place.sort, place.name):
        raise _refusal(f"nothing declares `{place.name}`", place.span)
    return place


def _is_written(bench: PackBench, place: NamePlace) -> bool:
    """Whether the characters at a place are those of the name."""
    line = bench.lines(place.span.file)[place.span.line - 1]
    return line[place.span.column - 1 :][: place.span.length] == place.name


def _refusal(message: str, span: Span, related: tuple[tuple[str, Span], ...] = ()) -> InvalidInput:
    return InvalidInput([Diagnostic("FC610", message, span, related=related)])


def _with(bench: PackBench, changed: list[TextChange]) -> PackBench:
    """The bench with these changes."""
    files = {change.span.file for change in changed}
    texts = with_changes({name: bench.text(name) for name in files}, changed)

    def now(of: Mapping[str, str]) -> dict[str, str]:
        return {name: texts.get(name, text) for name, text in of.items()}

    rules = {name: text for name, text in texts.items() if bench.kind(name) in ("rules", "vocabulary")}
    return bench.with_texts(bench.state.texts.under(rules), now(bench.tests), now(bench.situations))


# --- what tests say of changes that no situation can show
def _in_claims(bench: PackBench, after: PackBench, name: str, to: str) -> list[TextChange]:
    """The name in the words of claimed changes, wherever the renamed rules are changed in these words."""
    word = word_of(name)
    said = claims_in(bench.documents, bench.loaded.pack.rules)
    claims = [claim for claim in said if word.search(claim.says)]
    if not claims:
        return []
    rules = {to if claim.rule == name else claim.rule for claim in claims}
    loaded = after.loaded
    known = {mutant.name for mutant in mutants_of(loaded, rules)} | excusable(loaded, rules)
    found: list[TextChange] = []
    for claim in claims:
        rule = to if claim.rule == name else claim.rule
        if (rule, claim.says) not in known and (rule, word.sub(to, claim.says)) in known:
            key = claim.where.as_key()
            for hit in word.finditer(claim.says):
                span = key.problem("", "", (hit.start(), hit.end() - hit.start())).span
                found += [TextChange(span, to)] if span else []
    return found


# --- advice
class _Comparison(NamedTuple):
    """The bench before and after, the place of the name, what it is called then, and where it is a word."""

    before: PackBench
    after: PackBench
    place: NamePlace
    to: str
    word: re.Pattern[str]

    def refuse_other_advice(self, give_up: GiveUp) -> None:
        """Raises `InvalidInput` with the first situations that would be advised otherwise."""
        told: list[tuple[str, Span]] = []
        count = asked = 0
        for one, other in zip(self.before.scenarios, self.after.scenarios, strict=True):
            give_up()
            pairs = zip(one.checks, self.before.ran(one).grounds, self.after.ran(other).grounds, strict=True)
            for check, old, new in pairs:
                asked += 1
                differing = self.differing(old.report, new.report)
                if not differing and self._came_out_alike(one, other):
                    continue
                count += 1
                if count <= MOST_TOLD and check.where.span:
                    told.append((self._said(differing), check.where.span))
        if count:
            are = "is" if count == 1 else "are"
            message = f"with `{self.to}` here, {count} of {asked} situations {are} advised otherwise"
            raise _refusal(message, self.place.span, tuple(told))

    def _came_out_alike(self, one: Scenario, other: Scenario) -> bool:
        return self.before.result(one).passed == self.after.result(other).passed

    def differing(self, before: Report, after: Report) -> tuple[AdviceChange, ...]:
        """What one report says otherwise than the other, but for the name."""
        old = entries(before, self.before.loaded.pack)
        new = entries(after, self.after.loaded.pack)
        if old == new:
            return ()
        # The new one, too: a warning may have the name as a word that is none.
        return changes(dict(map(self._called, old.items())), dict(map(self._called, new.items())))

    def _called(self, entry: tuple[Key, ReportEntry]) -> tuple[Key, ReportEntry]:
        """What is said, with the new name in the place of the one of before."""
        key, fields = entry
        if key.sort == "warning":
            return key._replace(name=self.word.sub(self.to, key.name)), fields
        if self.place.sort == "action" and key.name == self.place.name:
            return key._replace(name=self.to), fields
        if self.place.sort in ("source", "item"):
            return key, {field: self._cited(value) for field, value in fields.items()}
        return key, fields

    def _cited(self, value: object) -> object:
        """The sources of an action, with the new name of one of them or of an item."""
        sort, name = self.place.sort, self.place.name
        if not isinstance(value, list):
            return value
        return [
            {**one, sort: self.to} if isinstance(one, dict) and one.get(sort) == name else one
            for one in value
        ]

    def _said(self, differing: tuple[AdviceChange, ...]) -> str:
        words = ChangeDescriber((), self.after.loaded.pack.vocabulary.shape.scope or "scope")
        if not differing:
            return "the test comes out otherwise"
        said = words.told(differing[0], Blame({"": ()}))
        return " ".join([said.kind, said.what, *said.fields])


def _by_hand(bench: PackBench, place: NamePlace, to: str) -> Iterator[str]:
    """What stands in no rules: messages, which are named after actions and may name anything."""
    files = bench.beside.files
    if place.sort == "action" and place.name in files:
        path = files[place.name].place
        yield f"call the file {path} `{to}` as well"
    word = word_of(place.name)
    for file in files.values():
        if place.sort in ("parameter", "kind") and word.search(file.read()):
            yield f"{file.place} may mean `{place.name}`: look whether it is to be `{to}`"
