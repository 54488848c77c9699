"""Long lists: checked and written by the worker, seen from outside while it works, whole or not at all when it dies."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from stations.models import Station
from tests.factories import make_account, make_county, make_union
from tests.sheets import worker
from unionportal.organizations.models import Organization
from unionportal.organizations.roles import Role
from unionportal.sheets import actions, background, tasks
from unionportal.sheets.models import SheetProgress, SheetRun
from unionportal.sheets.progress import Beacon
from unionportal.sheets.report import Report

State = SheetRun.State
ROUNDS = 50 if os.environ.get("PORTAL_SOAK") else 3


@pytest.fixture(autouse=True)
def _small_is_long(settings: Any) -> None:
    settings.SHEETS_BACKGROUND_ROWS = 3


def no_jobs() -> None:
    """Jobs are no models of ours: a test's end does not take them away."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")


@pytest.fixture
def county() -> Iterator[Organization]:
    no_jobs()
    yield make_county()
    no_jobs()


@pytest.fixture
def clerk(county: Organization) -> Any:
    return make_account(Role.CLERK, county)


@pytest.fixture
def desk(client: Client, clerk: Any) -> Client:
    client.force_login(clerk, backend="unionportal.organizations.backends.RoleBackend")
    return client


def stations(count: int, *more: str, address: str = "示例路") -> bytes:
    lines = [f"第{i}号示例驿站,{address}{i}号,{i % 20 + 5}" for i in range(count)]
    return "\n".join(["驿站名称,地址,座位数", *lines, *more]).encode()


def hand_in(content: bytes, county: Organization, by: Any, name: str = "长名单.csv") -> SheetRun:
    return actions.hand_in_waiting(content, filename=name, kind="stations", organization=county, by=by)


def page(desk: Client, run: SheetRun, **headers: str) -> Any:
    return desk.get(reverse("admin:sheets_sheetrun_change", args=[run.pk]), headers=headers)


# --- The way of a long list ---------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_file_of_a_run_is_not_held_in_memory_while_its_rows_are_worked_on(
    county: Organization, clerk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = []

    def examine(run: SheetRun, **said: Any) -> Any:
        held.append("content" not in run.get_deferred_fields())
        return examine_run(run, **said)

    examine_run = actions.examine_run
    monkeypatch.setattr(actions, "examine_run", examine)
    run = hand_in(stations(4), county, clerk)
    assert "content" in run.get_deferred_fields()
    background.work_on(run.pk)
    actions.ask_to_apply(run, by=clerk)
    background.work_on(run.pk)
    run.refresh_from_db()
    assert (run.state, held) == (State.APPLIED, [False, False, False])


@pytest.mark.django_db
def test_a_long_list_waits_for_the_worker_and_its_job_holds_nothing_but_the_runs_number(
    desk: Client, county: Organization
) -> None:
    file = SimpleUploadedFile("长名单.csv", stations(10, "张三驿站,13800138000路,5"))
    add = reverse("admin:sheets_sheetrun_add")
    desk.post(add, {"kind": "stations", "organization": county.pk, "file": file})
    run = SheetRun.objects.get()
    assert (run.state, run.in_background) == (State.WAITING, True)
    assert list(ProcrastinateJob.objects.values_list("task_name", "args")) == [(tasks.work.name, {"run": run.pk})]
    shown = page(desk, run).content.decode()
    assert "<progress" in shown and 'http-equiv="refresh"' in shown and "hx-get" in shown


@pytest.fixture
def written(county: Organization, clerk: Any) -> SheetRun:
    """A long list as the worker has written it."""
    run = hand_in(stations(10), county, clerk)
    background.work_on(run.pk)
    actions.ask_to_apply(run, by=clerk)
    background.work_on(run.pk)
    run.refresh_from_db()
    return run


@pytest.mark.django_db
def test_a_long_list_is_taken_back_by_the_worker_too(desk: Client, written: SheetRun) -> None:
    desk.post(reverse("admin:sheets_sheetrun_change", args=[written.pk]), {"verb": "undo"})
    assert Station.objects.count() == 10
    written.refresh_from_db()
    assert written.state == State.UNDOING
    assert "<progress" in page(desk, written).content.decode()
    background.work_on(written.pk)
    background.work_on(written.pk)
    written.refresh_from_db()
    assert (written.state, Station.objects.count(), written.is_noticed) == (State.UNDONE, 0, False)


@pytest.mark.django_db
def test_what_the_worker_cannot_take_back_stays_written_and_says_why(
    desk: Client, written: SheetRun, clerk: Any
) -> None:
    station = Station.objects.get(name="第7号示例驿站")
    station.address = "别处"
    station.save()
    actions.ask_to_undo(written, by=clerk)
    background.work_on(written.pk)
    written.refresh_from_db()
    assert (written.state, Station.objects.count()) == (State.APPLIED, 10)
    assert "第7号示例驿站" in page(desk, written).content.decode()
    with pytest.raises(ValidationError, match="只有已写入的表格才能撤销"):
        actions.undo_run(written, by=clerk, state=State.UNDOING)


@pytest.mark.django_db
def test_a_short_list_is_shown_at_once(desk: Client, county: Organization, clerk: Any) -> None:
    run = hand_in(stations(3), county, clerk)
    assert run.state == State.CHECKED and not ProcrastinateJob.objects.exists()


@pytest.mark.django_db
def test_the_worker_checks_and_after_the_clerks_word_writes(desk: Client, county: Organization, clerk: Any) -> None:
    run = hand_in(stations(10), county, clerk)
    background.work_on(run.pk)
    run.refresh_from_db()
    assert (run.state, run.rows, run.created, run.is_noticed) == (State.CHECKED, 10, 10, False)
    shown = page(desk, run).content.decode()
    assert "第7号示例驿站" in shown and 'value="apply"' in shown
    desk.post(reverse("admin:sheets_sheetrun_change", args=[run.pk]), {"verb": "apply"})
    run.refresh_from_db()
    assert (run.state, Station.objects.count()) == (State.APPLYING, 0)
    background.work_on(run.pk)
    run.refresh_from_db()
    assert (run.state, run.applied_by, Station.objects.count()) == (State.APPLIED, clerk, 10)
    assert run.report is None, "what was found is not kept longer than it is needed"


@pytest.mark.django_db
def test_the_page_of_a_long_list_does_not_read_the_file_again(
    desk: Client, county: Organization, clerk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = hand_in(stations(10, "坏驿站,1号,1", ",无名路,2"), county, clerk)
    background.work_on(run.pk)
    monkeypatch.setattr(actions, "examine_opened", None)
    monkeypatch.setattr(actions, "open_sheet", None)
    shown = page(desk, run).content.decode()
    assert "站点名称" in shown and 'value="apply_good"' in shown
    assert page(desk, run, hx_request="true").headers["HX-Refresh"] == "true"


@pytest.mark.django_db
def test_columns_chosen_anew_go_to_the_worker_again(desk: Client, county: Organization, clerk: Any) -> None:
    run = hand_in(stations(10), county, clerk)
    background.work_on(run.pk)
    change = reverse("admin:sheets_sheetrun_change", args=[run.pk])
    desk.post(change, {"verb": "headings", "column-B": "directions"})
    run.refresh_from_db()
    assert (run.state, run.mapping) == (State.WAITING, {"地址": "directions"})
    background.work_on(run.pk)
    run.refresh_from_db()
    assert run.state == State.CHECKED


@pytest.mark.django_db
def test_a_list_without_a_name_column_asks_what_its_columns_hold(
    desk: Client, county: Organization, clerk: Any, settings: Any
) -> None:
    settings.SHEETS_BACKGROUND_BYTES = 10
    run = hand_in("位置,电话\n甲路1号,1\n乙路2号,2".encode(), county, clerk)
    background.work_on(run.pk)
    run.refresh_from_db()
    assert (run.state, run.refusal_code) == (State.CHECKED, "heading-required")
    assert 'name="column-A"' in page(desk, run).content.decode()


@pytest.mark.django_db
def test_a_file_that_cannot_be_used_says_why_in_the_record(
    desk: Client, county: Organization, clerk: Any, settings: Any
) -> None:
    settings.SHEETS_BACKGROUND_BYTES = 10
    run = hand_in(b"%PDF-1.7" + b"\0" * 100, county, clerk, "x.xlsx")
    background.work_on(run.pk)
    run.refresh_from_db()
    assert (run.state, run.content) == (State.UNUSABLE, None) and run.refusal in page(desk, run).content.decode()


@pytest.mark.django_db
def test_the_clerk_finds_a_notice_until_he_has_looked(desk: Client, county: Organization, clerk: Any) -> None:
    run = hand_in(stations(10), county, clerk)
    background.work_on(run.pk)
    home = desk.get(reverse("admin:index")).content.decode()
    assert run.filename in home
    page(desk, run)
    run.refresh_from_db()
    assert run.is_noticed


# --- What may go wrong --------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_job_that_comes_twice_writes_once(county: Organization, clerk: Any) -> None:
    run = hand_in(stations(10), county, clerk)
    for _again in range(2):
        background.work_on(run.pk)
    actions.ask_to_apply(run, by=clerk)
    for _again in range(3):
        background.work_on(run.pk)
    assert Station.objects.count() == 10


@pytest.mark.django_db
def test_who_lost_the_right_meanwhile_writes_nothing_and_is_told(county: Organization, clerk: Any) -> None:
    run = hand_in(stations(10), county, clerk)
    background.work_on(run.pk)
    actions.ask_to_apply(run, by=clerk)
    clerk.role_assignments.all().delete()
    background.work_on(run.pk)
    run.refresh_from_db()
    assert run.state == State.CHECKED and run.refusal and not Station.objects.exists()


@pytest.mark.django_db
def test_a_failure_of_the_portal_is_told_without_the_row_it_choked_on(
    county: Organization, clerk: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_args: Any, **_kw: Any) -> None:
        raise RuntimeError("13800138000")

    run = hand_in(stations(10), county, clerk)
    monkeypatch.setattr(actions, "examine_opened", fail)
    background.work_on(run.pk)
    run.refresh_from_db()
    assert (run.state, run.refusal_code) == (State.CHECKED, "run-failed")
    assert "RuntimeError" in caplog.text and "13800138000" not in caplog.text + run.refusal


@pytest.mark.django_db
def test_rows_that_turned_bad_meanwhile_stop_the_whole(county: Organization, clerk: Any) -> None:
    run = hand_in(stations(10), county, clerk)
    with pytest.raises(ValidationError):
        actions.ask_to_apply(run, by=clerk)
    background.work_on(run.pk)
    run.refresh_from_db()
    with pytest.raises(PermissionDenied):
        actions.ask_to_apply(run, by=make_account(Role.READ_ONLY, county))
    SheetRun.objects.filter(pk=run.pk).update(created=0, rejected=10)
    with pytest.raises(ValidationError):
        actions.ask_to_apply(run, by=clerk)


@pytest.mark.django_db
def test_a_run_that_a_killed_worker_left_is_taken_up_and_at_last_given_up(county: Organization, clerk: Any) -> None:
    run = hand_in(stations(10), county, clerk)
    ProcrastinateJob.objects.all()
    assert background.take_up_left() == 0, "its job still waits"
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed'")
    for attempt in range(background.MOST_ATTEMPTS):
        SheetProgress.objects.update(seen_at=timezone.now() - background.LEFT_AFTER * 2)
        assert background.take_up_left() == 1, attempt
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET status = 'failed'")
    run.refresh_from_db()
    assert (run.state, run.refusal_code) == (State.CHECKED, "run-failed")


# --- Seen from outside, and killed --------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_progress_is_seen_by_others_while_the_rows_are_in_an_open_transaction(county: Organization, clerk: Any) -> None:
    run = hand_in(stations(10), county, clerk)
    other = connection.copy()
    try:
        with transaction.atomic(), Beacon(run.pk) as beacon:
            SheetRun.objects.select_for_update().get(pk=run.pk)
            beacon.writing(4, 10)
            with other.cursor() as cursor:
                cursor.execute("SELECT phase, done, total FROM sheets_sheetprogress WHERE run_id = %s", [run.pk])
                assert cursor.fetchone() == ("writing", 4, 10)
    finally:
        other.close()


@pytest.mark.usefixtures("no_event_loop")
@pytest.mark.django_db(transaction=True)
def test_the_workers_own_program_does_the_job_it_was_left(county: Organization, clerk: Any) -> None:
    run = hand_in(stations(10), county, clerk)
    with app.replace_connector(app.connector.get_worker_connector()) as worker:
        worker.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)
    run.refresh_from_db()
    assert (run.state, run.created) == (State.CHECKED, 10)
    assert ProcrastinateJob.objects.get(task_name=tasks.work.name).status == "succeeded"


@contextmanager
def _worker(run: SheetRun) -> Iterator[subprocess.Popen[str]]:
    """A process of its own that takes up the run when it is told to `_go`; it has ended when this is left."""
    command = [sys.executable, "-m", "tests.sheets.worker", connection.settings_dict["NAME"], str(run.pk)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, **pipes, text=True) as process:
        try:
            assert process.stdout.readline() == "ready\n"
            yield process
            process.wait(timeout=60)
        finally:
            process.kill()


def _go(process: subprocess.Popen[str]) -> None:
    process.stdin.write("go\n")
    process.stdin.flush()


SESSIONS = "FROM pg_stat_activity WHERE datname = current_database() AND application_name = %s"


def _settle() -> None:
    """Until the database has noticed that the killed worker is gone."""
    for _attempt in range(100):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) {SESSIONS}", [worker.NAME])
            if not cursor.fetchone()[0]:
                return
        time.sleep(0.1)
    pytest.fail("the killed worker's session goes on")


@pytest.mark.soak
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_at_any_moment_leaves_nothing_or_everything(county: Organization, clerk: Any) -> None:
    size = 120
    for round_ in range(ROUNDS):
        Station.objects.all().delete()
        run = hand_in(stations(size, address=f"第{round_}路"), county, clerk, f"{round_}.csv")
        background.work_on(run.pk)
        actions.ask_to_apply(run, by=clerk)
        for _attempt in range(random.randint(1, 3)):
            with _worker(run) as process:
                _go(process)
                time.sleep(random.uniform(0.0, 1.2))
                process.kill()
            _settle()
            run.refresh_from_db()
            count = Station.objects.count()
            assert (count, run.state) in ((0, State.APPLYING), (size, State.APPLIED)), round_
        background.work_on(run.pk)
        run.refresh_from_db()
        assert (run.state, run.created, Station.objects.count()) == (State.APPLIED, size, size)


@pytest.mark.soak
@pytest.mark.django_db(transaction=True)
def test_a_worker_whose_database_goes_away_leaves_all_to_do(county: Organization, clerk: Any) -> None:
    """As at a restart of the database: every session is ended from the other side, at any moment."""
    size = 120
    for round_ in range(ROUNDS):
        Station.objects.all().delete()
        run = hand_in(stations(size, address=f"第{round_}路"), county, clerk, f"{round_}.csv")
        background.work_on(run.pk)
        actions.ask_to_apply(run, by=clerk)
        with _worker(run) as process:
            _go(process)
            time.sleep(random.uniform(0.0, 1.0))
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT pg_terminate_backend(pid) {SESSIONS}", [worker.NAME])
        run.refresh_from_db()
        assert (Station.objects.count(), run.state) in ((0, State.APPLYING), (size, State.APPLIED)), round_
        background.work_on(run.pk)
        run.refresh_from_db()
        assert (run.state, Station.objects.count()) == (State.APPLIED, size)


@pytest.mark.django_db(transaction=True)
def test_of_two_clerks_with_overlapping_lists_the_second_sees_what_the_first_has_written(
    county: Organization, clerk: Any
) -> None:
    other = make_account(Role.CLERK, county, username="clerk-2")
    first = hand_in(stations(6), county, clerk, "甲.csv")
    second = hand_in(stations(8, address="别名路"), county, other, "乙.csv")
    for run in (first, second):
        background.work_on(run.pk)
        actions.ask_to_apply(run, by=run.handed_in_by)
    with _worker(first) as one, _worker(second) as another:
        _go(one)
        _go(another)
    for run in (first, second):
        run.refresh_from_db()
        assert run.state == State.APPLIED, run.refusal
    assert Station.objects.count() == 8
    assert sorted((first.created + first.updated, second.created + second.updated)) == [6, 8]
    assert first.updated + second.updated == 6, "whoever came second changed what the first had written"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("unions", "writes"), [("示例街道总工会", 0), ("", 3)], ids=["none is left", "some are left"])
def test_rows_that_turn_bad_while_a_list_waits_are_shown_as_they_stand_now(
    county: Organization, clerk: Any, unions: str, writes: int
) -> None:
    below = make_union(county, "示例街道总工会")
    rows = [f"第{i}号示例驿站,示例路{i}号,{below.name if i < 3 else unions}" for i in range(6)] + [",无名路,"]
    run = hand_in("\n".join(["驿站名称,地址,所属工会", *rows]).encode(), county, clerk)
    background.work_on(run.pk)
    run.refresh_from_db()
    assert (run.created, run.rejected) == (6, 1)
    actions.ask_to_apply(run, by=clerk, good_rows_only=True)
    Organization.objects.filter(pk=below.pk).update(name="已更名街道总工会")
    background.work_on(run.pk)
    run.refresh_from_db()
    assert Station.objects.count() == run.created == writes
    if not writes:
        assert run.state == State.CHECKED and run.rejected == 7 and run.refusal
        assert Report.unsealed(run.report).counts["rejected"] == 7


# --- Personal data ------------------------------------------------------------------------------------------------


def _whole_database() -> str:
    """Every row of every table as text; bytes once more as characters."""
    texts = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            texts += [text for (text,) in cursor.fetchall()]
    raw = [bytes(value) for run in SheetRun.objects.all() for value in (run.content, run.report, run.journal) if value]
    return "\n".join([*texts, *(value.decode("latin-1") for value in raw)])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "head", "line"),
    [
        ("stations", "驿站名称,管理员,联系电话", "甲路{i}号驿站,张三13800138000,13900139000"),
        ("members", "姓名,证件号码,手机号码", "演示某{i},11010519491231002X,13900139000"),
    ],
)
def test_what_was_handed_in_lies_nowhere_plain(
    desk: Client, county: Organization, clerk: Any, kind: str, head: str, line: str, caplog: pytest.LogCaptureFixture
) -> None:
    content = "\n".join([head, *(line.format(i=i) for i in range(8))]).encode()
    run = actions.hand_in_waiting(content, filename="名单.csv", kind=kind, organization=county, by=clerk)
    background.work_on(run.pk)
    run.refresh_from_db()
    assert run.state == State.CHECKED
    everything = _whole_database() + page(desk, run).content.decode() + caplog.text
    for secret in ("13800138000", "13900139000", "11010519491231002X"):
        assert secret not in everything and secret.encode().hex() not in everything
