"""The whole story in a browser: a clerk leads a negotiation to the signature, a reviewer puts it in force."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pytest

from bargaining.models import Agreement, Negotiation
from tests.factories import PASSWORD, make_account, make_county
from unionportal.organizations.models import Partner

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# The story ended long ago whenever it is run, and all its holidays are announced.
FIRST = datetime.date(2026, 3, 2)
TOPICS = [
    ("insurance", "为骑手购买意外伤害保险", "agreed", "为连续服务满1年的骑手购买意外伤害保险", "1年以上"),
    ("unit_price", "恶劣天气每单加1元", "agreed", "恶劣天气每单加1元", "每单1元"),
    ("piece_rates", "提高服务费阶梯", "other_form", "阶梯不变，改设季度优秀骑手奖", ""),
]


@pytest.fixture
def world(transactional_db: Any) -> dict[str, Any]:
    """A county with a clerk, a reviewer and an employer on record."""
    county = make_county()
    Partner.objects.create(organization=county, name="乐食乐派配送有限公司（演示）", kind="employer")
    return {
        "clerk": make_account("clerk", county),
        "reviewer": make_account("reviewer", county),
        "county": county,
    }


class Desk:
    """A staff member at his desk."""

    def __init__(self, page: Any, base: str, username: str) -> None:
        self.page, self.base = page, base
        page.route("**/favicon.ico", lambda route: route.fulfill(status=204))
        page.goto(f"{base}/admin/login/")
        page.fill("[name=username]", username)
        page.fill("[name=password]", PASSWORD)
        page.click("form button[type=submit]")
        page.wait_for_url(re.compile(r"/admin/(?!login)"))

    def open(self, negotiation: Negotiation) -> None:
        self.page.goto(f"{self.base}/admin/bargaining/negotiation/{negotiation.pk}/change/")

    def step(self, negotiation: Negotiation, verb: str, day: datetime.date, **fields: str) -> None:
        """Take the button of the ladder, fill in the form of the step and send it."""
        self.open(negotiation)
        self.page.click(f"a[href$='/do/{verb}/']")
        self.page.fill("[name=on]", day.isoformat())
        self.page.fill("[name=note]", "原件存档")
        for name, value in fields.items():
            field = self.page.locator(f"[name={name}]")
            if field.evaluate("e => e.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)
        for box in self.page.locator("input[name=papers]").all():
            box.check()
        self.page.click("button[name=_sure]")
        self.page.wait_for_url(re.compile(r"/change/$"))


def pick(page: Any, name: str, text: str) -> None:
    """Choose in a search-and-choose field."""
    field = page.locator(f"select[name={name}]").locator("xpath=..").locator(".select2-selection")
    field.click()
    page.locator(".select2-search__field").last.fill(text)
    page.locator(".select2-results__option", has_text=text).first.click()


def after(days: int) -> str:
    return (FIRST + datetime.timedelta(days=days)).isoformat()


@pytest.mark.system("A082")
def test_from_the_offer_to_the_published_agreement(world, live_server, desk_page, open_page, phone_page):
    clerk = Desk(desk_page, live_server.url, world["clerk"].username)
    negotiation = begin(clerk, world)
    clerk.open(negotiation)
    assert "请至少写明一项议题和诉求" not in desk_page.content()

    clerk.step(negotiation, "offer", FIRST, received_on=after(1))
    # 3 March, received; ten days; 13 March is a Friday.
    assert "2026-03-13" in desk_page.content()
    clerk.step(negotiation, "accept", FIRST + datetime.timedelta(days=7))
    results = {}
    for topic, (_subject, _demand, outcome, text, figure) in zip(negotiation.topics.all(), TOPICS, strict=True):
        results |= {
            f"topic{topic.pk}_outcome": outcome,
            f"topic{topic.pk}_result": text,
            f"topic{topic.pk}_figure": figure,
        }
    clerk.step(negotiation, "meet", FIRST + datetime.timedelta(days=18), **results)
    clerk.step(
        negotiation,
        "draft",
        FIRST + datetime.timedelta(days=25),
        title="骑手劳动权益专项协议",
        kind="platform",
        term_from="2026-05-01",
        term_to="2027-04-30",
        workers_covered="598",
    )
    count = {"body": "congress", "entitled": "61", "present": "58", "in_favour": "52", "against": "2", "abstained": "4"}
    clerk.step(negotiation, "vote", FIRST + datetime.timedelta(days=29), **count)
    clerk.step(negotiation, "sign", FIRST + datetime.timedelta(days=30))
    clerk.step(negotiation, "file", FIRST + datetime.timedelta(days=36))
    clerk.open(negotiation)
    assert desk_page.locator("a[href$='/do/take_effect/']").count() == 0, "that is the reviewer's"

    review_page = open_page(1280, 900)
    reviewer = Desk(review_page, live_server.url, world["reviewer"].username)
    # Filed on 7 April: the authority may object until the 22nd.
    reviewer.step(negotiation, "take_effect", datetime.date(2026, 4, 23))
    reviewer.step(negotiation, "publish", datetime.date(2026, 4, 27))
    assert Agreement.objects.get().status == "published"

    phone_page.goto(f"{live_server.url}/agreements/")
    phone_page.click("text=骑手劳动权益专项协议")
    page = phone_page.content()
    assert "1元/单" in page and "改设季度优秀骑手奖" in page and "598" in page
    width = phone_page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390, "no sideways scrolling on a phone"


def begin(clerk: Desk, world: dict[str, Any]) -> Negotiation:
    """The clerk enters the negotiation with its topics and representatives on one page."""
    page = clerk.page
    page.goto(f"{clerk.base}/admin/bargaining/negotiation/add/")
    page.fill("[name=title]", "乐食乐派骑手协商")
    pick(page, "organization", "五华区")
    pick(page, "employers", "乐食乐派")
    page.select_option("[name=rule_set]", label="山东省企业工资集体协商条例")
    for number, (subject, demand, *_rest) in enumerate(TOPICS):
        page.click("#topics-group .add-row a, #topics-group a.add-row, #topics-group [class*=add-row] a")
        page.select_option(f"[name=topics-{number}-subject]", subject)
        page.fill(f"[name=topics-{number}-demand]", demand)
    for number, (side, name) in enumerate((side, f"{side}{i}") for side in ("workers", "employer") for i in range(3)):
        page.click("#representatives-group .add-row a, #representatives-group [class*=add-row] a")
        row = f"representatives-{number}"
        page.select_option(f"[name={row}-side]", side)
        page.fill(f"[name={row}-name]", name)
        if name.endswith("0"):
            page.check(f"[name={row}-is_chief]", force=True)
        elif side == "workers":
            page.check(f"[name={row}-is_front_line]", force=True)
    page.click("[name=_save]")
    page.wait_for_url(re.compile(r"/change/$"))
    return Negotiation.objects.get()
