"""How one value stands in its text, which hints repeat: of the number 1234 that it was written 01234."""

from __future__ import annotations

from followcue.base.named_tuple import NamedTuple


class Written(NamedTuple):
    """A single value as its author wrote it.

    `text` are its characters, without the quotes if it is `quoted` (or a block of text). In a JSON text
    (`is_json`) all text needs quotes.
    """

    text: str
    quoted: bool = False
    is_json: bool = False

    def instead(self, text: str) -> str:
        """What to write in place of the value for it to be this text, as a hint shows it."""
        return f'"{text}"' if self.is_json and not self.quoted else text
