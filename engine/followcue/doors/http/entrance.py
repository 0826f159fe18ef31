"""The way in to the page: a secret in the address, which is exchanged once for a cookie.

The address that the command prints ends in `#secret`. A browser sends no fragment to anybody; the page reads
it, takes it out of the address, and exchanges it for a cookie that no script can read and that no page of
another site makes a browser send. A secret that was used opens nothing any more.
"""

from __future__ import annotations

import hmac
import secrets
from http.cookies import CookieError, SimpleCookie


class Entrance:
    """Who has been let in. A browser knows cookies by the host alone, so the `port` is in the name."""

    def __init__(self, port: int) -> None:
        self.secret = _made()
        self._name = f"followcue-{port}"
        self._token = _made()
        self._feed = _made()
        self._is_used = False

    def enter(self, secret: str) -> str | None:
        """The header that sets the cookie, for who knows the secret of now; None for all others."""
        if self._is_used or not hmac.compare_digest(secret.encode(), self.secret.encode()):
            return None
        self._is_used = True
        return f"{self._name}={self._token}; HttpOnly; SameSite=Strict; Path=/"

    def again(self) -> str | None:
        """A new secret in the place of one that was used; None where the one of now was not."""
        if not self._is_used:
            return None
        self.secret, self._is_used = _made(), False
        return self.secret

    def knows(self, cookies: str) -> bool:
        """Whether the cookies of a request have the one that was set."""
        try:
            found = SimpleCookie(cookies).get(self._name)
        except CookieError:
            return False
        return found is not None and hmac.compare_digest(found.value.encode(), self._token.encode())

    @property
    def feed(self) -> str:
        """The path of the calendar; its secret opens nothing else, since such programs send no cookie."""
        return f"/calendar/{self._feed}.ics"

    def knows_feed(self, path: str) -> bool:
        """Whether it is the path of the calendar."""
        return hmac.compare_digest(path.encode(), self.feed.encode())


def _made() -> str:
    return secrets.token_urlsafe(32)
