"""The database files, their roles and passwords: created once, completely or not at all."""

import os
import secrets
import shutil
from pathlib import Path

from gateway.embedded_postgres.binaries import PostgresBinaries
from gateway.embedded_postgres.os_user import OsUser
from gateway.embedded_postgres.paths import EmbeddedPostgresError, ServerPaths

LOGIN = "gateway"  # the role, and the database it owns
SUPERUSER = "postgres"

_INITDB_SECONDS = 120.0
_ROLES_SECONDS = 60.0

# Only the socket is open, and only to passwords.
_ACCESS = "local all all scram-sha-256\n"

# One command a line, as PostgreSQL's single-user mode reads them. The login is not a superuser; since PostgreSQL 16 it
# could not become the roles it creates without `createrole_self_grant`.
_ROLES = """\
ALTER ROLE {superuser} PASSWORD '{superuser_password}';
CREATE ROLE {login} LOGIN CREATEDB CREATEROLE PASSWORD '{login_password}';
ALTER ROLE {login} SET createrole_self_grant = 'set, inherit';
CREATE DATABASE {login} OWNER {login};
"""


def existing_major(place: ServerPaths) -> int | None:
    """The major version of PostgreSQL that wrote the files; None when there are none."""
    try:
        return int((place.files / "PG_VERSION").read_text())
    except FileNotFoundError:
        if place.files.exists():
            raise EmbeddedPostgresError(f"{place.files} exists but contains no PostgreSQL database.") from None
        return None


def prepare(place: ServerPaths, programs: PostgresBinaries, account: OsUser, server_lock: int) -> None:
    """Create the files if there are none (about half a second; at most three minutes).

    They are created in another directory that is renamed at the end, so the remains of an interruption are never used
    as a database. The programs inherit `server_lock`: no other process begins until the last of them has ended.
    """
    shutil.rmtree(place.unfinished, ignore_errors=True)
    if place.files.exists():
        return
    account.private_dir(place.unfinished)
    login_password, superuser_password = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    _initdb(place.unfinished, programs, account, server_lock)
    _write(place.unfinished / "pg_hba.conf", _ACCESS)
    statements = _ROLES.format(
        login=LOGIN, login_password=login_password, superuser=SUPERUSER, superuser_password=superuser_password
    )
    _execute(statements, place.unfinished, programs, account, server_lock)
    _save_passwords(place.passwords, {LOGIN: login_password, SUPERUSER: superuser_password})
    place.unfinished.rename(place.files)
    _sync(place.data_dir)


def password_of(place: ServerPaths, role: str) -> str:
    """The role's password. Raises EmbeddedPostgresError when the file with the passwords is gone."""
    try:
        lines = place.passwords.read_text().splitlines()
    except FileNotFoundError:
        lines = []
    for line in lines:
        *_, name, password = line.split(":")
        if name == role:
            return password
    raise EmbeddedPostgresError(
        f"{place.passwords} has no password for the role {role}, which the database in {place.files} needs. Restore "
        f"the file, or remove both to start with an empty database."
    )


def _initdb(files: Path, programs: PostgresBinaries, account: OsUser, server_lock: int) -> None:
    # The builtin provider sorts alike on every machine and after every update of the C library. `trust` is what
    # initdb can do without a password file; our own rules replace it before a server ever runs.
    locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    options = [f"--username={SUPERUSER}", "--auth=trust", "--no-instructions", *locale]
    answer = account.run([programs.initdb, "-D", files, *options], seconds=_INITDB_SECONDS, keeps=server_lock)
    if answer.returncode:
        raise EmbeddedPostgresError(f"PostgreSQL could not create its files in {files}: {answer.stderr.strip()}")


def _execute(statements: str, files: Path, programs: PostgresBinaries, account: OsUser, server_lock: int) -> None:
    """Run SQL without a server. The statements contain passwords: they are passed by a pipe and never logged."""
    settings = ["-c", "exit_on_error=on", "-c", "log_min_error_statement=panic"]
    command: list[str | Path] = [programs.postgres, "--single", "-D", files, *settings, "postgres"]
    answer = account.run(command, seconds=_ROLES_SECONDS, given=statements, keeps=server_lock)
    if answer.returncode:
        raise EmbeddedPostgresError(f"PostgreSQL could not create the role of the gateway: {answer.stderr.strip()}")


def _save_passwords(path: Path, passwords: dict[str, str]) -> None:
    """In the format of `PGPASSFILE`, so that psql can be pointed at it."""
    unfinished = path.with_name(path.name + ".unfinished")
    unfinished.unlink(missing_ok=True)
    fd = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(fd, "w", encoding="ascii") as file:
        file.writelines(f"*:*:*:{role}:{password}\n" for role, password in passwords.items())
        file.flush()
        os.fsync(fd)
    unfinished.replace(path)


def _write(path: Path, text: str) -> None:
    # The directory is the account's: an ordinary open by root could be led elsewhere by a link put there.
    with open(os.open(path, os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW), "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync(directory: Path) -> None:
    fd = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
