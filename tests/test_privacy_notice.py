"""The privacy notice promises what the code does: no term in it that is not kept, no app that it leaves out."""

from __future__ import annotations

import datetime
import re
from html import unescape

import pytest
from django.apps import apps
from django.test import Client

from members.actions.forgetting import APPLICATION_DAYS, MEMBER_DAYS
from stations.models.feedback import LOCKED_WINDOW
from stations.models.visits import TAP_WINDOW
from unionportal.tickets.actions import FORGET_AFTER

pytestmark = pytest.mark.django_db


@pytest.fixture
def notice() -> str:
    page = Client().get("/privacy/", headers={"accept-language": "zh-hans"}).content.decode()
    return unescape(re.sub(r"<[^>]+>", "", page[page.index("<article") : page.index("</article")]))


def test_the_notice_speaks_to_everybody_whose_data_the_portal_holds(notice: str) -> None:
    for who in ("门口", "会员", "入会", "微心愿", "集体协商", "劳动争议", "工会工作"):
        assert who in notice


def test_the_terms_in_the_notice_are_those_of_the_code(notice: str) -> None:
    assert "满一年删除证件号码和手机号码" in notice and APPLICATION_DAYS == 365
    assert "退会的，满三年删除" in notice and MEMBER_DAYS == 3 * 365
    assert "七天后删除" in notice and LOCKED_WINDOW.days == 7
    assert "有效期三十分钟" in notice and datetime.timedelta(minutes=30) == TAP_WINDOW
    assert "满半年后，照片和位置即行删除" in notice and datetime.timedelta(days=180) == FORGET_AFTER


def test_the_terms_that_can_be_set_are_told_as_they_are_set(settings) -> None:
    settings.LOG_RETENTION_DAYS, settings.SHEETS_KEEP_DAYS = 1234, 57
    page = Client().get("/privacy/").content.decode()
    assert "1234" in page and "57" in page


def test_the_notice_says_that_there_are_no_files_on_disputes_only_while_there_are_none(notice: str) -> None:
    assert ("不保存劳动争议" in notice) is not apps.is_installed("disputes")


@pytest.mark.parametrize("address", ["/privacy/", "/about/"])
def test_the_notice_and_the_imprint_are_kept_by_the_browser_and_sent_compressed(address: str) -> None:
    first = Client().get(address, headers={"accept-encoding": "gzip"})
    assert first["Content-Encoding"] == "gzip"
    assert "Set-Cookie" not in first
    again = Client().get(address, headers={"accept-encoding": "gzip", "if-none-match": first["ETag"]})
    assert again.status_code == 304
