"""Changing a file that a person wrote, so that all but the change stays as it was: see `edit.Edit`."""

from followcue.language.documents.edit.edit import Edit

__all__ = ["Edit"]
