"""Giving memory back: asked for by finalizers, which run in the middle of anything."""

from __future__ import annotations

import threading

from domain.kernel.budget import Trimmer


def test_a_finalizer_in_the_middle_of_starting_a_thread_stops_nothing() -> None:
    """A trim that started a thread of its own waited for a lock that the interrupted start held: the process stood
    still, at 819 MB, and took no signal."""
    trimmed = threading.Event()
    trimmer = Trimmer(0.0, lambda _: trimmed.set())
    trimmer.start()
    asked = threading.Event()

    def interrupted() -> None:
        with threading._active_limbo_lock:  # type: ignore[attr-defined]  # as Thread.start does
            trimmer.soon()
            asked.set()

    threading.Thread(target=interrupted, daemon=True).start()
    assert asked.wait(5)
    assert trimmed.wait(5)
    trimmed.clear()
    trimmer.soon()
    assert trimmed.wait(5)
