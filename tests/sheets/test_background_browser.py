"""A long list at a desk: the page follows the worker by itself, and what was written can be taken back."""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from playwright.sync_api import Error

from stations.models import Station
from tests.sheets.test_background import ROUNDS, no_jobs, stations
from tests.sheets.test_background import hand_in as hand_in_unseen
from tests.sheets.test_flow_browser import fits, hand_in, log_in
from unionportal.organizations.models import Account
from unionportal.sheets import actions, background
from unionportal.sheets.models import SheetRun
from unionportal.sheets.problems import problem
from unionportal.sheets.progress import Beacon

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_follows_the_worker_and_a_written_list_is_undone(
    page: Any, live_server: Any, client: Client, tmp_path: Path, settings: Any, width: int
) -> None:
    settings.SHEETS_BACKGROUND_ROWS = 3
    file = tmp_path / "全区驿站.csv"
    rows = [f"第{i}号示例驿站,示例路{i}号,{i % 7 or '很多'}" for i in range(40)]
    file.write_text("\n".join(["驿站名称,地址,座位数", *rows]), encoding="utf-8")
    page.set_viewport_size({"width": width, "height": 900})
    log_in(page, live_server, client)
    hand_in(page, file)
    page.wait_for_selector("progress")
    run = SheetRun.objects.get()
    with Beacon(run.pk) as beacon:
        beacon.reading(24, 40, [problem("number-unreadable", row=2, value="很多", level="warning")])
    page.wait_for_selector("text=60%")
    assert fits(page, width)
    _picture(page, tmp_path, f"progress-{width}")
    background.work_on(run.pk)
    page.wait_for_selector("button[value=apply]")
    _picture(page, tmp_path, f"checked-{width}")
    page.locator("button[value=apply]").first.click()
    page.wait_for_selector("progress")
    background.work_on(run.pk)
    page.click(".sheets-undo summary")
    assert Station.objects.count() == 40 and fits(page, width)
    _picture(page, tmp_path, f"record-{width}")
    page.click("button[value=undo]")
    page.wait_for_selector("progress")
    assert fits(page, width)
    _picture(page, tmp_path, f"undoing-{width}")
    background.work_on(run.pk)
    page.wait_for_selector("text=已撤销")
    assert not Station.objects.exists()
    no_jobs()


def _picture(page: Any, folder: Path, name: str) -> None:
    """For a person to look at; kept in the test's own folder."""
    page.screenshot(path=str(folder / f"{name}.png"), full_page=True)


# --- A browser that goes away -------------------------------------------------------------------------------------


@pytest.mark.soak
@pytest.mark.parametrize("long_from", [1000, 3], ids=["written in the request", "written by the worker"])
def test_a_browser_closed_at_any_moment_leaves_nothing_or_everything(
    page: Any, new_context: Any, live_server: Any, client: Client, tmp_path: Path, settings: Any, long_from: int
) -> None:
    settings.SHEETS_BACKGROUND_ROWS = long_from
    size, file = 60, tmp_path / "全区驿站.csv"
    log_in(page, live_server, client)
    cookies, clerk = page.context.cookies(), Account.objects.get()
    for round_ in range(ROUNDS):
        Station.objects.all().delete()
        known = set(SheetRun.objects.values_list("pk", flat=True))
        content = stations(size, address=f"第{round_}路")
        file.write_bytes(content)
        _begin_and_go_away(new_context(), cookies, f"{live_server.url}/admin/sheets/sheetrun/add/", file)
        _let_the_server_finish()
        _work()
        runs = list(SheetRun.objects.exclude(pk__in=known))
        assert len(runs) <= 1
        applied = bool(runs) and runs[0].state == SheetRun.State.APPLIED
        assert Station.objects.count() == size * applied, round_
        run = runs[0] if runs else hand_in_unseen(content, clerk.organization, clerk)
        _work()
        run.refresh_from_db()
        if not applied:
            actions.ask_to_apply(run, by=clerk)
            _work()
            run.refresh_from_db()
        assert (run.state, run.created, Station.objects.count()) == (SheetRun.State.APPLIED, size, size)
    no_jobs()


def _begin_and_go_away(context: Any, cookies: list[Any], address: str, file: Path) -> None:
    """Hand a list in, perhaps have it written, and be gone in the midst of it."""
    context.add_cookies(cookies)
    page = context.new_page()
    page.goto(address)
    page.select_option("[name=kind]", "stations")
    page.set_input_files("[name=file]", str(file))
    page.click(".sheets-form button[type=submit]", no_wait_after=True)
    time.sleep(random.uniform(0, 0.8))
    if random.random() < 0.7:
        try:
            _work()
            page.locator("button[value=apply]").first.click(timeout=3000, no_wait_after=True)
            time.sleep(random.uniform(0, 0.4))
        except Error:  # Gone before the page was there.
            pass
    context.close()


def _let_the_server_finish() -> None:
    """What the browser has asked for is done to its end, although nobody waits for the answer."""
    quiet = 0
    while quiet < 6:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND backend_type = 'client backend' AND state <> 'idle'"
            )
            quiet = 0 if cursor.fetchone()[0] else quiet + 1
        time.sleep(0.15)


def _work() -> None:
    """What waits for the worker, done in its place."""
    for run in SheetRun.objects.filter(state__in=SheetRun.BUSY):
        background.work_on(run.pk)
