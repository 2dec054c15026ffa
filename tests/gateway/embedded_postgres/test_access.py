"""Who gets in, and what the login may do."""

from pathlib import Path

import asyncpg
import pytest

from gateway.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError
from tests.gateway.embedded_postgres.processes import AS_ROOT, ask, mode, opened_by, server_pids, socket_dir


def test_files_socket_and_password_are_closed_to_others(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as url:
        assert socket_dir(url) == data_dir / "socket"
        found = {name: mode(data_dir / name) for name in ("postgres", "socket", "postgres.passwords", "postgres.log")}
        assert found == {"postgres": 0o700, "socket": 0o700, "postgres.passwords": 0o600, "postgres.log": 0o600}
        assert mode(data_dir) == (0o711 if AS_ROOT else 0o700)
        assert mode(socket_dir(url) / ".s.PGSQL.5432") == 0o700


@pytest.mark.parametrize("user", ["gateway", "postgres"])
def test_a_wrong_password_is_refused(data_dir: Path, user: str) -> None:
    with EmbeddedPostgres(data_dir) as url:
        with pytest.raises(asyncpg.InvalidPasswordError):
            ask(url, "SELECT 1", user=user, password="wrong")
        with pytest.raises(asyncpg.InvalidPasswordError):
            ask(url, "SELECT 1", user=user, password="")


def test_both_roles_have_a_password_of_their_own_kept_as_scram(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as url:
        lines = (line.split(":") for line in (data_dir / "postgres.passwords").read_text().splitlines())
        passwords = {role: password for *_, role, password in lines}
        assert passwords.keys() == {"gateway", "postgres"}
        assert len(set(passwords.values())) == 2
        query = "SELECT count(*) FROM pg_authid WHERE rolcanlogin AND rolpassword LIKE 'SCRAM-SHA-256$%'"
        assert ask(url, query, user="postgres", password=passwords["postgres"]) == 2
    assert not any(password in (data_dir / "postgres.log").read_text() for password in passwords.values())


def test_the_login_is_no_superuser_but_becomes_the_roles_it_creates(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as url:
        assert ask(url, "SELECT current_setting('is_superuser')") == "off"
        ask(url, "CREATE ROLE app NOLOGIN")
        ask(url, "GRANT app TO gateway")
        query = "SELECT current_user || ' ' || session_user"
        assert ask(url, query, server_settings={"role": "app"}) == "app gateway"
        ask(url, "CREATE DATABASE another OWNER app")
        assert ask(url, "SELECT current_database()", database="another") == "another"


def test_a_lost_password_file_is_named(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir):
        pass
    (data_dir / "postgres.passwords").unlink()
    with pytest.raises(EmbeddedPostgresError, match=r"postgres\.passwords has no password"):
        EmbeddedPostgres(data_dir).acquire()
    assert server_pids(data_dir) == []


def test_files_of_a_postgres_that_is_not_installed_are_refused(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir):
        pass
    (data_dir / "postgres" / "PG_VERSION").write_text("12\n")
    with pytest.raises(EmbeddedPostgresError, match="written by PostgreSQL 12"):
        EmbeddedPostgres(data_dir).acquire()


def test_a_socket_directory_made_by_somebody_else_is_refused(data_dir: Path) -> None:
    long = data_dir / ("x" * 100)
    with EmbeddedPostgres(long) as url:
        place = socket_dir(url)
    assert not place.is_relative_to(data_dir)
    place.mkdir(mode=0o755)
    place.chmod(0o755)
    try:
        with pytest.raises(EmbeddedPostgresError, match=r"directory of the user .* with mode 0700"):
            EmbeddedPostgres(long).acquire()
    finally:
        place.rmdir()
    place.symlink_to(data_dir)
    try:
        with pytest.raises(EmbeddedPostgresError, match=r"directory of the user .* with mode 0700"):
            EmbeddedPostgres(long).acquire()
    finally:
        place.unlink()


def test_no_lock_of_a_user_leaks_into_the_server(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir):
        opened = {Path(link).name for pid in server_pids(data_dir) for link in opened_by(pid)}
    assert "postgres.server.lock" in opened  # its own, by which it is seen to live
    assert opened & {"postgres.users.lock", "postgres.start.lock"} == set()
