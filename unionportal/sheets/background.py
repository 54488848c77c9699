"""Long lists are checked, written and taken back by the background worker: the clerk may close the browser.

A job's arguments hold nothing but the run's number. The run says in its own row what is to be done with it
(`SheetRun.State.BUSY`), so a job that comes twice, or again after its worker was killed, does its work once: checking
writes nothing, and applying and undoing commit the rows together with the run's new state.
"""

from __future__ import annotations

import datetime
import logging
import traceback

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from procrastinate.contrib.django.models import ProcrastinateJob

from unionportal.audit.context import acting
from unionportal.sheets import actions
from unionportal.sheets.models import SheetProgress, SheetRun
from unionportal.sheets.problems import SheetFileError
from unionportal.sheets.progress import Beacon
from unionportal.sheets.queueing import defer, lock_of
from unionportal.sheets.report import Report

# A run nobody works on for so long was left behind by a worker that was killed.
LEFT_AFTER = datetime.timedelta(minutes=10)
MOST_ATTEMPTS = 5

logger = logging.getLogger("unionportal.sheets")


def work_on(pk: int) -> None:
    """Do what the run's state asks for; nothing where it asks for nothing any more."""
    run = SheetRun.objects.lean().select_related("organization", "asked_by").filter(pk=pk).first()
    if run is None or not run.is_busy:
        return
    source = f"sheet {pk}"
    with translation.override(settings.LANGUAGE_CODE), acting(run.asked_by, source=source), Beacon(pk) as beacon:
        try:
            if run.state == SheetRun.State.APPLYING:
                _apply(run, beacon)
            elif run.state == SheetRun.State.UNDOING:
                _undo(run, beacon)
            else:
                _check(run, beacon)
        except (OperationalError, InterfaceError):
            connection.close()
            raise  # The database has gone: the job is tried again, and the state says that all is still to do.
        except Exception as error:  # Whatever it is, the clerk is told and the run does not hang.
            _report_failure(run, error)


def _check(run: SheetRun, beacon: Beacon) -> None:
    if not SheetRun.objects.filter(pk=run.pk, state__in=SheetRun.BUSY[:2]).update(state=SheetRun.State.CHECKING):
        return
    try:
        found = actions.examine_run(run, by=run.asked_by, progress=beacon.reading)
    except SheetFileError as error:
        run.state = SheetRun.State.CHECKED
        if error.problem.code in actions.MENDABLE:
            run.report = Report.of_opened(actions.open_run(run, by=run.asked_by)).sealed()
        actions.refuse_run(run, error.problem)
        return
    except (PermissionDenied, ValidationError) as error:
        _give_back(run, _words(error))
        return
    actions.count(run, found)
    counts = {name: getattr(run, name) for name in (*found.counts, "warnings")}
    SheetRun.objects.filter(pk=run.pk, state=SheetRun.State.CHECKING).update(
        state=SheetRun.State.CHECKED, report=Report.of(found).sealed(), **counts
    )


def _apply(run: SheetRun, beacon: Beacon) -> None:
    try:
        actions.apply_run(
            run,
            by=run.asked_by,
            good_rows_only=run.good_rows_only,
            progress=beacon.reading,
            wrote=beacon.writing,
            state=SheetRun.State.APPLYING,
        )
    except ValidationError as error:
        # Something has changed since the list was checked: the page shows what stands in the way now.
        again = SheetRun.objects.filter(pk=run.pk, state=SheetRun.State.APPLYING)
        if again.update(state=SheetRun.State.CHECKING, refusal_code="sheet-refused", refusal=_words(error)):
            _check(run, beacon)
    except (PermissionDenied, SheetFileError) as error:
        _give_back(run, _words(error))


def _undo(run: SheetRun, beacon: Beacon) -> None:
    beacon.undoing()
    try:
        actions.undo_run(run, by=run.asked_by, state=SheetRun.State.UNDOING)
    except (PermissionDenied, ValidationError) as error:
        _give_back(run, _words(error))


def _words(error: Exception) -> str:
    problem = getattr(error, "problem", None)
    return problem.message if problem else " ".join(getattr(error, "messages", [str(error)]))


def _give_back(run: SheetRun, why: str, code: str = "sheet-refused") -> None:
    """Nothing came of it: the run is again what it was before the worker was asked."""
    state = run.written_state if run.state == SheetRun.State.UNDOING else SheetRun.State.CHECKED
    SheetRun.objects.filter(pk=run.pk, state__in=SheetRun.BUSY).update(state=state, refusal_code=code, refusal=why)


def _report_failure(run: SheetRun, error: Exception) -> None:
    """Log where it failed and never what it says: a database's message quotes the row."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    logger.error("sheet %s failed: %s in %s:%s", run.pk, type(error).__name__, place.filename, place.lineno)
    _give_back(run, _("Something failed in the portal. Nothing was written; the failure was logged."), "run-failed")


def take_up_left() -> int:
    """Queue anew the runs whose worker was killed and whose job is gone; give up after a few attempts.

    Returns how many were found.
    """
    before = timezone.now() - LEFT_AFTER
    left = SheetRun.objects.lean().filter(state__in=SheetRun.BUSY, progress__seen_at__lt=before)
    found = 0
    for run in left.select_related("progress"):
        if ProcrastinateJob.objects.filter(lock=lock_of(run.pk), status__in=("todo", "doing")).exists():
            continue
        found += 1
        attempts = run.progress.attempts + 1
        SheetProgress.objects.filter(pk=run.pk).update(attempts=attempts, seen_at=timezone.now())
        if attempts < MOST_ATTEMPTS:
            defer(run.pk)
        else:
            _give_back(run, _("The work was broken off several times. Nothing was written."), "run-failed")
    return found
