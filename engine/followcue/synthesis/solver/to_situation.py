"""A solved tableau as a situation: the plain data that a situation file holds."""

from __future__ import annotations

from collections import Counter
from typing import Any

from followcue.base.rows import Value
from followcue.base.values import format_date
from followcue.evaluation.advice.value_text import as_written
from followcue.language.model.vocabulary import Kind, Vocabulary
from followcue.synthesis.solver.differences import Node
from followcue.synthesis.solver.solve import Solution
from followcue.synthesis.solver.tableau import Entity, Tableau


def names_of(tableau: Tableau) -> dict[Node, str]:
    """A speaking name for each word that is the key of a record or the id of an event."""
    names: dict[Node, str] = {}
    counted: Counter[str] = Counter()
    store = tableau.store
    scope = tableau.world.scope
    for entity in tableau.entities:
        key = scope if entity.kind.name == scope else "id"
        cell = entity.cells.get(key or "")
        if isinstance(cell, int) and store.find(cell) not in names:
            counted[entity.kind.name] += 1
            names[store.find(cell)] = f"{entity.kind.name}{counted[entity.kind.name]}"
    for entity in tableau.entities:
        for name, cell in entity.cells.items():
            if isinstance(cell, int) and store.bases[cell] == "text" and store.find(cell) not in names:
                counted[name] += 1
                names[store.find(cell)] = _worded(name, counted[name])
        for name, nodes in entity.members.items():
            for node in nodes:
                if store.bases[node] == "text" and store.find(node) not in names:
                    counted[name] += 1
                    names[store.find(node)] = _worded(name, counted[name])
    return names


def _worded(name: str, count: int) -> str:
    words = "some " + name.replace("_", " ")
    return words if count == 1 else f"{words} {count}"


def situation_data(tableau: Tableau, solution: Solution) -> dict[str, Any]:
    """The situation of a tableau; its events in the order of their moments."""
    return _Writer(tableau, solution).write()


class _Writer:
    """Writes one situation."""

    def __init__(self, tableau: Tableau, solution: Solution) -> None:
        self._tableau = tableau
        self._solution = solution
        self._vocabulary: Vocabulary = tableau.world.vocabulary
        self._scope = tableau.world.scope

    def write(self) -> dict[str, Any]:
        data: dict[str, Any] = {"as_of": format_date(self._solution.today)}
        data |= self._settings()
        records = [entity for entity in self._tableau.entities if entity.kind.role == "record"]
        if self._scope:
            data[self._vocabulary.kinds[self._scope].path[0]] = {}
        for entity in sorted(records, key=lambda entity: len(entity.kind.path)):
            self._put_record(data, entity)
        events = [entity for entity in self._tableau.entities if entity.kind.is_event]
        for entity in sorted(events, key=self._moment):
            self._put_event(data, entity)
        return data

    def _settings(self) -> dict[str, Any]:
        """The profile and the parameters that are not as the default profile has them."""
        settings: dict[str, Any] = {}
        given = self._tableau.world.parameters
        default = self._vocabulary.default_profile
        profile = str(given.get("profile", default))
        node = self._tableau.parameters.get("profile")
        if node is not None:
            profile = str(self._value(node))
        if profile != default:
            settings["profile"] = profile
        params = {}
        for name, node in sorted(self._tableau.parameters.items()):
            declared = self._vocabulary.parameters.get(name)
            if declared is None:
                continue
            value = self._value(node)
            if value != declared.profiles.get(profile, declared.value):
                params[name] = as_written(value, declared.type.base)
        return settings | ({"params": params} if params else {})

    def _put_record(self, data: dict[str, Any], entity: Entity) -> None:
        key = self._scope if entity.kind.name == self._scope else "id"
        place = self._holder(data, entity)
        *outer, last = entity.kind.path[self._depth(entity) :]
        for step in outer if entity.kind.single else (*outer, last):
            place = place.setdefault(step, {})
        name = last if entity.kind.single else str(self._cell(entity, key or ""))
        place[name] = {**place.get(name, {}), **self._fields(entity, (self._scope, "id"))}

    def _put_event(self, data: dict[str, Any], entity: Entity) -> None:
        scoped = self._scope is not None and isinstance(entity.cells.get(self._scope), int)
        paths = sorted(self._vocabulary.shape.events, key=len)
        if scoped and self._scope:
            depth = len(self._vocabulary.kinds[self._scope].path)
            path = next((p for p in paths if len(p) == depth + 1), paths[-1])
            place: dict[str, Any] = self._holder(data, entity)
        else:
            path, place = paths[0], data
        date = format_date(int(self._cell(entity, "date") or 0))
        entry = {"date": date, "event": entity.kind.name, **self._fields(entity, (self._scope, "date", "at"))}
        place.setdefault(path[-1], []).append(entry)

    def _depth(self, entity: Entity) -> int:
        if not self._scope or entity.kind.name == self._scope or not entity.kind.scoped:
            return 0
        return len(self._vocabulary.kinds[self._scope].path)

    def _holder(self, data: dict[str, Any], entity: Entity) -> dict[str, Any]:
        """The mapping in which an entity stands: the whole situation, or its record of the scope."""
        if not self._scope or entity.kind.name == self._scope or not entity.kind.scoped:
            return data
        place = data
        for step in self._vocabulary.kinds[self._scope].path:
            place = place.setdefault(step, {})
        found: dict[str, Any] = place.setdefault(str(self._cell(entity, self._scope)), {})
        return found

    def _fields(self, entity: Entity, leave_out: tuple[str | None, ...]) -> dict[str, Any]:
        """The fields that something is demanded of, in the order of the vocabulary."""
        order = ["id", *(field.name for field in entity.kind.fields), "note"]
        written: dict[str, Any] = {}
        for name in order:
            if name in leave_out:
                continue
            if isinstance(entity.cells.get(name), int):
                written[name] = as_written(self._cell(entity, name), _base(entity.kind, name))
            elif entity.members.get(name):
                base = _base(entity.kind, name)
                values = (as_written(self._value(node), base) for node in entity.members[name])
                written[name] = list(dict.fromkeys(values))
        return written

    def _cell(self, entity: Entity, name: str) -> Value:
        cell = entity.cells.get(name)
        return self._value(cell) if isinstance(cell, int) else None

    def _value(self, node: Node) -> Value:
        return self._solution.values[self._tableau.store.find(node)]

    def _moment(self, entity: Entity) -> tuple[int, int]:
        at = entity.cells["at"]
        assert isinstance(at, int)
        return int(self._value(at) or 0), entity.number


def _base(kind: Kind, name: str) -> Any:
    return next((field.type.base for field in kind.fields if field.name == name), "text")
