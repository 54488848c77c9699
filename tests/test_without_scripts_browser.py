"""The workplace without JavaScript: its pages are read, and forms are filled in and sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.factories import PASSWORD, make_account, make_county, make_station
from unionportal.organizations.roles import Role

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("size", [(390, 844), (1280, 900)])
def test_a_clerk_works_without_scripts(live_server: Any, open_page: Callable[..., Any], size: tuple[int, int]) -> None:
    county = make_county()
    make_station(county, "无脚本路驿站")
    make_account(Role.CLERK, county, "plain-clerk")
    page = open_page(*size, java_script_enabled=False)
    page.goto(f"{live_server.url}/admin/login/")
    page.fill("[name=username]", "plain-clerk")
    page.fill("[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.goto(f"{live_server.url}/admin/stations/station/")
    assert page.get_by_text("无脚本路驿站").first.is_visible()
    # Nothing that a script would have closed covers the list.
    page.get_by_text("无脚本路驿站").first.click()
    page.wait_for_url("**/change/**")
    assert page.locator("[name=name]").input_value() == "无脚本路驿站"
