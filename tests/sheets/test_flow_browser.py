"""A clerk who has never seen the portal gets a dirty file in by following the page alone."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.conf import settings
from django.test import Client

from stations.models import Station
from tests.factories import make_account, make_county
from unionportal.organizations.roles import Role

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def dirty_list(tmp_path: Path) -> Path:
    """A title, a heading nobody knows, a wrong coordinate, a total."""
    book = openpyxl.Workbook()
    for row in (
        ["五华区工会驿站名单", None, None],
        ["点名称呼", "详细地址", "经纬度"],
        ["甲路工会驿站", "甲路1号", "102.71,25.04"],
        ["乙路工会驿站", "乙路2号", "1120.36237,25.04"],
        ["合计", "2家", None],
    ):
        book.active.append(row)
    book.active.merge_cells("A1:C1")
    file = tmp_path / "名单.xlsx"
    book.save(file)
    return file


def log_in(page: Any, server: Any, client: Client) -> None:
    """By a session of the test client: the log-in page is another page's test."""
    account = make_account(Role.CLERK, make_county(), username="clerk-browser")
    client.force_login(account, backend="unionportal.organizations.backends.RoleBackend")
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value}
    page.context.add_cookies([{**cookie, "url": server.url}])
    page.route("**/favicon.ico", lambda route: route.fulfill(status=204))
    page.goto(f"{server.url}/admin/sheets/sheetrun/add/")


def hand_in(page: Any, file: Path) -> None:
    page.select_option("[name=kind]", "stations")
    page.set_input_files("[name=file]", str(file))
    page.click(".sheets-form button[type=submit]")
    page.wait_for_load_state()


def fits(page: Any, width: int) -> bool:
    """Whether nothing sticks out to the right."""
    return page.locator(".sheets").first.bounding_box()["width"] <= width


def follow_the_page(page: Any, width: int, file: Path) -> Path:
    """From the upload to the written rows; returns the workbook of the rest."""
    hand_in(page, file)
    assert page.locator('[role="alert"]').count() == 1 and fits(page, width)
    page.select_option("[name=column-A]", "name")
    page.click('button[name=verb][value="headings"]')
    page.wait_for_selector("#problems")
    assert page.locator("text=C4").count() >= 1 and fits(page, width)
    page.locator('button[value="apply_good"]').first.click()
    page.wait_for_selector("#record")
    with page.expect_download() as coming:
        page.locator("a.sheets-main").click()
    return Path(coming.value.path())


def test_the_way_from_a_dirty_file_to_the_rows_at_a_desk(
    desk_page: Any, live_server: Any, client: Client, dirty_list: Path
) -> None:
    log_in(desk_page, live_server, client)
    rest = follow_the_page(desk_page, 1280, dirty_list)
    assert list(Station.objects.values_list("name", flat=True)) == ["甲路工会驿站"]
    rows = list(openpyxl.load_workbook(io.BytesIO(rest.read_bytes())).active.iter_rows(values_only=True))
    assert [row[0] for row in rows[1:]] == ["乙路工会驿站", "合计"]


def test_the_same_way_on_a_phone(phone_page: Any, live_server: Any, client: Client, dirty_list: Path) -> None:
    log_in(phone_page, live_server, client)
    follow_the_page(phone_page, 390, dirty_list)
    assert Station.objects.count() == 1


def test_the_same_way_without_javascript(open_page: Any, live_server: Any, client: Client, dirty_list: Path) -> None:
    page = open_page(1280, 900, java_script_enabled=False)
    log_in(page, live_server, client)
    follow_the_page(page, 1280, dirty_list)
    assert Station.objects.count() == 1


def test_the_same_way_by_keyboard(desk_page: Any, live_server: Any, client: Client, dirty_list: Path) -> None:
    log_in(desk_page, live_server, client)
    desk_page.select_option("[name=kind]", "stations")
    desk_page.set_input_files("[name=file]", str(dirty_list))
    desk_page.focus(".sheets-form button[type=submit]")
    desk_page.keyboard.press("Enter")
    desk_page.wait_for_selector("#headings")
    desk_page.select_option("[name=column-A]", "name")
    desk_page.focus("[name=column-C]")
    desk_page.keyboard.press("Tab")
    assert desk_page.evaluate("document.activeElement.value") == "headings"
    desk_page.keyboard.press("Enter")
    desk_page.wait_for_selector("#problems")


def test_a_file_that_is_no_list_is_told_on_the_upload_page(
    desk_page: Any, live_server: Any, client: Client, tmp_path: Path, page_faults: list[str]
) -> None:
    picture = tmp_path / "照片.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(300))
    log_in(desk_page, live_server, client)
    hand_in(desk_page, picture)
    assert desk_page.locator('[role="alert"]').count() == 1 and desk_page.locator("[name=file]").count() == 1
    # The refusal is answered with 422, which the browser reports as a failed request.
    page_faults[:] = [fault for fault in page_faults if "422" not in fault]
