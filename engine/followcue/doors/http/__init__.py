"""The service: situations in, decisions out, over HTTP; `create_app` gives it to any ASGI server."""

from followcue.doors.http.app import Service, create_app

__all__ = ["Service", "create_app"]
