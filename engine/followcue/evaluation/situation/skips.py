"""Skips: what a person has decided not to be advised, for good or until a day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from followcue.base.named_tuple import NamedTuple
from followcue.evaluation.situation.fields import UNFIT, Days, Refusal, converter, described, in_words, refuse
from followcue.evaluation.situation.mistakes import Mistakes
from followcue.language.documents.document import Path
from followcue.language.model.vocabulary import Type, Vocabulary

SKIPS = "skips"
"""The key at the top of a situation file under which they stand."""


class Skip(NamedTuple):
    """Advice that is not wanted: an action, for whom and about what (None: any), until a day (None: ever).

    `until` is a day number: on that day the advice is back. `place` says where it stands.
    """

    action: str
    scope: str | None
    to: str | None
    about: str | None
    until: int | None
    because: str | None
    place: str

    def covers(self, action: str, scope: str | None, to: str | None, about: str | None, today: int) -> bool:
        """Whether this advice is not wanted on the day `today`."""
        return (
            self.action == action
            and self.scope in (None, scope)
            and self.to in (None, to)
            and self.about in (None, about)
            and (self.until is None or today < self.until)
        )


class SkipReader:
    """Reads the skips of situations of one vocabulary."""

    def __init__(self, vocabulary: Vocabulary, days: Days) -> None:
        text = Type("text", "text")
        scope = vocabulary.shape.scope
        self._scope = scope
        self._types = {
            "action": Type("action", "text", choices=tuple(vocabulary.actions)),
            **({scope: text} if scope else {}),
            "to": text,
            "about": text,
            "until": Type("date", "date"),
            "because": text,
        }
        self._convert = {name: converter(type, days) for name, type in self._types.items()}
        kinds = vocabulary.kinds.values()
        self._holder = next((kind.path[0] for kind in kinds if kind.name == scope), None)
        self._people = tuple(kind.path[-1] for kind in kinds if kind.role == "record" and len(kind.path) > 1)

    def read(self, data: Mapping[str, object], mistakes: Mistakes) -> tuple[Skip, ...]:
        """The skips of one situation; what is wrong with them goes to `mistakes`."""
        listed = data.get(SKIPS)
        if listed is None:
            return ()
        if not isinstance(listed, list):
            hint = "begin each with `- `" if isinstance(listed, dict) else None
            mistakes.add(
                Refusal("FC501", f"`{SKIPS}` must be a list, not {described(listed)}", hint), (SKIPS,)
            )
            return ()
        return tuple(self._skips(listed, data, mistakes))

    def _skips(self, listed: list[object], data: Mapping[str, object], mistakes: Mistakes) -> Iterator[Skip]:
        for index, entry in enumerate(listed):
            path: Path = (SKIPS, index)
            if not isinstance(entry, dict):
                actions = self._types["action"].choices
                meant = entry if entry in actions else next(iter(actions), "…")
                hint = f"write it as `- {{action: {meant}}}`"
                mistakes.add(
                    Refusal("FC501", f"a skip must be a mapping, not {described(entry)}", hint), path
                )
            elif "action" not in entry:
                mistakes.add(Refusal("FC503", "a skip needs `action`", "say which: `action: …`"), path)
            else:
                yield self._skip(entry, path, data, mistakes)

    def _skip(
        self, entry: Mapping[str, object], path: Path, data: Mapping[str, object], mistakes: Mistakes
    ) -> Skip:
        found = {}
        for name, written in entry.items():
            type = self._types.get(name)
            if type is None:
                hint = mistakes.nearest(name, self._types)
                mistakes.add(Refusal("FC502", f"a skip has no `{name}`", hint), (*path, name), key=True)
                continue
            if written is None and name != "action":  # as if it were left out
                continue
            try:
                found[name] = self._convert[name](written)
            except UNFIT:
                place = (*path, name)
                if name == "action" and isinstance(written, str):
                    mistakes.names_nothing(written, self._no_action(written, mistakes), place)
                else:
                    mistakes.add(refuse(name, type, written, written=mistakes.written(place)), place)
        self._check_names(found, path, data, mistakes)
        scope = found.get(self._scope or "")
        words = [found.get(name) for name in ("action", "to", "about", "until", "because")]
        action, to, about, until, because = words
        return Skip(
            str(action or ""),
            scope if isinstance(scope, str) else None,
            to if isinstance(to, str) else None,
            about if isinstance(about, str) else None,
            until if isinstance(until, int) else None,
            because if isinstance(because, str) else None,
            mistakes.where(path),
        )

    def _no_action(self, name: object, mistakes: Mistakes) -> Refusal:
        near = mistakes.nearest(name, self._types["action"].choices)
        return Refusal("FC509", f"there is no action {described(name)}", near)

    def _check_names(
        self, found: Mapping[str, object], path: Path, data: Mapping[str, object], mistakes: Mistakes
    ) -> None:
        """The record of the scope and the person that are named must be there."""
        records = data.get(self._holder or "")
        records = records if isinstance(records, dict) else {}
        scope, to = found.get(self._scope or ""), found.get("to")
        if scope is not None and scope not in records:
            message = f"`{self._scope}`: there is no {in_words(str(self._scope))} {described(scope)}"
            hint = mistakes.nearest(scope, map(str, records))
            mistakes.names_nothing(scope, Refusal("FC505", message, hint), (*path, str(self._scope)))
            return
        if to is None or not self._people:
            return
        held = [records[scope]] if scope is not None else list(records.values())
        people = {
            str(key)
            for record in held
            if isinstance(record, dict)
            for name in self._people
            if isinstance(inside := record.get(name), dict)
            for key in inside
        }
        if to not in people:
            where = f" in {in_words(str(self._scope))} `{scope}`" if scope is not None else ""
            message = f"`to`: there is nobody called {described(to)}{where}"
            refusal = Refusal("FC505", message, mistakes.nearest(to, people))
            mistakes.names_nothing(to, refusal, (*path, "to"))
