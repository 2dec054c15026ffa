"""The retry schedule of deliveries, and their stored attempts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.webhooks import DeliveryAttempt
from domain.webhooks.retry_schedule import MAX_ATTEMPTS, MAX_RETRY_AFTER, next_attempt

ENDED = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)
MINUTES = {1: 1, 2: 5, 3: 30, 4: 120, 5: 360}


@pytest.mark.parametrize(("made", "minutes"), MINUTES.items())
def test_waits_are_those_of_the_document_and_jitter_adds_at_most_a_tenth(made: int, minutes: int) -> None:
    wait = timedelta(minutes=minutes)
    assert next_attempt(made, ENDED, None, lambda: 0.0) == ENDED + wait
    assert next_attempt(made, ENDED, None, lambda: 1.0) == ENDED + wait * 1.1


@pytest.mark.parametrize("made", [MAX_ATTEMPTS, MAX_ATTEMPTS + 1])
def test_after_six_there_is_no_other(made: int) -> None:
    assert next_attempt(made, ENDED, 5.0, lambda: 0.0) is None


@given(
    made=st.sampled_from(list(MINUTES)),
    asked=st.none() | st.floats(allow_nan=False),
    chance=st.floats(0, 1, exclude_max=True),
)
def test_a_receiver_only_lengthens_the_wait_and_by_no_more_than_six_hours(
    made: int, asked: float | None, chance: float
) -> None:
    unasked = next_attempt(made, ENDED, None, lambda: chance)
    found = next_attempt(made, ENDED, asked, lambda: chance)
    assert unasked is not None
    assert found is not None
    assert unasked <= found <= max(unasked, ENDED + MAX_RETRY_AFTER)


@pytest.mark.parametrize("key", ["at", "started_at"])
def test_stored_attempts_are_read_by_either_key_of_their_start(key: str) -> None:
    stored = {"number": 1, key: "2026-01-15T10:30:00+00:00", "duration_ms": 7, "status": 500, "error": None}
    attempt = DeliveryAttempt.of({**stored, "response": None})
    assert attempt.started_at == datetime(2026, 1, 15, 10, 30, tzinfo=UTC)
