"""One step of an import, or an export, in a process of its own, so that its memory can be told from all others.

``python -m tests.bench.sheet_process DATABASE hand-in|work|export FILE ORGANIZATION`` prints one JSON object. As in
service there is a web process, which takes the file in, and a background worker, which checks and writes it in one
process after another clerk's list and before the next; the worker parses the workbook in a third process, the reader.
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
    """Start the process and wait for it. Beside its answer: the most its reader held, alone and together with it, in
    MB. Raises RuntimeError with what it wrote where it fails.
    """
    command = [sys.executable, "-m", "tests.bench.sheet_process", database, verb, str(file), str(organization)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        readers = Readers(process.pid)
        readers.start()
        answer, fault = process.communicate()
    if process.returncode:
        raise RuntimeError(fault[-2000:])
    seen = {"reader": readers.alone / MEGABYTE, "together": readers.together / MEGABYTE}
    return {**json.loads(answer), **seen}


# --- Memory and time of a process (Linux) -------------------------------------------------------------------------


def _resident(pid: int | str) -> int:
    """Bytes of memory that a process holds now; 0 once it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
    except (OSError, IndexError):
        return 0


def _highest(pid: int | str) -> int:
    """The most bytes that a process has held since its program began (VmHWM); 0 once it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)


def _command(pid: int | str) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


class Readers(threading.Thread):
    """The most that a reader held which process `pid` started, and the most that both held at once, looked at fifty
    times a second. From outside: a thread of the process itself would take a quarter of its time.
    """

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.alone = self.together = 0
        self._pid, self._children = pid, Path(f"/proc/{pid}/task/{pid}/children")

    def run(self) -> None:
        while own := _command(self._pid):
            try:
                children = self._children.read_text().split()
            except OSError:
                return
            # Between fork and exec a child still shows its parent's memory.
            readers = [pid for pid in children if _command(pid) not in (own, b"")]
            self.alone = max([self.alone, *map(_highest, readers)])
            self.together = max(self.together, _resident(self._pid) + sum(map(_resident, readers)))
            time.sleep(0.02)


def processor_seconds() -> float:
    """Of this process, of the readers it has waited for, and of its session in the database."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (session,) = cursor.fetchone()
    ticks = Path(f"/proc/{session}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(os.times()[:4]) + sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def measured(work: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
    """What `work` returns; seconds of wall clock, and of processor time, that it took."""
    processor, start = processor_seconds(), time.perf_counter()
    answer = work()
    seconds = time.perf_counter() - start
    return answer, {"seconds": seconds, "processor": processor_seconds() - processor}


# --- The three processes ------------------------------------------------------------------------------------------


def _hand_in(file: Path, union: Any) -> dict[str, Any]:
    from django.conf import settings

    from unionportal.sheets import actions

    settings.SHEETS_MAX_BYTES = max(settings.SHEETS_MAX_BYTES, file.stat().st_size)
    settings.SHEETS_BACKGROUND_BYTES = 0
    said = {"filename": file.name, "kind": "members", "organization": union, "by": None}
    run, took = measured(lambda: actions.hand_in_waiting(file.read_bytes(), **said))
    return {"run": run.pk, "took": took}


def _work(file: Path, union: Any) -> dict[str, Any]:
    """The sheet handed in last, checked and then written."""
    from django.conf import settings

    from unionportal.sheets import actions, background
    from unionportal.sheets.models import SheetRun

    settings.SHEETS_MAX_BYTES = max(settings.SHEETS_MAX_BYTES, file.stat().st_size)
    sheet = SheetRun.objects.latest("pk")
    _nothing, check = measured(lambda: background.work_on(sheet.pk))
    checked = _highest("self") / MEGABYTE
    actions.ask_to_apply(sheet, by=None)
    _nothing, apply = measured(lambda: background.work_on(sheet.pk))
    sheet.refresh_from_db()
    if sheet.state != SheetRun.State.APPLIED:
        raise RuntimeError(f"{sheet.state}: {sheet.refusal}")
    counts = {name: getattr(sheet, name) for name in ("rows", "created", "updated", "unchanged", "rejected")}
    return {"counts": counts, "check": check, "apply": apply, "checked": checked}


def _export(file: Path, union: Any) -> dict[str, Any]:
    from unionportal.sheets import exports
    from unionportal.sheets.resources import Context, resource_for

    resource = resource_for("members")(Context(union))
    with file.open("wb") as target:
        rows = exports.exportable(type(resource), None, union)
        count, took = measured(lambda: exports.write(target, resource, rows, file.suffix.lstrip(".")))
    return {"rows": count, "took": took}


STEPS = {"hand-in": _hand_in, "work": _work, "export": _export}


def main(database: str, verb: str, file: Path, organization: int) -> dict[str, Any]:
    """Do the step `verb`. Beside its own answer: memory in MB at the start, and at most (`peak`)."""
    import django

    django.setup()
    from django.db import connection

    connection.settings_dict["NAME"] = database
    from unionportal.organizations.models import Organization

    union = Organization.objects.get(pk=organization)
    start = _resident("self")
    answer = STEPS[verb](file, union)
    return {**answer, "start": start / MEGABYTE, "peak": _highest("self") / MEGABYTE}


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "unionportal.settings")
    result = main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))
    sys.stdout.write(json.dumps(result))
