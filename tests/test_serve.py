"""``manage.py serve`` runs web server and worker as one, and leaves nothing behind."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import psutil
import pytest
from django.db import connection

from unionportal.supervision import run_together, stop_recorded, wait_for_end

BASE_DIR = Path(__file__).resolve().parent.parent


class Portal:
    """A `manage.py serve` on a free port with the test database and a data folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.process: subprocess.Popen[str] | None = None
        self.seen: list[psutil.Process] = []

    @property
    def environment(self) -> dict[str, str]:
        database = connection.settings_dict
        host, login = str(database["HOST"]), f"{database['USER']}:{quote(database['PASSWORD'])}".rstrip(":")
        # A socket's folder stands in the path, the way django-environ reads it.
        server = f"@{host}:{database['PORT'] or 5432}/" if not host.startswith("/") else f"@/{host}/"
        url = f"postgres://{login}{server}{database['NAME']}"
        return {
            **os.environ,
            "DATABASE_URL": url,
            "PORTAL_DATA_DIR": str(self.folder),
            "PORTAL_ENV": "development",
        }

    def manage(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=BASE_DIR,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def start(self) -> subprocess.Popen[str]:
        """Start it and wait until both programs have come up: the web server answers, the worker listens."""
        self.process = self.manage("serve", "--port", str(self.port))
        deadline = time.monotonic() + 40
        while not (self.answers() and len(self.programs()) == 2):
            assert self.process.poll() is None, self.process.communicate()[0]
            assert time.monotonic() < deadline, "the portal does not come up"
            time.sleep(0.1)
        self.seen = psutil.Process(self.process.pid).children(recursive=True)
        return self.process

    def answers(self) -> bool:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=10).close()
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True

    def programs(self) -> list[int]:
        try:
            return [number for number, _started in json.loads((self.folder / "serve.json").read_text())[1:]]
        except (OSError, ValueError):
            return []

    def is_gone(self) -> bool:
        return not wait_for_end(self.seen, 3) and not self.answers()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def portal(db: None, tmp_path: Path) -> Iterator[Portal]:
    portal = Portal(tmp_path)
    yield portal
    stop_recorded(tmp_path / "serve.json")
    if portal.process is not None:
        portal.process.kill()
        portal.process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "terminate"])
def test_one_signal_ends_web_server_and_worker_within_ten_seconds(portal: Portal, number: signal.Signals) -> None:
    process = portal.start()
    # As a terminal does it: to every process of the foreground group.
    os.killpg(process.pid, number)
    output, _ = process.communicate(timeout=10)
    assert process.returncode == 0, output
    assert f"http://127.0.0.1:{portal.port}/" in output
    assert portal.is_gone()
    assert not (portal.folder / "serve.json").exists()


def test_a_web_server_that_dies_takes_the_worker_with_it(portal: Portal) -> None:
    process = portal.start()
    os.kill(portal.programs()[0], signal.SIGKILL)
    process.communicate(timeout=10)
    assert process.returncode != 0
    assert portal.is_gone()


def test_stop_ends_what_a_killed_serve_left_running(portal: Portal) -> None:
    portal.start().kill()
    assert portal.answers()
    stopper = portal.manage("stop")
    output, _ = stopper.communicate(timeout=15)
    assert stopper.returncode == 0, output
    assert portal.is_gone()


def ask(port: int, addresses: list[str]) -> list[int]:
    """The status of each address, asked one after the other over one connection."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    found = []
    for address in addresses:
        line.request("GET", address)
        answer = line.getresponse()
        answer.read()
        found.append(answer.status)
    line.close()
    return found


def cut_every_database_connection() -> int:
    """As a restart of the database does it. Returns how many were cut."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])


def test_twenty_visitors_at_once_are_answered_also_after_the_database_has_dropped_its_connections(
    portal: Portal,
) -> None:
    portal.start()
    ways = [["/healthz", "/agreements/", "/stations/", "/agreements/?q=x"]] * 20
    for _round in range(2):
        with ThreadPoolExecutor(20) as visitors:
            told = list(visitors.map(lambda way: ask(portal.port, way), ways))
        assert told == [[200] * 4] * 20
        assert cut_every_database_connection() > 0


def test_a_record_left_by_a_crash_does_not_keep_stop_from_ending_well(portal: Portal) -> None:
    (portal.folder / "serve.json").write_text(json.dumps([[os.getpid(), 1.0], [2**22 - 1, 2.0]]))
    stopper = portal.manage("stop")
    output, _ = stopper.communicate(timeout=30)
    assert stopper.returncode == 0, output
    assert "Traceback" not in output
    assert not (portal.folder / "serve.json").exists()


def test_a_taken_port_is_named_at_once_with_the_way_out(portal: Portal) -> None:
    with socket.create_server(("127.0.0.1", portal.port)):
        refused = portal.manage("serve", "--port", str(portal.port))
        output, _ = refused.communicate(timeout=15)
    assert refused.returncode != 0
    assert f"PORT={portal.port + 1}" in output
    assert "Traceback" not in output


# --- The supervision by itself ------------------------------------------------------------------------------

STUBBORN = "import signal, time\nfor n in (15, 2, 1): signal.signal(n, signal.SIG_IGN)\nprint('up', flush=True)\n"
SUPERVISE = """
import sys
from pathlib import Path
from unionportal.supervision import run_together
programs = {"one": [sys.executable, "-c", sys.argv[2]], "two": ["sleep", "60"]}
ended = run_together(programs, record=Path(sys.argv[1]))
print("ended:", ended)
"""


def supervise(record: Path, program: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", SUPERVISE, str(record), program]
    return subprocess.Popen(command, cwd=BASE_DIR, stdout=subprocess.PIPE, text=True)


def test_a_program_that_will_not_stop_is_killed_after_five_seconds(tmp_path: Path) -> None:
    supervisor = supervise(tmp_path / "record", STUBBORN + "time.sleep(60)")
    assert supervisor.stdout is not None and supervisor.stdout.readline() == "up\n"
    programs = psutil.Process(supervisor.pid).children()
    asked = time.monotonic()
    supervisor.terminate()
    assert "ended: None" in supervisor.communicate(timeout=10)[0]
    assert 4 < time.monotonic() - asked < 8
    assert wait_for_end(programs, 1) == []


def test_a_second_ctrl_c_does_not_wait(tmp_path: Path) -> None:
    supervisor = supervise(tmp_path / "record", STUBBORN + "time.sleep(60)")
    assert supervisor.stdout is not None and supervisor.stdout.readline() == "up\n"
    asked = time.monotonic()
    supervisor.send_signal(signal.SIGINT)
    time.sleep(0.5)
    supervisor.send_signal(signal.SIGINT)
    supervisor.communicate(timeout=10)
    assert time.monotonic() - asked < 3


def test_the_program_that_ended_by_itself_is_named(tmp_path: Path) -> None:
    ended = run_together(
        {"patient": ["sleep", "60"], "hasty": [sys.executable, "-c", "raise SystemExit(3)"]},
        record=tmp_path / "record",
    )
    assert ended == "hasty"


def test_a_record_of_an_earlier_boot_does_not_kill_a_stranger(tmp_path: Path) -> None:
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        (tmp_path / "record").write_text(json.dumps([[stranger.pid, 1.0]]))
        assert stop_recorded(tmp_path / "record") is False
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()
