"""Named tuples that cost little to declare: `typing.NamedTuple`, for a program that is to start at once.

The one of the standard library has Python read a function and, where annotations are kept as text, each of
these, for each class, whether or not there is ever a value of it. With some sixty classes that takes as long
as all that a short command does. Here the function that makes values is made when there have been some, or
one is given by names, and annotations are left as they are; all else is the same: fields, defaults, order,
`_replace`, `_asdict`, patterns, pickles, and a class that is a plain tuple.

    class Span(NamedTuple):
        file: str
        line: int = 1

    Span("a.yaml") == ("a.yaml", 1)
"""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING or sys.version_info >= (3, 14):  # where annotations are kept in another way
    from typing import NamedTuple
else:
    from collections import _tuplegetter

    _UNEXPECTED = TypeError if sys.version_info >= (3, 13) else ValueError

    def _replace(self, /, **changes):
        """The same with other values of some fields."""
        values = map(changes.pop, self._fields, self)
        made = tuple.__new__(type(self), values)
        if changes:
            raise _UNEXPECTED(f"Got unexpected field names: {[*changes]!r}")
        return made

    def _asdict(self):
        """The values by their fields."""
        return dict(zip(self._fields, self, strict=True))

    def _make(cls, values):
        """A value from as many values as there are fields."""
        made = tuple.__new__(cls, values)
        if len(made) != len(cls._fields):
            raise TypeError(f"Expected {len(cls._fields)} arguments, got {len(made)}")
        return made

    def _told(self):
        """How a value is shown."""
        told = ", ".join([f"{name}={value!r}" for name, value in zip(self._fields, self, strict=True)])
        return f"{type(self).__name__}({told})"

    def _values(self):
        """What a copy is made from."""
        return tuple(self)

    FEW = 50
    """So many values are made as well as it goes, before it is worth while to make a function for them."""

    _SHARED = {
        "__slots__": (),
        "_replace": _replace,
        "_asdict": _asdict,
        "_make": classmethod(_make),
        "__repr__": _told,
        "__getnewargs__": _values,
    }

    class _Declared(type):
        """Makes a plain class of tuples of the body of a class."""

        def __new__(mcs, name, bases, body):
            fields = tuple(body.get("__annotations__", ()))
            defaults = {field: body.pop(field) for field in fields if field in body}
            if fields[len(fields) - len(defaults) :] != tuple(defaults):
                raise TypeError(f"{name}: a field without a default follows one that has one")

            own_defaults, most, left = tuple(defaults.values()), len(fields), FEW

            def first(cls, /, *values, **named):
                """The first values; then this function gives way to one that is quicker, and slow to make."""
                nonlocal left
                left -= 1
                if left > 0 and not named and most - len(own_defaults) <= len(values) <= most:
                    missing = most - len(values)
                    return tuple.__new__(cls, values + own_defaults[-missing:] if missing else values)
                made = _maker(declared, fields, own_defaults)
                declared.__new__ = made
                return made(cls, *values, **named)

            own = {"_fields": fields, "_field_defaults": defaults, "__match_args__": fields}
            own |= {field: _tuplegetter(place, None) for place, field in enumerate(fields)}
            declared = type(name, (tuple,), {**_SHARED, **own, "__new__": first, **body})
            return declared

    def _maker(declared, fields, defaults):
        """The function that makes values of a class, with the arguments of its fields."""
        listed = ", ".join(fields)
        code = f"lambda _cls, {listed}: _new(_cls, ({listed},))"
        made = eval(code, {"_new": tuple.__new__, "__builtins__": {}, "__name__": declared.__module__})
        made.__name__, made.__qualname__ = "__new__", f"{declared.__qualname__}.__new__"
        made.__defaults__ = defaults
        return made

    class _NamedTuple:
        """What classes of named tuples name as their base."""

        def __mro_entries__(self, bases):
            """The base that makes the class; it is none of its bases."""
            return (_BASE,)

    _BASE = type.__new__(_Declared, "NamedTuple", (), {})
    NamedTuple = _NamedTuple()

__all__ = ["NamedTuple"]
