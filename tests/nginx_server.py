"""An nginx of a test's own, in front of a server."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.redis_server import free_port

START_SECONDS = 10.0

_CONFIGURATION = """
daemon off; master_process off; pid {directory}/pid; error_log {directory}/errors;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {directory}/body; proxy_temp_path {directory}/proxy; fastcgi_temp_path {directory}/fastcgi;
  uwsgi_temp_path {directory}/uwsgi; scgi_temp_path {directory}/scgi;
  upstream gateway {{ server 127.0.0.1:{upstream}; keepalive 8; }}
  server {{
    listen 127.0.0.1:{port};
    location = /nginx {{ return 204; }}
    location / {{
      proxy_pass http://gateway;
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      {directives}
    }}
  }}
}}
"""

UPGRADING = 'proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";'
"""As most pages about WebSockets behind nginx have it, for every request."""
STREAMING = "proxy_request_buffering off; proxy_buffering off;"


@contextmanager
def nginx_before(upstream: int, directives: str = "") -> Generator[int]:
    """The port of an nginx that hands everything on to ``upstream``. Skips the test where the program is missing."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        pytest.skip("needs nginx; .ci/test installs it")
    port = free_port()
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "nginx.conf"
        file.write_text(_CONFIGURATION.format(directory=directory, upstream=upstream, port=port, directives=directives))
        process = subprocess.Popen([program, "-e", f"{directory}/errors", "-c", str(file)])
        try:
            _wait(process, port)
            yield port
        finally:
            process.terminate()
            process.wait(START_SECONDS)


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            httpx.get(f"http://127.0.0.1:{port}/nginx")
        except httpx.TransportError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError("nginx does not start")
