"""A long list at a desk: the page follows the worker by itself, and what was written can be taken back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from stations.models import Station
from tests.sheets.test_background import no_jobs
from tests.sheets.test_flow_browser import fits, hand_in, log_in
from unionportal.sheets import background
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
