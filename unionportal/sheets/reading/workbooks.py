"""Workbooks (xlsx, xlsb, xls, ods): started in the worker, received row by row."""

import contextlib
import gc
import marshal
import pickle
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from ..problems import refuse
from .book import ErrorValue, FormulaWithoutValue, Merge, RawSheet, share_texts
from .limits import MAX_COLUMNS, MAX_ROWS, parse_seconds
from .worker import EXIT_ENCRYPTED, EXIT_TOO_LARGE, PICKLE

WORKER = Path(__file__).with_name("worker.py")
MARKERS = {"error": ErrorValue, "formula": FormulaWithoutValue}
OUT_OF_MEMORY_SIGNALS = (-6, -9)  # abort() of the allocator, kill by the kernel


def read_workbook(file: BinaryIO, kind: str) -> list[RawSheet]:
    """The sheets of a workbook, in its own order, hidden ones included.

    Raises ``SheetFileError`` when the file is damaged, encrypted, or too large to be read safely.
    """
    seconds = parse_seconds()
    sheets: list[RawSheet] = []
    with _standard_input(file) as source, _without_collector():
        process = subprocess.Popen(
            # -P: the folder of the script must not shadow the standard library.
            [sys.executable, "-P", str(WORKER), kind, str(MAX_ROWS), str(MAX_COLUMNS), str(seconds)],
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        alarm = threading.Timer(seconds, process.kill)
        alarm.start()
        try:
            with process:
                assert process.stdout is not None
                finished = _receive(_messages(process.stdout), sheets)
                timed_out = not alarm.is_alive()
        finally:
            alarm.cancel()
            process.kill()
    if timed_out and not finished:
        raise refuse("file-takes-too-long", seconds=seconds)
    if not finished:
        _refuse_by_status(process.returncode)
    return sheets


@contextlib.contextmanager
def _standard_input(file: BinaryIO) -> Iterator[Any]:
    """A file with a descriptor for the worker; an upload held in memory is spooled to disk."""
    file.seek(0)
    with tempfile.TemporaryFile() as spool:
        while chunk := file.read(1024**2):
            spool.write(chunk)
        spool.seek(0)
        yield spool
    file.seek(0)


@contextlib.contextmanager
def _without_collector() -> Iterator[None]:
    """Rows hold no cycles, and a million new lists would set the collector off again and again."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _messages(stream) -> Iterator[tuple]:
    while True:
        head = stream.read(9)
        if len(head) < 9:
            return
        payload = stream.read(int.from_bytes(head[1:], "little"))
        try:
            # The sender is our own worker; pickle is only used for rows with dates.
            yield pickle.loads(payload) if head[:1] == PICKLE else marshal.loads(payload)
        except (EOFError, ValueError, TypeError, pickle.UnpicklingError):
            return


def _receive(messages: Iterator[tuple], sheets: list[RawSheet]) -> bool:
    """Fill ``sheets``; true when the worker came to its end."""
    marks: list[tuple[int, int, str, str]] = []
    seen: dict[str, str] = {}
    for message in messages:
        if message[0] == "rows":
            sheets[-1].rows.extend(share_texts(row, seen) for row in message[1])
            continue
        if sheets:
            _complete(sheets[-1], marks)
        if message[0] == "end":
            return True
        if message[0] == "rows-exceeded":
            raise refuse("too-many-rows", limit=MAX_ROWS, sheet=message[1])
        _kind, name, hidden, merges, marks = message
        sheets.append(RawSheet(name, [], hidden=hidden, merged=[Merge(*merge) for merge in merges]))
    return False


def _complete(sheet: RawSheet, marks: list[tuple[int, int, str, str]]) -> None:
    for row_index, column, kind, text in marks:
        if row_index < MAX_ROWS and column < MAX_COLUMNS:
            sheet.rows.extend([] for _ in range(row_index + 1 - len(sheet.rows)))
            row = sheet.rows[row_index]
            row.extend([""] * (column + 1 - len(row)))
            if row[column] == "":
                row[column] = MARKERS[kind](text)
    sheet.fill_merged_down()


def _refuse_by_status(status: int) -> None:
    if status == EXIT_ENCRYPTED:
        raise refuse("file-encrypted")
    if status == EXIT_TOO_LARGE or status in OUT_OF_MEMORY_SIGNALS:
        raise refuse("file-too-complex")
    raise refuse("file-damaged")
