"""Handing a sheet to the background worker, in the state that says what is to be done with it."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from unionportal.sheets.models import SheetProgress, SheetRun

TASK = "unionportal.sheets.tasks.work"


def lock_of(pk: int) -> str:
    """The name under which jobs of one run exclude one another."""
    return f"sheet-{pk}"


def queue(run: SheetRun, state: str, *, by: Any) -> None:
    """Hand a run to the worker; `state` is one of `SheetRun.State.BUSY`, and `by` the one for whom it works."""
    with transaction.atomic():
        run.state, run.in_background, run.is_noticed, run.asked_by = state, True, False, by
        run.refusal_code = run.refusal = ""
        run.save(update_fields=["state", "in_background", "is_noticed", "asked_by", "refusal_code", "refusal"])
        SheetProgress.objects.filter(run=run).delete()
        SheetProgress.objects.create(run=run, total=run.rows)
        defer(run.pk)


def defer(pk: int) -> None:
    """Leave a job for the worker. Its arguments hold nothing but the run's number."""
    try:
        with transaction.atomic():
            app.configure_task(TASK, lock=lock_of(pk), queueing_lock=lock_of(pk)).defer(run=pk)
    except AlreadyEnqueued:  # the job that waits will find the run's state
        pass
