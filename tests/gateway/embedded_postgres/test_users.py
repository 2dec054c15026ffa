"""Who shares a server, and who stops it."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

from gateway.embedded_postgres import EmbeddedPostgres
from tests.gateway.embedded_postgres.processes import Holder, ask, postmaster_pid, server_pids


def test_the_last_user_stops_the_server(data_dir: Path) -> None:
    first, second = EmbeddedPostgres(data_dir), EmbeddedPostgres(data_dir)
    url = first.acquire()
    assert second.acquire() == url
    pid = postmaster_pid(data_dir)
    first.release()
    assert ask(url, "SELECT 1") == 1
    assert postmaster_pid(data_dir) == pid
    second.release()
    assert server_pids(data_dir) == []


def test_users_in_other_processes_count(data_dir: Path, hold: Callable[[], Holder]) -> None:
    with EmbeddedPostgres(data_dir) as url:
        other = hold()
        assert other.url() == url
    assert ask(url, "SELECT 1") == 1
    other.leave()
    assert server_pids(data_dir) == []


def test_releasing_twice_or_without_acquiring_does_nothing(data_dir: Path) -> None:
    server = EmbeddedPostgres(data_dir)
    server.release()
    assert not data_dir.exists()
    server.acquire()
    server.release()
    server.release()
    assert server_pids(data_dir) == []


def test_two_processes_that_start_at_once_share_one_server(data_dir: Path, hold: Callable[[], Holder]) -> None:
    processes = [hold() for _ in range(5)]
    urls = {other.url() for other in processes}
    assert len(urls) == 1
    assert (data_dir / "postgres.log").read_text().count("ready to accept connections") == 1
    for other in processes[:-1]:
        other.leave()
    assert server_pids(data_dir) != []
    processes[-1].leave()
    assert server_pids(data_dir) == []


def test_one_process_may_leave_while_another_comes(data_dir: Path, hold: Callable[[], Holder]) -> None:
    with EmbeddedPostgres(data_dir):
        pass
    for _ in range(5):
        leaving = hold()
        leaving.url()
        coming = hold()
        leaving.leave()
        url = coming.url()
        assert ask(url, "SELECT 1") == 1
        coming.leave()


def test_a_forked_child_does_not_stop_its_parents_server(data_dir: Path) -> None:
    server = EmbeddedPostgres(data_dir)
    url = server.acquire()
    child = os.fork()
    if child == 0:
        server.release()
        os._exit(0)
    os.waitpid(child, 0)
    assert ask(url, "SELECT 1") == 1
    server.release()
    assert server_pids(data_dir) == []


def test_ctrl_c_in_the_users_terminal_does_not_reach_the_server(data_dir: Path, hold: Callable[[], Holder]) -> None:
    other = hold()
    url = other.url()
    with EmbeddedPostgres(data_dir):
        pid = postmaster_pid(data_dir)
        assert os.getpgid(pid) != other.process.pid
        assert os.getsid(pid) != other.process.pid
        other.end_by(signal.SIGINT)
        assert ask(url, "SELECT 1") == 1
        assert postmaster_pid(data_dir) == pid
