"""Work that comes round by itself deletes what has outlived its term, and nothing else."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

import pytest
from asgiref.sync import async_to_sync
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django import app

from tests.factories import make_account, make_county
from unionportal.audit.models import AuditEvent
from unionportal.organizations.roles import Role
from unionportal.sheets.models import SheetRun
from unionportal.tasks import MOST_ATTEMPTS, STALLED_AFTER, delete_old_jobs, forget, retry_stalled_jobs

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_event_loop")]


def ago(days: float) -> datetime.datetime:
    return timezone.now() - datetime.timedelta(days=days)


# --- Forgetting --------------------------------------------------------------------------------------------


def test_log_in_records_are_kept_for_six_months_at_least():
    assert settings.LOG_RETENTION_DAYS >= 183
    for model in (AccessAttempt, AccessFailureLog, AccessLog):
        fields = {"failures_since_start": 1} if model is AccessAttempt else {}
        for username, days in (("old", settings.LOG_RETENTION_DAYS + 1), ("young", settings.LOG_RETENTION_DAYS - 1)):
            row = model.objects.create(username=username, ip_address="192.0.2.1", user_agent="-", **fields)
            model.objects.filter(pk=row.pk).update(attempt_time=ago(days))
    forget(timestamp=0)
    for model in (AccessAttempt, AccessFailureLog, AccessLog):
        assert list(model.objects.values_list("username", flat=True)) == ["young"]


def test_ended_sessions_go_and_running_ones_stay():
    for days in (-1, 1):
        session = SessionStore()
        session["days"] = days
        session.create()
        Session.objects.filter(pk=session.session_key).update(expire_date=ago(days))
    forget(timestamp=0)
    assert [row.get_decoded()["days"] for row in Session.objects.all()] == [-1]


def test_uploaded_sheets_lose_their_file_and_keep_their_record():
    county = make_county()
    clerk = make_account(Role.CLERK, county)
    for name, days in (("old.xlsx", settings.SHEETS_KEEP_DAYS + 1), ("young.xlsx", settings.SHEETS_KEEP_DAYS - 1)):
        run = SheetRun.objects.create(
            kind="stations", organization=county, filename=name, size=2, content=b"PK", handed_in_by=clerk
        )
        SheetRun.objects.filter(pk=run.pk).update(handed_in_at=ago(days))
    forget(timestamp=0)
    assert {run.filename: run.content is None for run in SheetRun.objects.all()} == {
        "old.xlsx": True,
        "young.xlsx": False,
    }


def test_the_audit_record_is_never_forgotten():
    make_account(Role.CLERK, make_county())
    before = AuditEvent.objects.count()
    assert before
    forget(timestamp=0)
    assert AuditEvent.objects.count() == before


# --- Jobs of killed workers --------------------------------------------------------------------------------


@pytest.fixture
def queue(transactional_db: None) -> Iterator[None]:
    """The tables of the queue, empty: a flush between tests passes over them."""
    _empty_queue()
    yield
    _empty_queue()


def _empty_queue() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")


def worker(seconds: float) -> int:
    """A worker that gave its last sign of life so many seconds ago."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - %s * interval '1 second') RETURNING id",
            [seconds],
        )
        return cursor.fetchone()[0]


def job(name: str, status: str, worker_id: int | None = None, *, lock: str | None = None, attempts: int = 0) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status, worker_id, queueing_lock, attempts) "
            "VALUES ('default', %s, %s::procrastinate_job_status, %s, %s, %s)",
            [name, status, worker_id, lock, attempts],
        )


def jobs() -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name, status::text FROM procrastinate_jobs")
        return dict(cursor.fetchall())


def test_jobs_of_a_dead_worker_are_handed_on_and_others_left_alone(queue):
    dead, alive = worker(STALLED_AFTER + 60), worker(5)
    job("of the dead", "doing", dead)
    job("of nobody", "doing")
    job("of the living", "doing", alive)
    job("done", "succeeded", dead)
    job("failed", "failed", dead)
    async_to_sync(retry_stalled_jobs.func)(0)
    assert jobs() == {
        "of the dead": "todo",
        "of nobody": "todo",
        "of the living": "doing",
        "done": "succeeded",
        "failed": "failed",
    }


def test_a_job_whose_successor_waits_is_given_up_and_does_not_hold_up_the_others(queue):
    dead = worker(STALLED_AFTER + 60)
    job("forget, killed", "doing", dead, lock="forget")
    job("forget, waiting", "todo", lock="forget")
    job("another", "doing", dead)
    async_to_sync(retry_stalled_jobs.func)(0)
    assert jobs() == {"forget, killed": "failed", "forget, waiting": "todo", "another": "todo"}


def test_a_job_that_kills_every_worker_is_given_up(queue):
    dead = worker(STALLED_AFTER + 60)
    job("deadly", "doing", dead, attempts=MOST_ATTEMPTS)
    job("unlucky", "doing", dead, attempts=MOST_ATTEMPTS - 1)
    async_to_sync(retry_stalled_jobs.func)(0)
    assert jobs() == {"deadly": "failed", "unlucky": "todo"}


def test_finished_jobs_go_after_a_month_and_failed_ones_with_the_logs(queue):
    for name, status, days in (
        ("done long ago", "succeeded", 31),
        ("done lately", "succeeded", 29),
        ("failed lately", "failed", 31),
        ("failed long ago", "failed", settings.LOG_RETENTION_DAYS + 1),
        ("waiting long", "todo", settings.LOG_RETENTION_DAYS + 1),
    ):
        job(name, status)
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO procrastinate_events (job_id, type, at) "
                "SELECT max(id), 'started', %s FROM procrastinate_jobs",
                [ago(days)],
            )
    async_to_sync(delete_old_jobs.func)(0)
    assert set(jobs()) == {"done lately", "failed lately", "waiting long"}


def test_what_comes_round_is_registered_with_the_worker():
    names = {periodic.task.name for periodic in app.periodic_registry.periodic_tasks.values()}
    assert {task.name for task in (forget, retry_stalled_jobs, delete_old_jobs)} <= names
