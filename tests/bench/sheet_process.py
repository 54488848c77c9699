"""One step of an import, or an export, in a process of its own, so that its memory can be told from all others.

``python -m tests.bench.sheet_process DATABASE hand-in|apply|export FILE ORGANIZATION`` prints one JSON object: seconds
of wall clock and the largest memory that the process and the readers it started held at once, in MB.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PAGE = os.sysconf("SC_PAGE_SIZE")
MEGABYTE = 1024**2


def run(database: str, verb: str, file: Path, organization: int) -> dict[str, Any]:
    """Start the process and wait for it. Raises RuntimeError with what it wrote where it fails."""
    command = [sys.executable, "-m", "tests.bench.sheet_process", database, verb, str(file), str(organization)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def _resident(pid: int | str) -> int:
    """Bytes of memory that a process holds now; 0 once it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
    except (OSError, IndexError):
        return 0


def _command(pid: int | str) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


class Peak(threading.Thread):
    """The most that this process and its children held at once, looked at fifty times a second (Linux)."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.bytes = 0
        self._children = Path(f"/proc/self/task/{os.getpid()}/children")

    def run(self) -> None:
        while True:
            try:
                children = self._children.read_text().split()
            except OSError:
                children = []
            # Between fork and exec a child still shows its parent's memory.
            own = _command("self")
            readers = [pid for pid in children if _command(pid) not in (own, b"")]
            self.bytes = max(self.bytes, _resident("self") + sum(map(_resident, readers)))
            time.sleep(0.02)


def processor_seconds() -> float:
    """Of this process, of the readers it has waited for, and of its session in the database (Linux)."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (session,) = cursor.fetchone()
    ticks = Path(f"/proc/{session}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(os.times()[:4]) + sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    start = time.perf_counter()
    answer = work()
    return answer, time.perf_counter() - start


def main(database: str, verb: str, file: Path, organization: int) -> dict[str, Any]:
    """Hand the file in, apply the sheet handed in last, or export the register into the file. Two requests, or two
    jobs of a worker, are two processes here: else the second would bear the memory that the first has left.
    """
    import django

    django.setup()
    from django.db import connection

    connection.settings_dict["NAME"] = database
    from django.conf import settings

    from unionportal.audit.context import acting
    from unionportal.organizations.models import Organization
    from unionportal.sheets import actions, exports
    from unionportal.sheets.models import SheetRun
    from unionportal.sheets.resources import Context, resource_for

    union = Organization.objects.get(pk=organization)
    peak = Peak()
    start = _resident("self")
    peak.start()
    if verb == "export":
        resource = resource_for("members")(Context(union))
        with file.open("wb") as target:
            form = file.suffix.lstrip(".")
            rows = exports.exportable(type(resource), None, union)
            count, seconds = _timed(lambda: exports.write(target, resource, rows, form))
        return {"rows": count, "seconds": seconds, "peak": peak.bytes / MEGABYTE}
    memory = {"start": start / MEGABYTE}
    with acting(None, source="bench"):
        if verb == "hand-in":
            settings.SHEETS_MAX_BYTES = max(settings.SHEETS_MAX_BYTES, file.stat().st_size)
            said = {"filename": file.name, "kind": "members", "organization": union, "by": None}
            (_run, found), seconds = _timed(lambda: actions.hand_in(file.read_bytes(), **said))
            processor = 0.0
        else:
            before = processor_seconds()
            found, seconds = _timed(lambda: actions.apply_run(SheetRun.objects.latest("pk"), by=None))
            processor = processor_seconds() - before
    return {"counts": found.counts, "seconds": seconds, "processor": processor, "peak": peak.bytes / MEGABYTE, **memory}


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "unionportal.settings")
    result = main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))
    sys.stdout.write(json.dumps(result))
