"""The 32-bit hash by which durable-rules tells names, fact ids and sids apart."""

from __future__ import annotations


def fnv1a(text: str) -> int:
    """The FNV-1a hash of `text`: the engine takes two names with one hash for the same name."""
    value = 0x811C9DC5
    for byte in text.encode():
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value
