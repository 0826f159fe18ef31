"""The version, kept here because reading it from the installed package would slow every start."""

__version__ = "0.2.0"
