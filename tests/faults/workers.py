"""A real ``gateway worker`` that can be killed and started again."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys

from tests.gateway.server_process import ENCRYPTION_KEY


class OwnWorker:
    """Sends webhooks to loopback too."""

    def __init__(self, database_url: str, **settings: str) -> None:
        """``settings`` are variables of its environment."""
        self._database_url = database_url
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns at once; it takes a while until it works."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("GATEWAY_", "OTEL_"))}
        given = {
            "GATEWAY_DATABASE_URL": self._database_url,
            "GATEWAY_ENCRYPTION_KEYS": f"k1:{ENCRYPTION_KEY}",
            "GATEWAY_WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8",
            **self._settings,
        }
        self._process = subprocess.Popen([sys.executable, "-m", "gateway", "worker"], env={**kept, **given})

    def keep(self) -> None:
        """Start it again where it has ended by itself, as a supervisor does: without a database it does not start."""
        if self._process is not None and self._process.poll() is not None:
            self.start()

    async def end(self, number: signal.Signals) -> int:
        """With SIGKILL nothing of it is released or said."""
        assert self._process is not None
        self._process.send_signal(number)
        return await self.ended()

    async def ended(self) -> int:
        """With which code it ends."""
        assert self._process is not None
        return await asyncio.to_thread(self._process.wait, 60)
