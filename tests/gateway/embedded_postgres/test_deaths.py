"""Processes that die at a bad moment, and what the next one makes of it."""

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError
from tests.gateway.embedded_postgres.processes import AS_ROOT, Holder, ask, postmaster_pid, server_pids, until


def test_a_killed_user_leaves_the_server_to_the_next_who_stops_it(data_dir: Path, hold: Callable[[], Holder]) -> None:
    other = hold()
    url = other.url()
    pid = postmaster_pid(data_dir)
    other.end_by(signal.SIGKILL)
    assert ask(url, "SELECT 1") == 1
    with EmbeddedPostgres(data_dir) as again:
        assert again == url
        assert postmaster_pid(data_dir) == pid
    assert server_pids(data_dir) == []


def test_a_killed_server_is_started_again_by_the_next_user(data_dir: Path) -> None:
    first, second = EmbeddedPostgres(data_dir), EmbeddedPostgres(data_dir)
    url = first.acquire()
    ask(url, "CREATE TABLE kept AS SELECT 7 AS n")
    pid = postmaster_pid(data_dir)
    os.kill(pid, signal.SIGKILL)
    assert second.acquire() == url
    assert postmaster_pid(data_dir) != pid
    assert ask(url, "SELECT n FROM kept") == 7
    first.release()
    assert ask(url, "SELECT n FROM kept") == 7
    second.release()
    assert server_pids(data_dir) == []


def test_a_user_who_acquires_again_revives_a_killed_server(data_dir: Path) -> None:
    server = EmbeddedPostgres(data_dir)
    url = server.acquire()
    os.kill(postmaster_pid(data_dir), signal.SIGKILL)
    assert server.acquire() == url
    assert ask(url, "SELECT 1") == 1
    server.release()
    assert server_pids(data_dir) == []


def test_releasing_after_the_server_was_killed_is_no_error(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir):
        os.kill(postmaster_pid(data_dir), signal.SIGKILL)
    assert server_pids(data_dir) == []


def test_a_dead_servers_number_may_belong_to_a_living_stranger(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir):
        pid_file = data_dir / "postgres" / "postmaster.pid"
        left = pid_file.read_text()
        os.kill(postmaster_pid(data_dir), signal.SIGKILL)
    owner = (data_dir / "postgres").stat().st_uid if AS_ROOT else None
    with subprocess.Popen(["sleep", "60"], user=owner) as stranger:
        pid_file.write_text("\n".join([str(stranger.pid), *left.splitlines()[1:]]) + "\n")
        with EmbeddedPostgres(data_dir) as url:
            assert ask(url, "SELECT 1") == 1
        assert stranger.poll() is None
        stranger.kill()


def test_interrupted_making_of_the_files_begins_anew(data_dir: Path, hold: Callable[[], Holder]) -> None:
    for moment in ("PG_VERSION", "global/pg_control", "postmaster.pid"):
        other = hold()
        until((data_dir / "postgres.unfinished" / moment).exists)
        other.end_by(signal.SIGKILL)
    with EmbeddedPostgres(data_dir) as url:
        assert ask(url, "SELECT current_user") == "gateway"
    assert not (data_dir / "postgres.unfinished").exists()


def test_interrupting_a_start_leaves_no_server(data_dir: Path, hold: Callable[[], Holder]) -> None:
    with EmbeddedPostgres(data_dir):
        pass
    other = hold()
    until((data_dir / "postgres" / "postmaster.pid").exists)
    other.end_by(signal.SIGINT)
    assert server_pids(data_dir) == []


def test_settings_that_prevent_a_start_are_shown_and_leave_nothing(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir):
        pass
    settings = data_dir / "postgres" / "postgresql.conf"
    settings.write_text(settings.read_text() + "work_mem = 'much'\n")
    with pytest.raises(EmbeddedPostgresError, match=r"did not start(.|\n)*work_mem"):
        EmbeddedPostgres(data_dir).acquire()
    assert server_pids(data_dir) == []
