"""Sheets that the background worker checks and writes."""

from __future__ import annotations

from django.db import InterfaceError, OperationalError
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from unionportal.sheets import background
from unionportal.sheets.queueing import TASK

# The database may be away for a minute when it is restarted.
_RETRY = RetryStrategy(max_attempts=6, wait=5, exponential_wait=2, retry_exceptions=[OperationalError, InterfaceError])


@app.task(name=TASK, retry=_RETRY)
def work(run: int) -> None:
    """Check or apply the sheet with this number, as its state says."""
    background.work_on(run)


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="sheets-left")
def take_up_left(timestamp: int) -> None:
    """Runs that a killed worker left behind go on."""
    background.take_up_left()
