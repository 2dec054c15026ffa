"""A server with the interface of S3, on loopback: moto, in a process of its own. It checks signatures and policies."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any

import httpx

from tests.redis_server import free_port

BUCKET = "files"
_STARTS = "from moto.server import main; main()"
_OPEN_REQUESTS = 4
"""Those with which a server is set up; all after them must be signed."""
_UNSIGNED = "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/{}/aws4_request, SignedHeaders=host, Signature=x"
_MAY_DO_ALL = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'


@dataclass(frozen=True, slots=True)
class ObjectStoreServer:
    """A running server with one bucket."""

    process: subprocess.Popen[bytes]
    endpoint: str
    access_key: str
    secret_key: str

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of a gateway that keeps its files here."""
        return {
            "object_store_url": f"s3://{BUCKET}/gateway",
            "object_store_endpoint": self.endpoint,
            "object_store_access_key": self.access_key,
            "object_store_secret_key": self.secret_key,
        }

    def stop(self) -> None:
        """Kill it. What it had is gone."""
        self.process.kill()
        self.process.wait()


def start_object_store() -> ObjectStoreServer:
    """Start a server and make its bucket. Blocks for some seconds."""
    port = free_port()
    command = [sys.executable, "-W", "ignore", "-c", _STARTS, "-H", "127.0.0.1", "-p", str(port)]
    environment = {**os.environ, "INITIAL_NO_AUTH_ACTION_COUNT": str(_OPEN_REQUESTS)}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _wait(process, port)
    endpoint = f"http://127.0.0.1:{port}"
    _ask(endpoint, Action="CreateUser", UserName="gateway")
    keys = _ask(endpoint, Action="CreateAccessKey", UserName="gateway")
    policy = {"PolicyName": "all", "PolicyDocument": _MAY_DO_ALL}
    _ask(endpoint, Action="PutUserPolicy", UserName="gateway", **policy)
    unsigned = {"Authorization": _UNSIGNED.format("s3")}
    httpx.put(f"{endpoint}/{BUCKET}", headers=unsigned).raise_for_status()
    return ObjectStoreServer(process, endpoint, _member(keys, "AccessKeyId"), _member(keys, "SecretAccessKey"))


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        assert process.poll() is None, "the server has ended"
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        else:
            return


def _ask(endpoint: str, **given: str) -> str:
    unsigned = {"Authorization": _UNSIGNED.format("iam")}
    answer = httpx.post(endpoint, data={"Version": "2010-05-08", **given}, headers=unsigned)
    return answer.raise_for_status().text


def _member(text: str, name: str) -> str:
    found = re.search(f"<{name}>(.+?)</{name}>", text)
    assert found is not None
    return found[1]
