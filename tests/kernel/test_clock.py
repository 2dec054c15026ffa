"""Instants are whole milliseconds."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.clock import EPOCH, at_milliseconds, system_clock, to_milliseconds


@given(st.integers(-(10**16), 10**17))
def test_what_is_below_a_millisecond_is_cut_off(microseconds: int) -> None:
    cut = at_milliseconds(EPOCH + timedelta(microseconds=microseconds))
    assert cut == EPOCH + timedelta(milliseconds=microseconds // 1_000)
    assert (cut.tzinfo, to_milliseconds(cut)) == (EPOCH.tzinfo, microseconds // 1_000)


def test_the_clock_tells_utc_in_whole_milliseconds() -> None:
    before, now = datetime.now(EPOCH.tzinfo), system_clock()
    assert (now.tzinfo, now.microsecond % 1_000) == (EPOCH.tzinfo, 0)
    assert before - timedelta(milliseconds=1) < now <= datetime.now(EPOCH.tzinfo)
