"""uvicorn's configuration, and a certificate beside it."""

from __future__ import annotations

import gc
import signal
import threading
from functools import partial
from types import FrameType
from typing import Any

import uvicorn

from transport.protocols.tls import Certificate, TlsProtocol


class ServerConfig(uvicorn.Config):
    """uvicorn's, with a certificate that is read in the process that serves, and again on SIGHUP."""

    certificate: Certificate | None = None

    def load(self) -> None:
        """Import the application and open the certificate. Raises CertificateError.

        A process of several imports all modules here. They stay, so that collecting garbage meanwhile finds none.
        """
        gc.disable()
        try:
            super().load()
        finally:
            gc.enable()
        if self.certificate is not None:
            self.certificate.open()
            http: Any = self.http_protocol_class
            self.http_protocol_class = partial(  # type: ignore[assignment]  # called like the class
                TlsProtocol, certificate=self.certificate, http=http
            )
            if threading.current_thread() is threading.main_thread():
                signal.signal(signal.SIGHUP, self._reload)

    def _reload(self, number: int, frame: FrameType | None) -> None:
        if self.certificate is not None:
            self.certificate.reload()
