"""The ``gateway`` command as a newcomer meets it: real processes on an embedded database of the test's own."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from gateway.embedded_postgres import EmbeddedPostgres
from tests.contract.documentation import PAGES, blocks, call_of, commands
from tests.gateway.command import gateway_here

READY_SECONDS = 60.0


@pytest.fixture(scope="module")
def data_dir() -> Generator[Path]:
    """A data directory with the demo in it, where PostgreSQL's own user can reach it."""
    directory = Path(tempfile.mkdtemp(prefix="gateway-cli-"))
    directory.chmod(0o755)
    made = gateway(directory / "data", "demo")
    assert made.returncode == 0, made.stderr
    yield directory / "data"
    shutil.rmtree(directory, ignore_errors=True)


def environment(data_dir: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_") and name != "PORT"}
    return {**kept, "GATEWAY_DATA_DIR": str(data_dir), **more}


def gateway(data_dir: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gateway", *arguments],
        env=environment(data_dir, **more),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


class Running:
    """A ``gateway demo --serve`` and all that it printed."""

    def __init__(self, process: subprocess.Popen[str], base: str) -> None:
        self.process = process
        self.base = base
        self.lines: list[str] = []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.lines.extend(iter(self.process.stdout.readline, ""))

    @property
    def printed(self) -> str:
        return "".join(self.lines)

    def key(self, mode: str) -> str:
        return re.findall(rf"{mode} key +(\S+)", self.printed)[0]

    def wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if httpx.get(f"{self.base}/readyz").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError(f"it does not answer: {self.printed}")


@contextmanager
def demo(data_dir: Path) -> Generator[Running]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "gateway", "demo", "--serve"],
        env=environment(data_dir, PORT=str(port)),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    running = Running(process, f"http://127.0.0.1:{port}")
    try:
        running.wait_until_it_answers()
        yield running
    finally:
        process.kill()
        process.wait(30)
        running.reader.join(10)
        assert process.stdout is not None
        process.stdout.close()


def is_running(data_dir: Path) -> bool:
    return (data_dir / "postgres" / "postmaster.pid").exists()


def answers_as_documented(url: str, headers: dict[str, str]) -> int:
    """Compare the responses that README and docs/ show of GraphQL with those of the demo; answers how many."""
    compared = 0
    for block in (
        block for page in PAGES for block in blocks(page) if block.language == "sh" and block.json is not None
    ):
        for command in (command for command in commands(block) if command.startswith("curl ")):
            call = call_of(command, "")
            if call.path == "/graphql":
                sent = {**call.headers, **headers}
                assert httpx.post(url, headers=sent, content=call.body).json() == block.json, f"line {block.line}"
                compared += 1
    return compared


def test_the_demo_answers_with_the_line_it_prints_and_stops_everything(data_dir: Path) -> None:
    with demo(data_dir) as running:
        line = next(line.strip() for line in running.lines if line.strip().startswith("curl "))
        pasted = subprocess.run(["bash", "-c", f"{line} -s"], capture_output=True, text=True, timeout=30, check=True)
        nodes = json.loads(pasted.stdout)["data"]["products"]["nodes"]
        assert len(nodes) == 3
        assert {node["price"]["currency"] for node in nodes} == {"GBP"}
        for mode in ("live", "test"):
            headers = {"Authorization": f"Bearer {running.key(mode)}"}
            page = httpx.get(f"{running.base}/v2/products?limit=1", headers=headers).json()
            assert page["pagination"]["total_items"] == 1819
            past = httpx.get(f"{running.base}/v2/orders?limit=1", headers=headers).json()
            assert past["pagination"]["total_items"] == 472
            assert answers_as_documented(f"{running.base}/graphql", headers) == 4
        card = {"number": "4000 0027 6000 3184", "exp_month": 12, "exp_year": 2099, "cvc": "123"}
        sent = {"amount": 500, "payment_method_details": {"card": card}}
        secure = httpx.post(f"{running.base}/v2/payments/intents", headers=headers, json=sent).json()
        assert secure["next_action"]["url"].startswith(f"{running.base}/sandbox/3ds/")
        assert httpx.get(secure["next_action"]["url"]).status_code == 200
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(30) == 0
    assert not is_running(data_dir)


def test_a_second_start_is_quick_and_shows_the_same_keys(data_dir: Path) -> None:
    kept = json.loads((data_dir / "demo-keys.json").read_text())
    begun = time.monotonic()
    with demo(data_dir) as running:
        took = time.monotonic() - begun
        assert (running.key("live"), running.key("test")) == (kept["live"], kept["test"])
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(30) == 0
    assert not is_running(data_dir)
    print(f"second start: {took:.1f} s")


def test_secrets_in_the_data_directory_are_their_owners_alone(data_dir: Path) -> None:
    for name in ("demo-keys.json", "encryption.key", "postgres.passwords"):
        assert stat.S_IMODE((data_dir / name).stat().st_mode) == 0o600, name


def test_the_command_line_works_beside_a_running_server_and_after_a_kill(data_dir: Path) -> None:
    with demo(data_dir) as running:
        words = ("keys", "create", "--account", "Jo", "--mode", "test", "--scopes", "all", "--quiet")
        assert "--create-account" in gateway(data_dir, *words).stderr
        made = gateway(data_dir, *words, "--create-account")
        key = made.stdout.strip()
        assert re.fullmatch(r"test_\S{43}", key), made.stderr
        headers = {"Authorization": f"Bearer {key}"}
        sample = httpx.get(f"{running.base}/v2/products", headers=headers).json()
        assert sample["pagination"]["total_items"] == 12
        assert {product["currency"] for product in sample["data"]} == {"usd"}
        people = httpx.get(f"{running.base}/v2/customers?sort=name", headers=headers).json()["data"]
        assert [person["last_name"] for person in people] == [None, "Doe", "García Márquez", "Okafor", "Tanaka"]
        made = httpx.get(f"{running.base}/v2/orders", headers=headers).json()["data"]
        assert Counter(order["status"] for order in made) == {
            "delivered": 2, "shipped": 1, "cancelled": 1, "processing": 1, "pending": 1
        }  # fmt: skip
        assert sum(address["default_shipping"] for person in people for address in person["addresses"]) == 4

        listed = gateway(data_dir, "keys", "list", "--account", "jo")
        key_id = listed.stdout.split()[0]
        assert key not in listed.stdout
        assert gateway(data_dir, "keys", "revoke", key_id, "--account", "Jo").returncode == 0
        time.sleep(2.1)  # what a server may remember of a key
        assert httpx.get(f"{running.base}/v2/products", headers=headers).status_code == 401
        running.process.kill()
        running.process.wait(10)
    assert is_running(data_dir)  # left behind by the kill, and found by the next
    assert gateway(data_dir, "migrate").returncode == 0
    assert not is_running(data_dir)


def test_events_are_followed_beside_a_running_server(data_dir: Path) -> None:
    options = ("--account", "Demo Shop", "--type", "order.created", "--after", "e1.0")
    command = [sys.executable, "-m", "gateway", "events", "tail", *options]
    with (
        demo(data_dir),
        subprocess.Popen(command, env=environment(data_dir), stdout=subprocess.PIPE, text=True) as tail,
    ):
        assert tail.stdout is not None
        first, second = (json.loads(tail.stdout.readline()) for _ in range(2))
        tail.terminate()
        tail.stdout.read()  # what it could not write yet
        assert tail.wait(30) == 0
    assert first["type"] == second["type"] == "order.created"
    assert int(first["cursor"].removeprefix("e1.")) < int(second["cursor"].removeprefix("e1."))
    assert gateway(data_dir, "events", "tail", "--account", "Demo Shop", "--after", "x").returncode == 1
    assert gateway(data_dir, "events", "tail", "--account", "nobody").returncode == 2


def test_a_taken_port_is_a_clear_message(data_dir: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        refused = gateway(data_dir, "demo", "--serve", PORT=port)
    assert refused.returncode == 1
    assert f"Cannot listen on 127.0.0.1:{port}" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_settings_are_checked_at_start_and_shown_without_secrets(data_dir: Path) -> None:
    shown = gateway(data_dir, "settings", GATEWAY_DATABASE_URL="postgresql://u:hunter2@127.0.0.1/x")
    assert shown.returncode == 0
    assert "hunter2" not in shown.stdout
    assert f"GATEWAY_DATA_DIR={data_dir}" in shown.stdout

    for name, value in {
        "GATEWAY_DATABASE_URL": "mysql://u@h/x",
        "GATEWAY_ENCRYPTION_KEYS": "k1:c2hvcnQ=",
        "GATEWAY_TRUSTED_PROXIES": "10.0.0.0/99",
        "GATEWAY_CORS_ORIGINS": "https://shop.example/,*",
        "GATEWAY_LOG_LEVEL": "loud",
    }.items():
        refused = gateway_here("settings", **{name: value})
        assert refused.returncode == 1, name
        assert name in refused.stderr
        assert "Traceback" not in refused.stderr


def test_serving_somebody_elses_database_needs_a_migration_and_a_key(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as url:
        empty = url.replace("/gateway?", "/template1?")
        key = {"GATEWAY_ENCRYPTION_KEYS": "k1:" + "A" * 43 + "="}
        refused = gateway(data_dir, "serve", "--port", "0", GATEWAY_DATABASE_URL=empty, **key)
        assert refused.returncode == 1
        assert "gateway migrate" in refused.stderr
        other = data_dir.with_name("other")
        keyless = gateway(other, "serve", "--port", "0", GATEWAY_DATABASE_URL=empty)
        assert keyless.returncode == 1
        assert "GATEWAY_ENCRYPTION_KEYS" in keyless.stderr


def test_contracts_are_printed(data_dir: Path) -> None:
    assert "type Query" in gateway(data_dir, "schema").stdout
    assert json.loads(gateway_here("openapi").stdout)["info"]["version"] == "2.3.0"


def test_several_workers_need_redis(data_dir: Path) -> None:
    refused = gateway(data_dir, "serve", "--port", "0", "--workers", "2")
    assert refused.returncode == 1
    assert "GATEWAY_REDIS_URL" in refused.stderr


def test_several_workers_serve_one_address(data_dir: Path, redis_url: str) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "gateway", "serve", "--port", str(port), "--workers", "2"],
        env=environment(data_dir, GATEWAY_REDIS_URL=redis_url),
    )
    running = Running.__new__(Running)
    running.process, running.base, running.lines = process, f"http://127.0.0.1:{port}", []
    try:
        running.wait_until_it_answers()
    finally:
        process.terminate()
        assert process.wait(40) == 0
    assert not is_running(data_dir)
