"""A kept report made again, and held against what is there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import unified_diff
from typing import Any, NamedTuple

from followcue.authoring.versions.kept_report import Given, Kept
from followcue.authoring.versions.pack_edits import pack_edits
from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.base.limits import USUAL, Limits
from followcue.evaluation.pipeline import LoadedPack, Options, evaluate, load_pack
from followcue.evaluation.report import as_json
from followcue.evaluation.report.provenance import Provenance
from followcue.language.documents.read import read_document

SECTIONS = ("steps", "cautions", "actions", "conclusions", "warnings")
"""The parts of a report that are lists."""

NAMING: Mapping[str, tuple[str, ...]] = {
    "steps": ("id",),
    "cautions": ("action", "to", "about"),
    "actions": ("action", "to", "about"),
    "conclusions": ("fact", "fields"),
}
"""By which keys, beside the one of the scope, an entry of each part is the same in another report."""


class Cause(NamedTuple):
    """Something that a report depends on and that has changed; `details` are lines that say more."""

    what: str
    old: str
    new: str
    details: tuple[str, ...] = ()


class EntryDifference(NamedTuple):
    """An entry that is `gained` (no `old`), `lost` (no `new`), or has other values in `fields`."""

    section: str
    entry: str
    old: object
    new: object
    fields: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """What happened to the entry."""
        if self.old is None:
            return "gained"
        return "lost" if self.new is None else "changed"


class Replayed(NamedTuple):
    """What came of it: the report `text` as it is made now, and all that is not as it was.

    `same`: every byte is the same.
    """

    same: bool
    text: str
    causes: tuple[Cause, ...] = ()
    differences: tuple[EntryDifference, ...] = ()


def replay(
    kept: Kept,
    given: Given,
    *,
    rules: Sequence[str] | None = None,
    was: Sequence[str] = (),
    cache: bool = True,
    limits: Limits = USUAL,
) -> Replayed:
    """The report made again, of the situation that is given, by the rules that it names or by other `rules`.

    `was` are folders with the rules as they were: then every edit since is told. Raises what evaluating
    raises, and `InvalidInput` if `was` are not the rules that the report was made by.
    """
    options = kept.provenance.options
    folders = options.rules if rules is None else tuple(rules)
    loaded = load_pack(*folders, packs=options.packs, cache=cache)
    document = read_document(given.raw, given.name, limits)
    asked = Options(kept.as_of, options.profile, options.parameters, missed=options.missed, limits=limits)
    report = evaluate(loaded, document, asked)
    made = Provenance(given.input, loaded.pack.layers, options._replace(rules=folders))
    text = as_json.render(report, made)
    told = _edits(kept, loaded, was, cache)
    if text.encode() == kept.raw:
        return Replayed(True, text)
    data: dict[str, Any] = json.loads(text)
    anew = _said_anew(kept, data, made)
    causes = (*_causes(kept, data, made, told, anew), *_of_layout(kept, data))
    is_older = kept.provenance.followcue != made.followcue
    found = _differences(kept.data, data, report.scope_key, anew, is_older)
    return Replayed(False, text, causes, tuple(found))


def _said_anew(kept: Kept, new: Mapping[str, Any], made: Provenance) -> Mapping[str, frozenset[str]]:
    """What an older program did not say yet: whole parts, with no keys, and keys of the entries of a part."""
    if kept.provenance.followcue == made.followcue:
        return {}
    found: dict[str, frozenset[str]] = {}
    for section in SECTIONS:
        if section not in kept.data:
            found[section] = frozenset()
        elif kept.data[section] and section in NAMING:
            known = {key for entry in kept.data[section] for key in entry}
            found[section] = frozenset(key for entry in new[section] for key in entry) - known
    return {section: keys for section, keys in found.items() if keys or section not in kept.data}


def _names_grounds(data: Mapping[str, Any]) -> bool:
    """Whether reasons of a report name records or conclusions."""
    entries = (entry for section in _WITH_REASONS for entry in data[section])
    return any("kind" in reason for entry in entries for reason in entry["because"])


def _edits(kept: Kept, loaded: LoadedPack, was: Sequence[str], cache: bool) -> tuple[str, ...]:
    """Every edit of the rules since, where the old ones are at hand."""
    if not was:
        return ()
    before = load_pack(*was, packs=kept.provenance.options.packs, cache=cache)
    if before.pack.version != kept.data["rules_version"]:
        message = f"these are not the rules of the report: their version is {before.pack.version}"
        hint = f"the report was made by version {kept.data['rules_version']}"
        raise InvalidInput([Diagnostic("FC622", message, hint=hint, place=was[-1])])
    return tuple(f"{edit}{_places(edit.old, edit.new)}" for edit in pack_edits(before, loaded))


def _places(old: str, new: str) -> str:
    places = ", ".join(dict.fromkeys(filter(None, (old, new))))
    return f" ({places})" if places else ""


# --- causes
def _causes(
    kept: Kept,
    new: Mapping[str, Any],
    made: Provenance,
    told: tuple[str, ...],
    anew: Mapping[str, frozenset[str]],
) -> Iterator[Cause]:
    old, was = kept.data, kept.provenance
    if was.followcue != made.followcue:
        parts = [f"`{key}` of {section}" for section, keys in anew.items() for key in sorted(keys)]
        parts = [f"`{section}`" for section, keys in anew.items() if not keys] + parts
        if _names_grounds(new) and not _names_grounds(old):
            parts.append("records and conclusions in `because`")
        details = (f"reports say since then: {', '.join(parts)}",) if parts else ()
        yield Cause("followcue", was.followcue, made.followcue, details)
    if old["rules_version"] != new["rules_version"]:
        yield Cause("rules", f"version {old['rules_version']}", f"version {new['rules_version']}", told)
    if was.layers != made.layers:
        yield Cause("layers", ", ".join(was.layers), ", ".join(made.layers))
    if was.options.rules != made.options.rules:
        yield Cause("folders of rules", _listed(was.options.rules), _listed(made.options.rules))
    if was.input != made.input:
        name = "situation" if was.input.name == made.input.name else f"situation {made.input.name}"
        yield Cause(name, was.input.sha256[:12], made.input.sha256[:12], _lines(was.input, made.input))
    if old.get("profile") != new.get("profile"):
        yield Cause("profile", str(old.get("profile")), str(new.get("profile")))
    before, after = old.get("parameters", {}), new.get("parameters", {})
    for name in dict.fromkeys((*before, *after)):
        if before.get(name) != after.get(name):
            yield Cause(f"parameter {name}", _value(before.get(name)), _value(after.get(name)))


def _of_layout(kept: Kept, new: Mapping[str, Any]) -> Iterator[Cause]:
    """The same data in other bytes: someone wrote the report anew."""
    if kept.data == new:
        yield Cause("layout", "written by something else", "as `followcue` writes it")


def _lines(old: Any, new: Any) -> tuple[str, ...]:
    """The lines that changed, if both texts are there."""
    if old.text is None or new.text is None:
        return ()
    found = unified_diff(old.text.splitlines(), new.text.splitlines(), "then", "now", n=0, lineterm="")
    return tuple(found)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"


def _value(value: object) -> str:
    return "none" if value is None else str(value)


# --- differences
def _differences(
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    scope_key: str,
    anew: Mapping[str, frozenset[str]],
    is_older: bool,
) -> Iterator[EntryDifference]:
    """What is other in each part, but for what an older program did not say yet (`anew`)."""
    for section in SECTIONS:
        left_out = anew.get(section)
        if left_out is not None and not left_out:
            continue
        before, after = (_entries(section, data.get(section, ()), scope_key) for data in (old, new))
        if left_out:
            after = {
                name: {key: value for key, value in entry.items() if key not in left_out}
                for name, entry in after.items()
            }
        if is_older and section in _WITH_REASONS:
            after = {name: _with_events_alone(entry, before.get(name)) for name, entry in after.items()}
        for key in dict.fromkeys((*after, *before)):
            was, now = before.get(key), after.get(key)
            if was != now:
                yield EntryDifference(section, key, was, now, _fields(was, now))


def _with_events_alone(entry: dict[str, Any], kept: Mapping[str, Any] | None) -> dict[str, Any]:
    """The entry with the reasons that a program told that named events alone; as it is if it named others."""
    if kept is None or any("kind" in reason for reason in kept["because"]):
        return entry
    return entry | {"because": [reason for reason in entry["because"] if "kind" not in reason]}


_WITH_REASONS = ("actions", "cautions")


def _entries(section: str, entries: Sequence[Any], scope_key: str) -> dict[str, Any]:
    """The entries of one part by what makes each the same in another report, in words."""
    name: Callable[[Any], str] = str if section == "warnings" else lambda one: _name(one, section, scope_key)
    found: dict[str, Any] = {}
    for entry in entries:
        called = key = name(entry)
        number = 1
        while key in found:
            number += 1
            key = f"{called} ({number})"
        found[key] = entry
    return found


def _name(entry: Mapping[str, Any], section: str, scope_key: str) -> str:
    what, *others = NAMING[section]
    said = str(entry.get(what))
    for word, value in ((scope_key, entry.get(scope_key)), *((name, entry.get(name)) for name in others)):
        if isinstance(value, dict):
            said += "".join(f", {name} {_value(one)}" for name, one in value.items())
        elif value is not None:
            said += f", {word} {value}"
    return said


def _fields(old: Any, new: Any) -> tuple[str, ...]:
    if not isinstance(old, dict) or not isinstance(new, dict):
        return ()
    return tuple(name for name in dict.fromkeys((*new, *old)) if old.get(name) != new.get(name))
