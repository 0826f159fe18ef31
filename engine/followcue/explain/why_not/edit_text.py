"""A change in words: what to add, take out, set or wait for, as one would write it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date

from followcue.base.values import looks_like_date
from followcue.evaluation.advice.report import Report
from followcue.evaluation.advice.window import calendar_day
from followcue.evaluation.report.wording import name_of, plain, relative, short_day, weekday
from followcue.evaluation.situation.situation import Situation
from followcue.explain.why_not.answer import ChangeStep, Counterfactual, Then
from followcue.explain.why_not.change_search import FoundChange
from followcue.explain.why_not.headline import in_short
from followcue.explain.why_not.situation_edits import Add, Put, Remove, Setting, SituationEdit, Wait, value_at
from followcue.language.documents.document import Document, Path, dotted
from followcue.language.model.vocabulary import CALENDAR, Vocabulary


class EditDescriber:
    """Describes edits of one situation."""

    def __init__(
        self, vocabulary: Vocabulary, situation: Situation, document: Document, report: Report
    ) -> None:
        self._vocabulary = vocabulary
        self._document = document
        self._report = report
        self._parameters = {p.name: p for p in CALENDAR} | dict(vocabulary.parameters)

    def change(self, solution: FoundChange) -> Counterfactual:
        """A solution in words."""
        line, merged = solution.line.recommendations[0], solution.line
        window = merged.window
        then = Then(
            line.scope,
            line.to,
            line.about,
            merged.status,
            calendar_day(window.open) if window.open is not None else None,
            calendar_day(window.due) if window.due is not None else None,
        )
        waits = [edit.day for edit in solution.edits if isinstance(edit, Wait)]
        as_of = waits[0] if waits else self._report.as_of
        steps = tuple(self._step(edit, len(solution.edits) == 1) for edit in solution.edits)
        text = _and(step.text for step in steps) + self._result(then, bool(waits), weekday)
        alone = len(steps) == 1
        in_words = (self._words(edit, alone) for edit in solution.edits)
        words = _and(in_words) + self._result(then, bool(waits), short_day)
        return Counterfactual(steps, text, as_of, then, solution.edits, words)

    def _result(self, then: Then, waited: bool, day: Callable[[date], str]) -> str:
        """What comes of it: with whom, and from when."""
        who = name_of(then.to, then.scope, self._report)
        if then.status == "upcoming" and then.open is not None:
            return f". It then opens on {day(then.open)}" + (f", to {who}." if who else ".")
        if waited:
            return "."
        due = f", by {day(then.due)}" if then.due else ""
        return f". It is then {then.status}{due}" + (f", to {who}." if who else ".")

    def _step(self, edit: SituationEdit, alone: bool) -> ChangeStep:
        match edit:
            case Wait(day):
                said = f"{weekday(day)} ({relative(day, self._report.as_of)})"
                text = f"wait: from {said} on, if nothing else happens" if alone else f"from {said} on"
                return ChangeStep("wait", text, "as_of", day.isoformat())
            case Add(path, scope, event):
                said = self._says(str(dict(event)["event"]))
                written = f"{{{', '.join(f'{key}: {_flow(value)}' for key, value in event)}}}"
                where = f" for {self._named(scope)}" if scope else ""
                text = f"add{where} `- {written}`" + (f" ({said})" if said else "")
                return ChangeStep("add event", text, dotted(path), dict(event))
            case Remove(path, scope):
                return ChangeStep("remove event", f"take out {self._event(path, scope)}", dotted(path))
            case Put(path, scope, kind, value):
                return ChangeStep("set", self._put(path, scope, kind, value), dotted(path), value)
            case Setting("profile", value):
                return ChangeStep("set parameter", f"choose the profile {value}", "profile", value)
            case Setting(name, value):
                says = self._parameters[name].says.rstrip(".")
                text = f"set the parameter {name} to {value}" + (f" ({says})" if says else "")
                return ChangeStep("set parameter", text, f"params.{name}", value)

    # --- the same for whoever writes no files
    def _words(self, edit: SituationEdit, alone: bool) -> str:
        match edit:
            case Wait(day):
                said = f"{short_day(day)} on ({relative(day, self._report.as_of)})"
                return f"wait: from {said}, if nothing else happens" if alone else f"from {said}"
            case Add(_, scope, event):
                told = dict(event)
                kind, day = str(told.pop("event")), date.fromisoformat(str(told.pop("date")))
                where = f" for {self._named(scope)}" if scope else ""
                said = "; ".join([f"{plain(kind)}, {short_day(day)}", *self._fields(told, scope)])
                return f"write down{where}: {said} ({self._says(kind)})"
            case Remove(path, scope):
                return f"take out {self._event_in_words(path, scope)}"
            case Put(path, scope, kind, dict(value)):
                inside = f" to {self._named(scope)}" if len(path) > 2 else ""
                said = "; ".join(self._fields(value, scope)) or str(path[-1])
                return f"add {'an' if kind[0] in 'aeiou' else 'a'} {plain(kind)}{inside}: {said}"
            case Put(path, scope, kind, value):
                [said] = self._fields({str(path[-1]): value}, scope)
                if self._vocabulary.kinds[kind].is_event:
                    return f"say of {self._event_in_words(path[:-1], scope)}: {said}"
                record = name_of(str(path[-2]), scope, self._report) or str(path[-2])
                of = f" of {self._named(scope)}" if scope and scope != str(path[-2]) else ""
                return f"say of the {plain(kind)} {record}{of}: {said}"
            case Setting("profile", value):
                return f"choose the profile {value}"
            case Setting(name, value):
                return f"reckon with {value} for “{self._parameters[name].says.rstrip('.') or plain(name)}”"

    def _fields(self, fields: Mapping[str, object], scope: str | None) -> list[str]:
        """Fields as one says them, with the names of those who are meant."""

        def said(value: object) -> str:
            if isinstance(value, list):
                return ", ".join(map(said, value))
            if isinstance(value, bool):
                return "yes" if value else "no"
            if looks_like_date(str(value)):
                return short_day(date.fromisoformat(str(value)))
            return (
                "to be filled in" if value == "..." else plain(name_of(str(value), scope, self._report) or "")
            )

        return [f"{plain(name)} {said(value)}" for name, value in fields.items() if name != "id"]

    def _event_in_words(self, path: Path, scope: str | None) -> str:
        entry = value_at(self._document.data, path)
        assert isinstance(entry, Mapping)
        where = f" ({self._named(scope)})" if scope else ""
        return f"“{plain(str(entry['event']))}” of {short_day(date.fromisoformat(str(entry['date'])))}{where}"

    def _put(self, path: Path, scope: str | None, kind: str, value: object) -> str:
        if isinstance(value, dict):
            fields = ", ".join(f"{key}: {_flow(inner)}" for key, inner in value.items())
            inside = f" to {self._named(scope)}" if len(path) > 2 else ""
            article = "an" if kind[0] in "aeiou" else "a"
            return f"add {article} {plain(kind)}{inside} `{path[-1]}: {{{fields}}}`"
        field = f"`{path[-1]}: {_flow(value)}`"
        if self._vocabulary.kinds[kind].is_event:
            return f"set {field} in {self._event(path[:-1], scope)}"
        record = name_of(str(path[-2]), scope, self._report) or str(path[-2])
        of = f" of {self._named(scope)}" if scope and scope != str(path[-2]) else ""
        return f"set {field} in the {plain(kind)} {record}{of}"

    def _event(self, path: Path, scope: str | None) -> str:
        entry = value_at(self._document.data, path)
        assert isinstance(entry, Mapping)
        span = self._document.span(path)
        place = f"{span.file}:{span.line}" if span else dotted(path)
        where = f" of {self._named(scope)}" if scope else ""
        return f"{plain(str(entry['event']))} {entry['date']}{where} ({place})"

    def _named(self, scope: str | None) -> str:
        return self._report.names.get(scope or "", scope or "")

    def _says(self, kind: str) -> str:
        return in_short(self._vocabulary.kinds[kind].says)


def _and(steps: Iterable[str]) -> str:
    """The steps as the beginning of a sentence."""
    text = "; and ".join(steps)
    return f"{text[0].upper()}{text[1:]}"


def _flow(value: object) -> str:
    """A value as it stands in YAML on one line."""
    if isinstance(value, str) and value.replace("-", "").replace("_", "").replace(" ", "").isalnum():
        return value
    if isinstance(value, list):
        return f"[{', '.join(map(_flow, value))}]"
    return json.dumps(value, ensure_ascii=False)
