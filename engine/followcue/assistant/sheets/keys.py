"""Short words for names, by which others refer to records: `acme` for Acme Corp."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container


def free_key(name: str, otherwise: str, taken: Container[str]) -> str:
    """A word for a name that is not taken yet: its first word, all of them, or the first with a number.

    Accents are dropped; a name without a Latin letter gets the word `otherwise`.
    """
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss")).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", " ", plain.lower()).split() or [otherwise]
    tries = [words[0], "-".join(words)] if not words[0].isdigit() else ["-".join([otherwise, *words])]
    for key in tries:
        if key not in taken:
            return key
    number = 2
    while f"{tries[0]}{number}" in taken:
        number += 1
    return f"{tries[0]}{number}"
