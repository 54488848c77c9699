"""The whole portal, database and uploaded files, as one file, and back.

The file is a ``.tar.gz``: ``manifest.json``, one ``database/<table>.copy`` per table (PostgreSQL's COPY text
format, UTF-8) and ``media/…``. It holds data only; the tables come from ``migrate``. So a backup goes from
any PostgreSQL of 15 to 18 to any other, which one of pg_dump does not, and needs no program but the portal.
An empty database first gets the tables the backup was made with, and afterwards what has been added since.

The secrets (``SECRET_KEY``, ``PRIVACY_KEYS``, ``PRIVACY_HASH_KEY``) are not in it: they are kept apart, and
without them the encrypted columns cannot be read.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.graph import MigrationGraph
from django.db.migrations.recorder import MigrationRecorder
from django.db.utils import OperationalError, ProgrammingError
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg import sql

FORMAT = 1
MANIFEST = "manifest.json"
_BLOCK = 1024 * 1024
_LOCK_TIMEOUT = "10s"


class BackupError(Exception):
    """The backup cannot be made or restored; nothing was changed. The message is for the operator."""


@dataclass(frozen=True)
class Table:
    """A table and its columns in the order of the COPY file; generated columns are computed anew."""

    name: str
    columns: list[str]


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself."""

    format: int
    made_at: str
    migrations: list[str]
    tables: list[Table]
    sequences: dict[str, int]
    sha256: dict[str, str]

    @classmethod
    def from_json(cls, text: bytes) -> Manifest:
        values: dict[str, Any] = json.loads(text)
        values["tables"] = [Table(**table) for table in values["tables"]]
        return cls(**values)


# --- Backup -------------------------------------------------------------------------------------------------


def write_backup(target: Path) -> Manifest:
    """Write the database, as of one moment, and the uploaded files to `target`, readable by its owner only.

    Raises:
        BackupError: `target` exists or cannot be written.
    """
    if target.exists():
        raise BackupError(_("%(file)s exists; a backup never overwrites a file.") % {"file": target})
    unfinished = target.with_name(target.name + ".unfinished")
    try:
        with tempfile.TemporaryDirectory(prefix="portal-backup-", dir=target.parent) as scratch:
            manifest = _dump(Path(scratch))
            # The file holds personal data; the mode is set before the first byte.
            with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as raw:
                _pack(manifest, Path(scratch), raw)
                raw.flush()
                os.fsync(raw.fileno())
            # Read once more: a file that changed while it was packed would be found out at the restore.
            _read(unfinished, None)
        unfinished.rename(target)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise BackupError(_("%(file)s cannot be written: %(reason)s") % {"file": target, "reason": error})
    return manifest


def _dump(scratch: Path) -> Manifest:
    """COPY every table out of one snapshot into `scratch`."""
    sha256 = {}
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        tables, sequences, migrations = _tables(), _sequences(), _migrations()
        for table in tables:
            sha256[_member(table)] = _copy_out(table, scratch / _member(table))
    media = Path(settings.MEDIA_ROOT)
    for file in sorted(media.rglob("*")):
        if file.is_file() and not file.is_symlink():
            with file.open("rb") as content:
                sha256[f"media/{file.relative_to(media).as_posix()}"] = _digest(content)
    return Manifest(FORMAT, timezone.now().isoformat(), migrations, tables, sequences, sha256)


def _copy_out(table: Table, file: Path) -> str:
    file.parent.mkdir(exist_ok=True)
    digest = hashlib.sha256()
    query = sql.SQL("COPY {} ({}) TO STDOUT").format(sql.Identifier(table.name), _column_list(table))
    with _psycopg_cursor() as cursor, cursor.copy(query) as copy, file.open("wb") as output:
        for block in copy:
            digest.update(block)
            output.write(block)
    return digest.hexdigest()


def _pack(manifest: Manifest, scratch: Path, raw: IO[bytes]) -> None:
    (scratch / MANIFEST).write_text(json.dumps(asdict(manifest), ensure_ascii=False, indent=1), "utf-8")
    with (
        gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=6) as packed,
        tarfile.open(None, "w", packed) as tar,
    ):
        tar.add(scratch / MANIFEST, MANIFEST)
        for name in manifest.sha256:
            tar.add(_source(name, scratch), name)


def _source(name: str, scratch: Path) -> Path:
    if name.startswith("media/"):
        return Path(settings.MEDIA_ROOT) / name.removeprefix("media/")
    return scratch / name


# --- Restore ------------------------------------------------------------------------------------------------


def restore_backup(source: Path) -> Manifest:
    """Replace the database and the uploaded files with those of `source`: all of it or nothing.

    An empty database is given its tables first. A backup of an earlier version goes into an empty database only;
    its rows then go through the migrations that have come since.

    The whole file is read and checked before the first row is touched. Foreign keys are not checked again:
    the rows come from one snapshot and their checksums hold.

    Raises:
        BackupError: the file is damaged, of another format, of a later version or of other migrations than a
            database that is in use; someone uses the tables; or the database role may not switch triggers off.
    """
    media = Path(settings.MEDIA_ROOT)
    media.parent.mkdir(parents=True, exist_ok=True)
    # Beside the old files, so that the exchange is a rename.
    with tempfile.TemporaryDirectory(prefix="portal-restore-", dir=media.parent) as folder:
        scratch = Path(folder)
        manifest = _read(source, scratch)
        _refuse_later_version(manifest)
        if not _tables():
            _make_tables(manifest)
        _refuse_other_schema(manifest)
        try:
            with _exchanged(media, scratch), transaction.atomic(durable=True):
                _load(manifest, scratch)
        except (OperationalError, psycopg.OperationalError) as error:
            raise BackupError(
                _("Nothing was restored, because the database is in use. Stop the portal first: %(reason)s")
                % {"reason": str(error).strip()}
            )
        except (ProgrammingError, psycopg.Error, OSError) as error:
            raise BackupError(_("Nothing was restored: %(reason)s") % {"reason": str(error).strip()})
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", interactive=False, verbosity=0)
    return manifest


def _read(source: Path, scratch: Path | None) -> Manifest:
    """Compare every checksum; unpack into `scratch`, if given, what the manifest lists and nothing else."""
    damaged = BackupError(_("%(file)s is damaged or not a backup of this portal.") % {"file": source})
    try:
        with tarfile.open(source, "r|gz") as tar:
            members = iter(tar)
            first = next(members)
            text = tar.extractfile(first)
            if first.name != MANIFEST or text is None:
                raise damaged
            values = json.loads(text.read())
            if values.get("format") != FORMAT:
                raise BackupError(
                    _("%(file)s has format %(found)s; this version reads format %(known)s.")
                    % {"file": source, "found": values.get("format"), "known": FORMAT}
                )
            manifest = Manifest.from_json(json.dumps(values).encode())
            found = {member.name: _extract(tar, member, scratch, manifest) for member in members}
    except FileNotFoundError:
        raise BackupError(_("%(file)s does not exist.") % {"file": source})
    except (
        OSError,
        EOFError,
        tarfile.TarError,
        StopIteration,
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
    ):
        raise damaged
    if found != manifest.sha256:
        raise damaged
    return manifest


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, scratch: Path | None, manifest: Manifest) -> str:
    """The SHA-256 of one member, written below `scratch`. Raises ValueError for a name that leads out."""
    path = PurePosixPath(member.name)
    content = tar.extractfile(member) if member.isreg() else None
    if member.name not in manifest.sha256 or path.is_absolute() or ".." in path.parts or content is None:
        raise ValueError(member.name)
    if scratch is None:
        return _digest(content)
    target = scratch / path
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as output:
        shutil.copyfileobj(content, output, _BLOCK)
    if settings.FILE_UPLOAD_PERMISSIONS is not None:
        target.chmod(settings.FILE_UPLOAD_PERMISSIONS)
    with target.open("rb") as written:
        return _digest(written)


def _named(migration: str) -> tuple[str, str]:
    app, _dot, name = migration.partition(".")
    return app, name


def _make_tables(manifest: Manifest) -> None:
    """The tables as they were when the backup was made, in a database without any."""
    executor = MigrationExecutor(connection)
    graph = executor.loader.graph
    wanted = {_named(migration) for migration in manifest.migrations} & graph.nodes.keys()
    # Of each app its last one: a plan that names an earlier one too would lead back to it.
    executor.migrate(sorted(node for node in wanted if not any(c in wanted for c in _next_in_app(graph, node))))


def _next_in_app(graph: MigrationGraph, node: tuple[str, str]) -> list[tuple[str, str]]:
    return [child.key for child in graph.node_map[node].children if child.key[0] == node[0]]


def _refuse_later_version(manifest: Manifest) -> None:
    on_disk = MigrationExecutor(connection).loader.disk_migrations
    known = set(on_disk).union(*(migration.replaces for migration in on_disk.values()))
    if unknown := sorted(name for name in manifest.migrations if _named(name) not in known):
        raise BackupError(
            _("The backup was made by a later version of the portal (%(names)s). Install that version first.")
            % {"names": ", ".join(unknown)}
        )


def _refuse_other_schema(manifest: Manifest) -> None:
    ours, theirs = set(_migrations()), set(manifest.migrations)
    if ours > theirs:
        raise BackupError(
            _(
                "The backup comes from an earlier version (without %(names)s) and cannot replace a database that is "
                "in use. Restore it into an empty database; that brings it up to date by itself."
            )
            % {"names": ", ".join(sorted(ours - theirs))}
        )
    if ours != theirs:
        raise BackupError(
            _(
                "The backup was made with other migrations "
                "(only in the backup: %(theirs)s; only here: %(ours)s). "
                "Restore it with the version that made it, then run `manage.py migrate` of the new one."
            )
            % {
                "theirs": ", ".join(sorted(theirs - ours)) or "-",
                "ours": ", ".join(sorted(ours - theirs)) or "-",
            }
        )
    if sorted(_tables(), key=lambda table: table.name) != sorted(manifest.tables, key=lambda table: table.name):
        raise BackupError(_("The tables of the backup are not those of this database. Run `manage.py migrate`."))


def _load(manifest: Manifest, scratch: Path) -> None:
    """Empty every table and fill it again; the caller holds the transaction."""
    with _psycopg_cursor() as cursor:
        cursor.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(_LOCK_TIMEOUT))
        # No triggers: the history is restored, not written a second time, and tables that point at each other
        # can be filled in any order.
        cursor.execute("SET LOCAL session_replication_role = replica")
        names = sql.SQL(", ").join(sql.Identifier(table.name) for table in manifest.tables)
        cursor.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY").format(names))
        for table in manifest.tables:
            query = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), _column_list(table))
            with cursor.copy(query) as copy, (scratch / _member(table)).open("rb") as rows:
                while block := rows.read(_BLOCK):
                    copy.write(block)
        for name, value in manifest.sequences.items():
            cursor.execute("SELECT setval(%s::regclass, %s)", [f'"{name}"', value])


@contextmanager
def _exchanged(media: Path, scratch: Path) -> Iterator[None]:
    """Exchange the uploaded files around the database's transaction, and back if it fails."""
    old, new = scratch / "media-before", scratch / "media"
    new.mkdir(exist_ok=True)
    try:
        if media.exists():
            media.rename(old)
        new.rename(media)
        yield
    except BaseException:
        if not new.exists():
            media.rename(new)
        if old.exists():
            old.rename(media)
        raise


# --- The catalogue ------------------------------------------------------------------------------------------


def _migrations() -> list[str]:
    return sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())


def _tables() -> list[Table]:
    """Every table of the schema that no extension owns, with the columns that can be written."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.relname, array_agg(a.attname::text ORDER BY a.attname)
            FROM pg_class c
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
                 AND NOT a.attisdropped AND a.attgenerated = ''
            WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
              AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
            GROUP BY c.relname ORDER BY c.relname
            """
        )
        return [Table(name, columns) for name, columns in cursor.fetchall()]


def _sequences() -> dict[str, int]:
    """The last value of every sequence that was ever used."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sequencename, last_value FROM pg_sequences"
            " WHERE schemaname = current_schema() AND last_value IS NOT NULL"
        )
        return dict(cursor.fetchall())


@contextmanager
def _psycopg_cursor() -> Iterator[psycopg.Cursor[Any]]:
    """psycopg's own cursor inside Django's transaction: Django's does not offer COPY."""
    connection.ensure_connection()
    with connection.connection.cursor() as cursor:
        yield cursor


def _column_list(table: Table) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, table.columns))


def _member(table: Table) -> str:
    return f"database/{table.name}.copy"


def _digest(content: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while block := content.read(_BLOCK):
        digest.update(block)
    return digest.hexdigest()
