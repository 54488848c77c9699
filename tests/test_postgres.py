"""The embedded server starts from nothing, from a crash, and for several callers at once."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from unionportal import postgres
from unionportal.supervision import wait_for_end

BASE_DIR = Path(__file__).resolve().parent.parent
START = "from unionportal import postgres; postgres.ensure_running()"


@pytest.fixture
def own_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder of the test's own; its server is ended and deleted afterwards."""
    monkeypatch.setenv("PORTAL_DATA_DIR", str(tmp_path / "data"))
    yield tmp_path / "data"
    postgres.delete()


@pytest.fixture(scope="module")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("shared") / "data"
    yield folder
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PORTAL_DATA_DIR", str(folder))
        postgres.delete()


@pytest.fixture
def running_server(shared_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A server that several tests share, running at the start of each."""
    monkeypatch.setenv("PORTAL_DATA_DIR", str(shared_folder))
    postgres.ensure_running()
    return shared_folder


def connect() -> psycopg.Connection:
    return psycopg.connect(host=str(postgres.socket_dir()), port=postgres.PORT, user="portal", dbname="portal")


def kill_server() -> None:
    """What a power cut or the kernel's out-of-memory killer does."""
    postmaster = postgres._postmaster()
    assert postmaster is not None
    postmaster.kill()
    assert wait_for_end([postmaster], 5) == []


def start_elsewhere(**options: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", START], cwd=BASE_DIR, **options)  # type: ignore[call-overload]


def test_processes_that_start_a_new_server_at_once_all_find_it_running(own_server: Path) -> None:
    starters = [start_elsewhere() for _ in range(4)]
    assert [starter.wait(60) for starter in starters] == [0, 0, 0, 0]
    with connect() as connection:
        assert connection.execute("SELECT count(*) FROM pg_database WHERE datname = 'portal'").fetchone() == (1,)


def test_a_new_database_finds_chinese_names_by_likeness(running_server: Path) -> None:
    with connect() as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
        row = connection.execute("SELECT similarity('昆明驿站', '昆明市职工驿站')").fetchone()
    assert row is not None and row[0] > 0


def test_the_server_listens_in_a_private_folder_and_not_on_the_network(running_server: Path) -> None:
    with connect() as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
    assert postgres.socket_dir().stat().st_mode & 0o077 == 0
    assert postgres.cluster_dir().stat().st_mode & 0o077 == 0


def test_committed_rows_survive_kill_9(running_server: Path) -> None:
    with connect() as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
    kill_server()
    postgres.ensure_running()
    with connect() as connection:
        assert connection.execute("SELECT one FROM kept").fetchone() == (1,)


@pytest.mark.parametrize(
    "content",
    ["", f"{os.getpid()}\n", "1\n/elsewhere\n"],
    ids=["cut short", "number of a living process", "foreign"],
)
def test_a_pid_file_left_behind_does_not_keep_the_server_from_starting(running_server: Path, content: str) -> None:
    kill_server()
    (postgres.cluster_dir() / "postmaster.pid").write_text(content)
    postgres.ensure_running()
    connect().close()


def test_a_server_whose_socket_was_cleaned_away_is_not_started_twice(running_server: Path) -> None:
    first = postgres._postmaster()
    assert first is not None
    (postgres.cluster_dir() / "postmaster.pid").unlink()
    postgres.ensure_running()
    assert postgres._postmaster() == first


def test_stop_ends_every_process_of_the_server(running_server: Path) -> None:
    processes = postgres._processes()
    assert postgres.stop() is True
    assert wait_for_end(processes, 5) == []
    assert postgres.stop() is False


def test_a_server_in_use_is_left_running_by_those_who_only_tidy_up(running_server: Path) -> None:
    with connect():
        assert postgres.stop(only_if_unused=True) is False
    assert postgres.stop(only_if_unused=True) is True


def test_a_caller_whose_output_is_captured_does_not_wait_for_the_servers_end(own_server: Path) -> None:
    starter = start_elsewhere(stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output, _ = starter.communicate(timeout=30)
    assert (starter.returncode, output) == (0, b"")


def test_ctrl_c_in_the_callers_terminal_does_not_reach_the_server(own_server: Path) -> None:
    starter = start_elsewhere(start_new_session=True)
    starter.wait(30)
    postmaster = postgres._postmaster()
    assert postmaster is not None
    assert os.getpgid(postmaster.pid) != starter.pid


def test_a_data_folder_with_a_very_long_path_gets_a_short_socket_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_DATA_DIR", str(tmp_path / ("很长的名字" * 8)))
    try:
        postgres.ensure_running()
        assert len(os.fsencode(postgres.socket_dir() / ".s.PGSQL.5432")) <= 100
        connect().close()
    finally:
        postgres.delete()


def test_a_cluster_of_another_major_version_is_refused_with_the_way_out(own_server: Path) -> None:
    postgres.ensure_running()
    postgres.stop()
    (postgres.cluster_dir() / "PG_VERSION").write_text("15\n")
    with pytest.raises(postgres.EmbeddedPostgresError, match=r"made by PostgreSQL 15.*manage\.py backup"):
        postgres.ensure_running()


def test_an_unusable_data_folder_is_named_in_the_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("PORTAL_DATA_DIR", str(tmp_path / "file" / "data"))
    with pytest.raises(postgres.EmbeddedPostgresError, match="does not start"):
        postgres.ensure_running()


def test_each_checkout_has_a_folder_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PORTAL_DATA_DIR", raising=False)
    ours = postgres.data_dir()
    monkeypatch.setattr(postgres, "_CHECKOUT", Path("/another/checkout"))
    assert postgres.data_dir() != ours
    assert postgres.data_dir().parent == ours.parent


def test_a_killed_servers_children_are_waited_for(running_server: Path) -> None:
    connection = connect()
    postmaster = postgres._postmaster()
    assert postmaster is not None
    postmaster.kill()
    postgres.ensure_running()
    connect().close()
    with pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT 1")
