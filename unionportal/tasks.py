"""Work of the ground floor that comes round by itself; the worker runs it (`manage.py procrastinate worker`)."""

from __future__ import annotations

import datetime

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

from unionportal.sheets.actions import forget_files

STALLED_AFTER = 300  # seconds without a sign of life from the worker that took the job
MOST_ATTEMPTS = 5


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="retry-stalled", pass_context=False)
async def retry_stalled_jobs(timestamp: int) -> None:
    """Hand jobs of a killed worker to another: after kill -9 a job would stay "doing" for ever.

    A job is given up as failed where its successor waits already, or where it may be what kills the workers.
    """
    manager = app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER):
        try:
            if job.attempts < MOST_ATTEMPTS:
                await manager.retry_job(job)
                continue
        except UniqueViolation:  # of the queueing lock
            pass
        await manager.finish_job(job, status=Status.FAILED, delete_job=False)


@app.periodic(cron="20 3 * * *")
@app.task(queueing_lock="forget")
def forget(timestamp: int) -> None:
    """Delete what has outlived its term: log-in records, ended sessions, uploaded sheets, finished jobs.

    Log-in records are kept for ``LOG_RETENTION_DAYS``, never less than six months (Cybersecurity Law art. 21).
    """
    before = timezone.now() - datetime.timedelta(days=settings.LOG_RETENTION_DAYS)
    for model in (AccessAttempt, AccessFailureLog, AccessLog):
        model.objects.filter(attempt_time__lt=before).delete()
    call_command("clearsessions")
    forget_files()


@app.periodic(cron="40 3 * * *")
@app.task(queueing_lock="delete-old-jobs", pass_context=False)
async def delete_old_jobs(timestamp: int) -> None:
    """Finished jobs are of no use after a month; failed ones are kept as long as other logs."""
    await app.job_manager.delete_old_jobs(nb_hours=30 * 24)
    await app.job_manager.delete_old_jobs(
        nb_hours=settings.LOG_RETENTION_DAYS * 24, include_failed=True, include_cancelled=True, include_aborted=True
    )
