"""The official ``stripe`` package, imported at its first use.

The import takes 0.2 to 1 s and some 20 MB, which a server without a live processor does not pay.
"""

from __future__ import annotations

import asyncio
import logging
import os
from functools import cache
from importlib import import_module
from typing import Any

API_VERSION = "2026-10-28.endive"
"""The version of Stripe's API that this adapter is written for, whatever the account's default is."""

_USED = (
    "AIOHTTPClient",
    "BalanceTransaction",
    "Charge",
    "Dispute",
    "DisputeService",
    "File",
    "FileService",
    "PaymentIntent",
    "PaymentIntentService",
    "PaymentMethod",
    "PaymentMethodService",
    "Refund",
    "RefundService",
    "StripeClient",
    "WebhookSignature",
)
"""The members that this adapter uses. The package imports each at its first use, 60 ms in all."""


class _WarningsOnly(logging.Filter):
    """Refuses records below WARNING, whatever level the logger is set to: those of DEBUG contain card numbers."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno >= logging.WARNING


async def load_stripe() -> Any:
    """The package. The first call imports it in a thread, so that other requests go on meanwhile."""
    if import_stripe.cache_info().currsize:
        return import_stripe()
    return await asyncio.to_thread(import_stripe)


@cache
def import_stripe() -> Any:
    """Import the package, silence its log, and keep it from sending and storing anything about this machine."""
    os.environ.pop("STRIPE_LOG", None)  # with it, the package prints requests, and cards with them, to stderr
    logging.getLogger("stripe").addFilter(_WarningsOnly())
    stripe: Any = import_module("stripe")
    stripe.enable_telemetry = False  # otherwise it writes an id into the home directory
    for name in _USED:
        getattr(stripe, name)
    return stripe
