"""A backup brings back every row and every uploaded file, or changes nothing at all."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from unionportal import backup
from unionportal.backup import BackupError, restore_backup, write_backup

pytestmark = pytest.mark.django_db(transaction=True)

AWKWARD_NAME = "区总工会\t干事\n\\N “引号” 𠮷"


@pytest.fixture
def media(settings, tmp_path: Path) -> Path:
    folder = tmp_path / "media"
    settings.MEDIA_ROOT = folder
    (folder / "stations").mkdir(parents=True)
    (folder / "stations" / "驿站照片.webp").write_bytes(b"before" * 1000)
    return folder


@pytest.fixture
def saved(media: Path, tmp_path: Path) -> Path:
    """A backup of one group with one permission and one photograph."""
    group = Group.objects.create(name=AWKWARD_NAME)
    group.permissions.add(Permission.objects.order_by("pk")[0])
    write_backup(tmp_path / "portal.tar.gz")
    return tmp_path / "portal.tar.gz"


def change_everything(media: Path) -> None:
    Group.objects.all().delete()
    Group.objects.create(name="after")
    (media / "stations" / "驿站照片.webp").write_bytes(b"after")
    (media / "new.webp").write_bytes(b"new")


def assert_unchanged_since_change(media: Path) -> None:
    assert [group.name for group in Group.objects.all()] == ["after"]
    assert (media / "stations" / "驿站照片.webp").read_bytes() == b"after"
    assert (media / "new.webp").exists()
    assert sorted(path.name for path in media.parent.iterdir() if path.name.startswith("portal-restore")) == []


def repack(file: Path, change: Callable[[dict[str, bytes]], None], *, sign: bool) -> None:
    """Write the backup again with changed members; `sign` makes the checksums fit, as a forger would."""
    with tarfile.open(file) as tar:
        members = {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]
    change(members)
    if sign:
        manifest = json.loads(members[backup.MANIFEST])
        manifest["sha256"] = {
            name: hashlib.sha256(content).hexdigest() for name, content in members.items() if name != backup.MANIFEST
        }
        members[backup.MANIFEST] = json.dumps(manifest).encode()
    with tarfile.open(file, "w:gz") as tar:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))


def test_a_restore_brings_back_rows_links_and_files(saved: Path, media: Path) -> None:
    kept = list(Group.objects.values_list("pk", "name", "permissions"))
    change_everything(media)
    restore_backup(saved)
    assert list(Group.objects.values_list("pk", "name", "permissions")) == kept
    assert [path.name for path in media.rglob("*.webp")] == ["驿站照片.webp"]
    assert (media / "stations" / "驿站照片.webp").read_bytes() == b"before" * 1000


def test_new_rows_after_a_restore_do_not_collide_with_restored_ones(saved: Path, media: Path) -> None:
    highest = Group.objects.get().pk
    restore_backup(saved)
    assert Group.objects.create(name="next").pk == highest + 1


def test_every_table_is_in_the_backup(saved: Path) -> None:
    with tarfile.open(saved) as tar:
        names = set(tar.getnames())
    tables = set(connection.introspection.table_names())
    assert {f"database/{table}.copy" for table in tables} <= names


def test_a_backup_is_readable_by_its_owner_only(saved: Path) -> None:
    assert saved.stat().st_mode & 0o077 == 0


def test_a_backup_never_overwrites_a_file(saved: Path) -> None:
    before = saved.read_bytes()
    with pytest.raises(BackupError):
        write_backup(saved)
    assert saved.read_bytes() == before


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def flip_a_byte(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0xFF
    file.write_bytes(bytes(content))


def make_text(file: Path) -> None:
    file.write_text("not a backup")


def drop_the_manifest(file: Path) -> None:
    repack(file, lambda members: members.pop(backup.MANIFEST) and None, sign=False)


def change_a_row(file: Path) -> None:
    def change(members: dict[str, bytes]) -> None:
        members["database/auth_group.copy"] = members["database/auth_group.copy"].replace(b"\\t", b"\\n")

    repack(file, change, sign=False)


def leave_out_a_file(file: Path) -> None:
    repack(file, lambda members: members.pop("media/stations/驿站照片.webp") and None, sign=False)


def lead_out_of_the_folder(file: Path) -> None:
    repack(file, lambda members: members.update({"media/../../escaped": b"x"}), sign=True)


@pytest.mark.parametrize(
    "damage",
    [
        cut,
        flip_a_byte,
        make_text,
        drop_the_manifest,
        change_a_row,
        leave_out_a_file,
        lead_out_of_the_folder,
        Path.unlink,
    ],
)
def test_a_damaged_backup_is_refused_before_anything_is_touched(
    saved: Path, media: Path, damage: Callable[[Path], None]
) -> None:
    change_everything(media)
    damage(saved)
    with pytest.raises(BackupError):
        restore_backup(saved)
    assert_unchanged_since_change(media)
    assert not (media.parent / "escaped").exists()


def test_a_backup_of_other_migrations_is_refused_and_names_them(saved: Path, media: Path) -> None:
    change_everything(media)
    recorder = MigrationRecorder(connection)
    recorder.record_applied("stations", "9999_of_tomorrow")
    try:
        with pytest.raises(BackupError, match=r"stations\.9999_of_tomorrow"):
            restore_backup(saved)
    finally:
        recorder.record_unapplied("stations", "9999_of_tomorrow")
    assert_unchanged_since_change(media)


def test_a_backup_of_a_later_version_is_refused_and_says_which(saved: Path, media: Path) -> None:
    def come_from_tomorrow(members: dict[str, bytes]) -> None:
        manifest = json.loads(members[backup.MANIFEST])
        manifest["migrations"].append("stations.9999_of_tomorrow")
        members[backup.MANIFEST] = json.dumps(manifest).encode()

    repack(saved, come_from_tomorrow, sign=False)
    change_everything(media)
    with pytest.raises(BackupError, match=r"stations\.9999_of_tomorrow"):
        restore_backup(saved)
    assert_unchanged_since_change(media)


# --- A database with nothing in it -----------------------------------------------------------------------------


@contextmanager
def another_database(template: str) -> Iterator[None]:
    """The portal stands on a new copy of `template`, which goes away afterwards; of template0 it is empty."""
    held, name = connection.settings_dict["NAME"], "test_backup_elsewhere"
    server = {key: value for key, value in connection.get_connection_params().items() if key in _SERVER and value}
    connection.close()
    with psycopg.connect(**server, dbname="postgres", autocommit=True) as beside:
        # A browser test before may have left a session of its server's.
        beside.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [template])
        beside.execute(f'DROP DATABASE IF EXISTS "{name}"')
        beside.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        connection.settings_dict["NAME"] = name
        try:
            yield
        finally:
            connection.close()
            connection.settings_dict["NAME"] = held
            beside.execute(f'DROP DATABASE "{name}"')


_SERVER = ("host", "port", "user", "password")
OLDER = ("bargaining", "0001_initial")


def test_a_backup_of_an_earlier_version_goes_into_an_empty_database_and_is_brought_up_to_date(
    media: Path, tmp_path: Path
) -> None:
    full, file = connection.settings_dict["NAME"], tmp_path / "older.tar.gz"
    with another_database(full):
        executor = MigrationExecutor(connection)
        executor.migrate([OLDER])
        Group.objects.create(name=AWKWARD_NAME)
        assert "bargaining.0002_append_only_steps_and_votes" not in write_backup(file).migrations
    change_everything(media)
    with pytest.raises(BackupError, match=r"bargaining\.0002_append_only_steps_and_votes"):
        restore_backup(file)
    assert_unchanged_since_change(media)
    with another_database("template0"):
        restore_backup(file)
        assert Group.objects.get().name == AWKWARD_NAME
        executor = MigrationExecutor(connection)
        assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []
        assert "bargaining_stepevent" in connection.introspection.table_names()


def test_a_row_that_the_database_refuses_rolls_everything_back(saved: Path, media: Path) -> None:
    def repeat_the_group(members: dict[str, bytes]) -> None:
        members["database/auth_group.copy"] *= 2

    repack(saved, repeat_the_group, sign=True)
    change_everything(media)
    with pytest.raises(BackupError, match="auth_group"):
        restore_backup(saved)
    assert_unchanged_since_change(media)


def test_a_portal_still_at_work_makes_the_restore_give_up(
    saved: Path, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_everything(media)
    monkeypatch.setattr(backup, "_LOCK_TIMEOUT", "200ms")
    parameters = connection.get_connection_params()
    parameters = {key: parameters[key] for key in ("host", "port", "user", "password", "dbname") if parameters.get(key)}
    with psycopg.connect(**parameters) as other:
        other.execute("LOCK TABLE auth_group IN ROW EXCLUSIVE MODE")
        with pytest.raises(BackupError):
            restore_backup(saved)
        other.rollback()
    assert_unchanged_since_change(media)


def test_the_commands_back_up_and_restore(media: Path, tmp_path: Path, capsys) -> None:
    Group.objects.create(name=AWKWARD_NAME)
    call_command("backup", tmp_path / "by-command.tar.gz")
    change_everything(media)
    call_command("restore", tmp_path / "by-command.tar.gz", "--yes")
    assert Group.objects.get().name == AWKWARD_NAME


def test_a_restore_that_nobody_confirmed_does_nothing(saved: Path, media: Path) -> None:
    change_everything(media)
    with pytest.raises(CommandError):
        call_command("restore", saved)
    assert_unchanged_since_change(media)
