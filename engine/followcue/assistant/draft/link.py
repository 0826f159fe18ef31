"""The link that opens a message where it is sent: a mail with its text in it, or the number to call."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote

from followcue.assistant.draft.write import Draft

LONGEST = 2000
"""How long a link may be: some systems hand on no more than about 2,000 characters."""


class Link(NamedTuple):
    """An address to open; `is_whole`: with the message in it, and not only to whom and about what."""

    href: str
    is_whole: bool


def link_of(draft: Draft) -> Link | None:
    """The link of a message by mail or telephone; None by any other channel, and for a call to no number.

    A message that is too long for a link opens as a mail without its text. Where no address is known, the
    mail is addressed to nobody yet.
    """
    if draft.channel == "phone" and draft.address:
        number = "".join(
            sign for sign in draft.address if sign.isascii() and (sign.isdigit() or sign in "+*#")
        )
        return Link(f"tel:{quote(number, safe='+*')}", True) if number else None
    if draft.channel != "email":
        return None
    address = "".join((draft.address or "").split())
    head = f"mailto:{_quoted(address, '@')}?subject={_quoted(draft.subject)}"
    whole = f"{head}&body={_quoted(draft.body.rstrip().replace(_LINE, _MAIL_LINE))}"
    if len(whole) <= LONGEST:
        return Link(whole, True)
    return Link(head, False) if len(head) <= LONGEST else None


_LINE, _MAIL_LINE = "\n", "\r\n"


def _quoted(text: str, safe: str = "") -> str:
    return quote(text, safe=safe, errors="replace")
