"""How many examples random tests make: some in every run, always the same; ten times as many, anew, in the soak."""

from __future__ import annotations

import os

from hypothesis import settings

USUAL = 100
settings.register_profile("soak", max_examples=1_000, deadline=None, print_blob=True)
settings.register_profile("usual", deadline=None, print_blob=True, derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "usual"))


def examples(usual: int, soak: int | None = None) -> int:
    """As many as the profile has for ``usual`` in every run; ``soak``: where it is not ten times that there."""
    many = settings().max_examples
    return usual * many // 100 if soak is None or many == USUAL else soak
