"""Several programs as one: started together, stopped together, and found again if they were left running."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType

import psutil

GRACE_SECONDS = 5
_ASKED_TO_STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run_together(programs: Mapping[str, Sequence[str]], *, record: Path) -> str | None:
    """Run `programs` (name: command) until SIGINT, SIGTERM or SIGHUP arrives or one of them ends.

    Whatever the reason, all of them are over on return: asked with SIGTERM, then killed with everything they
    started after five seconds, or at once at a second signal. `record` keeps their process numbers meanwhile.

    Returns:
        None if a signal ended it, else the name of the program that ended by itself.
    """
    stopping, hurry = threading.Event(), threading.Event()

    def ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
        (hurry if stopping.is_set() else stopping).set()

    previous = {number: signal.signal(number, ask_to_stop) for number in _ASKED_TO_STOP}
    children: dict[str, subprocess.Popen[bytes]] = {}
    ended = None
    try:
        for name, command in programs.items():
            # A session of its own: Ctrl-C reaches us alone, and the group can be killed as a whole.
            children[name] = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
        _write(record, [os.getpid(), *(child.pid for child in children.values())])
        while not stopping.wait(0.1) and ended is None:
            ended = next((name for name, child in children.items() if child.poll() is not None), None)
    finally:
        _end(list(children.values()), hurry)
        record.unlink(missing_ok=True)
        for number, handler in previous.items():
            signal.signal(number, handler)
    return None if stopping.is_set() else ended


def is_running(record: Path) -> bool:
    """Whether the `run_together` that wrote `record` lives; its programs may live without it."""
    parent = _recorded(record)[:1]
    return bool(_living(parent))


def stop_recorded(record: Path) -> bool:
    """End a `run_together` that was left running, or what it left when it was killed. False if none lives."""
    living = _living(_recorded(record))
    for process in living:
        with contextlib.suppress(psutil.Error):
            process.terminate()
    for process in wait_for_end(living, 2 * GRACE_SECONDS):
        with contextlib.suppress(psutil.Error):
            process.kill()
    for process in living:
        _kill_group(process.pid)
    wait_for_end(living, GRACE_SECONDS)
    record.unlink(missing_ok=True)
    return bool(living)


def wait_for_end(processes: list[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Wait until `processes` are over; those that still live after `seconds`.

    A zombie is over: in a container its parent, the first process, may collect it late or never.
    """
    deadline = time.monotonic() + seconds
    while living := [process for process in processes if _lives(process)]:
        if time.monotonic() > deadline:
            return living
        time.sleep(0.02)
    return []


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _end(children: list[subprocess.Popen[bytes]], hurry: threading.Event) -> None:
    for child in children:
        if child.poll() is None:
            child.terminate()
    for _tenth in range(GRACE_SECONDS * 10):
        if all(child.poll() is not None for child in children) or hurry.wait(0.1):
            break
    for child in children:
        _kill_group(child.pid)
        child.wait()


def _kill_group(leader: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def _write(record: Path, numbers: list[int]) -> None:
    """A number alone may belong to another process tomorrow: the time of its start is kept with it."""
    record.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(psutil.NoSuchProcess):
        record.write_text(json.dumps([[number, psutil.Process(number).create_time()] for number in numbers]))


def _recorded(record: Path) -> list[tuple[int, float]]:
    """Number and start of each process, the parent first; nothing from a missing or damaged file."""
    try:
        return [(int(number), float(started)) for number, started in json.loads(record.read_text())]
    except (OSError, ValueError, TypeError):
        return []


def _living(recorded: list[tuple[int, float]]) -> list[psutil.Process]:
    living = []
    for number, started in recorded:
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(number)
            if process.create_time() == started and _lives(process):
                living.append(process)
    return living
