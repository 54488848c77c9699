"""How far a sheet is, told while its transaction is still open."""

from __future__ import annotations

import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any

from django.db import connection
from django.utils import timezone

from unionportal.sheets.models import SheetProgress
from unionportal.sheets.problems import Problem, shorten

EVERY_SECONDS = 0.5
_UPDATE = """
    UPDATE sheets_sheetprogress
       SET phase = %s, done = %s, total = %s, seen_at = %s, found = %s::jsonb,
           began_at = CASE WHEN phase = %s THEN began_at ELSE %s END
     WHERE run_id = %s
"""


class Beacon:
    """Writes the progress of one run on a connection of its own, at most twice a second.

    The row was committed when the run was queued and nobody else writes it while the worker is busy, so neither
    connection ever waits for the other.
    """

    def __init__(self, run_id: int) -> None:
        self._run_id = run_id
        self._connection: Any = connection.copy()
        self._last = 0.0
        self._found: dict[str, list[Any]] = {}

    def __enter__(self) -> Beacon:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def reading(self, done: int, total: int, problems: Sequence[Problem]) -> None:
        """As `examination.Progress`: rows read, and the problems found since the last word."""
        for problem in problems:
            known = self._found.setdefault(problem.code, [problem.level, 0, shorten(problem.message, 200)])
            known[1] += 1
        self._tell(SheetProgress.Phase.READING, done, total)

    def writing(self, done: int, total: int) -> None:
        """As `resources.Told`: rows written so far."""
        self._tell(SheetProgress.Phase.WRITING, done, total)

    def undoing(self) -> None:
        """It is one step for all rows: nobody knows how many are done."""
        self._tell(SheetProgress.Phase.UNDOING, 0, 0)

    def _tell(self, phase: str, done: int, total: int) -> None:
        if time.monotonic() - self._last < EVERY_SECONDS and 0 < done < total:
            return
        self._last = time.monotonic()
        now = timezone.now()
        adapted = self._connection.ops.adapt_json_value(self._found, None)
        with self._connection.cursor() as cursor:
            cursor.execute(_UPDATE, [phase, done, total, now, adapted, phase, now, self._run_id])
