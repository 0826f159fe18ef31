"""The garbage collector is kept from what stays, and still finds what does not."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from followcue.base.gc_pause import gc_paused, gc_spare_what_is_there


class Knot:
    """Something that holds itself, so that only the collector can free it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    gc.unfreeze()


@pytest.mark.slow
def test_what_is_there_is_spared_until_it_is_in_use_no_longer() -> None:
    held = Knot()
    seen = weakref.ref(held)
    gc_spare_what_is_there()
    del held
    gc.collect()
    assert seen() is not None
    gc_spare_what_is_there()
    assert seen() is None
    assert gc.get_freeze_count() > 0


def test_the_collector_goes_on_after_a_pause() -> None:
    with gc_paused():
        assert not gc.isenabled()
        with gc_paused():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
