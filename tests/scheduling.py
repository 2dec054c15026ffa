"""What of a parallel run comes first, and what stays together in one worker."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from xdist.scheduler import LoadScopeScheduling

LONG = ("tests/contract/test_schemathesis", "tests/contract/test_plans", "tests/faults", "tests/orders/test_many")
"""Files that take minutes: begun first, so that two workers end at about the same time."""
TOGETHER = {"tests/contract/test_plans": "the big shop, which takes a minute to make"}
"""By the beginning of their files' names, and why."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones first, else the order as it was."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


def pytest_collection_finish() -> None:
    """Keep the collector from walking the modules and thousands of tests again and again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling | None:
    """``--dist loadfile``, but files that share something dear stay together. (``loadgroup`` of pytest-xdist 3.8 does
    not group.)
    """
    if config.getoption("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling  # noqa: PLC0415 - a run without workers does not load it

    class Together(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = super()._split_scope(nodeid)
            return next((beginning for beginning in TOGETHER if file.startswith(beginning)), file)

    return Together(config, log)
