"""A server of one's own: its URL, its settings, its paths."""

import os
import time
from pathlib import Path

import pytest

from gateway.embedded_postgres import EmbeddedPostgres, default_data_dir
from tests.gateway.embedded_postgres.processes import ask, ask_sqlalchemy, mode, opened_by, server_pids, socket_dir


def test_asyncpg_and_sqlalchemy_connect_with_the_url(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as url:
        assert ask(url, "SELECT current_setting('server_version_num')::int / 10000") == 18
        assert ask_sqlalchemy(url, "SELECT current_database()") == "gateway"


def test_the_environment_of_other_servers_is_not_believed(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "PGPORT": "1",
        "PGDATA": "/nowhere",
        "PGHOST": "db",
        "PGUSER": "u",
        "TZ": "Asia/Tokyo",
    }.items():
        monkeypatch.setenv(name, value)
    with EmbeddedPostgres(data_dir) as url:
        assert ask(url, "SELECT current_user || ' ' || current_setting('timezone')") == "gateway UTC"


def test_what_was_written_is_there_after_a_restart(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as first:
        ask(first, "CREATE TABLE kept AS SELECT 7 AS n")
    with EmbeddedPostgres(data_dir) as second:
        assert ask(second, "SELECT n FROM kept") == 7
    assert first == second


def test_text_sorts_by_code_point_and_knows_letters_beyond_ascii(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as url:
        query = "SELECT lower('ÄÉ') || string_agg(c, '' ORDER BY c) FROM unnest('{b,B,a,é}'::text[]) AS c"
        assert ask(url, query) == "äé" + "Babé"


def test_the_server_listens_on_no_port(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as url:
        assert ask(url, "SELECT current_setting('listen_addresses')") == ""
        sockets = {link for pid in server_pids(data_dir) for link in opened_by(pid)}
        table = Path("/proc/net/tcp").read_text() + Path("/proc/net/tcp6").read_text()
        listening = {f"socket:[{row.split()[9]}]" for row in table.splitlines() if " 0A " in row}
        assert sockets & listening == set()


@pytest.mark.parametrize("name", ["with spaces", "x" * 120, "a,b:c%20", "$(touch x)'\"é"])
def test_any_path_will_do(data_dir: Path, name: str) -> None:
    with EmbeddedPostgres(data_dir / name) as url:
        assert ask(url, "SELECT 1") == 1
        assert len(os.fsencode(socket_dir(url) / ".s.PGSQL.5432")) < 104
        assert mode(socket_dir(url)) == 0o700
        assert ask_sqlalchemy(url, "SELECT 1") == 1
    assert not (socket_dir(url) / ".s.PGSQL.5432").exists()


def test_a_restart_is_quick_and_attaching_quicker(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir):
        pass
    begun = time.monotonic()
    with EmbeddedPostgres(data_dir):
        started = time.monotonic()
        with EmbeddedPostgres(data_dir):
            attached = time.monotonic()
    assert started - begun < 3.0
    assert attached - started < 1.0


def test_data_lives_below_the_working_directory_and_for_root_below_var_lib() -> None:
    assert default_data_dir(as_root=False) == Path(".data")
    assert default_data_dir(as_root=True) == Path("/var/lib/commerce-gateway/data")
