"""The values of all parameters: of the pack, then the profile, the file's `params` and the options."""

from __future__ import annotations

from collections.abc import Mapping

from followcue.base.diagnostic import InvalidInput
from followcue.base.extras import is_there
from followcue.base.rows import Value
from followcue.base.working_days import COUNT, HOLIDAYS, calendar_of
from followcue.evaluation.situation.fields import UNFIT, Days, Refusal, converter, described, refuse
from followcue.evaluation.situation.mistakes import Mistakes
from followcue.language.documents.plain import Path
from followcue.language.model.vocabulary import CALENDAR, Vocabulary


class ParameterReader:
    """Reads profiles and parameters of one vocabulary."""

    __slots__ = ("_by_profile", "_converters", "_default", "_known")

    def __init__(self, vocabulary: Vocabulary) -> None:
        days = Days()
        self._known = {p.name: p for p in CALENDAR} | dict(vocabulary.parameters)
        self._converters = {name: converter(p.type, days) for name, p in self._known.items()}
        self._default = vocabulary.default_profile
        self._by_profile = {
            profile: {name: p.profiles.get(profile, p.value) for name, p in self._known.items()}
            | {"profile": profile}
            for profile in (*vocabulary.profiles, vocabulary.default_profile)
        }

    def read(
        self,
        data: Mapping[str, object],
        profile: str | None,
        options: Mapping[str, object] | None,
        mistakes: Mistakes,
    ) -> tuple[str, Mapping[str, Value]]:
        """The profile's name and every parameter's value."""
        chosen = self._profile(data, profile, mistakes)
        values = self._by_profile[chosen]
        written = data.get("params")
        if written is None and not options:
            return chosen, values
        values = values.copy()
        if isinstance(written, dict):
            for name, value in written.items():
                place = ("params", name)
                refusal = self._set(values, name, value, mistakes, place)
                if refusal:
                    mistakes.add(refusal, place, key=refusal.code == "FC601")
        elif written is not None:
            message = f"`params` must be a mapping of parameters to values, not {described(written)}"
            some = next(iter(self._known), "name")
            mistakes.add(Refusal("FC501", message, f"as in `params: {{{some}: …}}`"), ("params",))
        for name, value in (options or {}).items():
            refusal = self._set(values, name, self._from_command_line(name, value), mistakes)
            if refusal:
                mistakes.add_to_option(refusal, f"parameters.{name}")
        return chosen, values

    def _profile(self, data: Mapping[str, object], option: str | None, mistakes: Mistakes) -> str:
        """The profile of the option, else of the file, else the default; also where the name is a mistake."""
        chosen = self._default
        if "profile" in data:
            written = data["profile"]
            if isinstance(written, str) and written in self._by_profile:
                chosen = written
            else:
                mistakes.add(self._refuse_profile(written, mistakes), ("profile",))
        if option is not None:
            if option in self._by_profile:
                return option
            mistakes.add_to_option(self._refuse_profile(option, mistakes), "profile")
        return chosen

    def _refuse_profile(self, written: object, mistakes: Mistakes) -> Refusal:
        if not isinstance(written, str):
            message = f"`profile` must be the name of a profile, not {described(written)}"
            return Refusal(
                "FC603", message, f"write one of {', '.join(f'`{each}`' for each in self._by_profile)}"
            )
        hint = mistakes.nearest(written, self._by_profile)
        return Refusal("FC603", f"there is no profile {described(written)}", hint)

    def _set(
        self,
        values: dict[str, Value],
        name: str,
        given: object,
        mistakes: Mistakes,
        place: Path | None = None,
    ) -> Refusal | None:
        """Override one value, or tell what is wrong with it; `place` is where it stands in the document."""
        if name not in self._known:
            return Refusal("FC601", f"there is no parameter `{name}`", mistakes.nearest(name, self._known))
        try:
            values[name] = self._converters[name](given)
        except UNFIT:
            written = mistakes.written(place) if place else None
            return refuse(name, self._known[name].type, given, written=written)._replace(code="FC602")
        return _refuse_holidays(values[name]) if name == HOLIDAYS else None

    def _from_command_line(self, name: str, value: object) -> object:
        """Options come as text, also numbers and truth values."""
        if not isinstance(value, str) or name not in self._known:
            return value
        base = self._known[name].type.base
        if base == "number" and value.removeprefix("-").isdecimal() and value.isascii() and len(value) < 10:
            return int(value)
        return {"true": True, "false": False}.get(value, value) if base == "bool" else value


def _refuse_holidays(region: Value) -> Refusal | None:
    """What to tell of public holidays that nobody knows; None also where nobody here could know them.

    They are looked up also while every day counts, for a slip should not lie hidden until that is changed.
    """
    if not is_there("holidays"):
        return None
    try:
        calendar_of({COUNT: "working_days", HOLIDAYS: region})
    except InvalidInput as error:
        unknown = error.diagnostics[0]
        return Refusal(unknown.code, unknown.message, unknown.hint)
    return None
