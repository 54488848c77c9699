"""Whatever a scanner, a broken link or an ill-meant script sends, the portal answers, and never with an error."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.campaigns.makers import as_member, make_activity, make_campaign, make_member, make_pool, make_post, make_wish
from tests.factories import make_account, make_county, make_federation
from unionportal.organizations.roles import Role

pytestmark = pytest.mark.django_db

# The admin validates its own parameters; a language is chosen and a health check asked without any.
NOT_WALKED = ("admin/", "healthz")
NULL, LONG = "\0", "9" * 3000
ROUGH = [
    NULL,
    f"a{NULL}b",
    LONG,
    "-1",
    "0",
    "99999999999999999999",
    "abc",
    "1e400",
    "nan",
    "²",
    "٣",
    "http://[x",
    "//evil.example/",
    "%",
    "' OR 1=1 --",
    "\ud7ff\U0001f600",
    "[]",
    "2026-13-45",
    "\u202e\u200b",
]
# A few of each kind are enough for an address; every one goes into the query.
IN_PATH = [NULL, LONG[:300], "99999999999999999999", "http:[x", "²", "\U0001f600"]
QUERY = (
    *("q", "page", "code", "card", "next", "lat", "lng", "lon", "near", "at", "open", "kind", "division", "facility"),
    *("sort", "state", "queue", "employer", "rule_set", "level", "year", "union", "turn", "since", "by", "type"),
)
FIELDS = (
    *("phone", "code", "name", "id_number", "occupation_group", "division", "employer_name", "agreed", "version"),
    *("sure", "kind", "text", "organization", "reason", "card", "registration", "verb", "turn", "words", "next"),
    *("language", "wished_for", "again"),
)


def addresses(patterns: Any = None, prefix: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """(template of the address, its converters) of every address but those NOT_WALKED."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(getattr(pattern.pattern, "_route", ""))
        if route.startswith(NOT_WALKED):
            continue
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield route, dict(pattern.pattern.converters)


def filled(route: str, converters: dict[str, Any], value: str) -> str:
    """The address with `value` in each of its places that take text, and a number in those that take numbers."""
    for name, converter in converters.items():
        kind = type(converter).__name__.removesuffix("Converter").lower()
        text = value
        if kind == "int":
            text = value if value.isascii() and value.isdecimal() else "1"
        for written in (f"<{kind}:{name}>", f"<{name}>", f"<str:{name}>", f"<path:{name}>", f"<slug:{name}>"):
            route = route.replace(written, text)
    return "/" + route


@pytest.fixture
def city():
    make_federation()
    return make_county()


@pytest.fixture
def everything(city):
    """One of each noun, so that the pages have something to trip over."""
    campaign = make_campaign(city)
    courier = make_member(city, "演示·钱某")
    make_wish(courier, state="confirmed")
    return {
        "courier": courier,
        "activity": make_activity(campaign),
        "pool": make_pool(campaign),
        "post": make_post(city, campaign=campaign),
    }


@pytest.fixture(params=["nobody", "a member", "a clerk"])
def visitor(request, client, city, everything):
    # An exception of a view is an answer of 500, as it is outside of tests.
    client.raise_request_exception = False
    if request.param == "a member":
        as_member(client, everything["courier"])
    elif request.param == "a clerk":
        client.force_login(make_account("clerk", city))
    return client


def send(client: Client, address: str, data: dict[str, str] | None = None, *, post: bool = False) -> int:
    return (client.post if post else client.get)(address, data or {}).status_code


def test_no_address_breaks_on_what_stands_in_its_path(visitor):
    broken = [
        (route, value[:20])
        for route, converters in addresses()
        if converters
        for value in IN_PATH
        for post in (False, True)
        if send(visitor, filled(route, converters, value.replace("/", "")), post=post) >= 500
    ]
    assert not broken


def test_no_page_breaks_on_what_stands_in_its_query(visitor, everything):
    broken = []
    for route, converters in addresses():
        address = filled(route, converters, "1")
        for value in ROUGH:
            if send(visitor, address, dict.fromkeys(QUERY, value)) >= 500:
                broken.append((route, value[:20]))
    assert not broken


def test_no_form_breaks_on_what_is_sent(visitor, everything):
    places = [
        everything["activity"].get_absolute_url() + "door/",
        everything["pool"].get_absolute_url() + "claim/",
        everything["post"].get_absolute_url() + "interest/",
    ]
    walked = [filled(route, converters, "1") for route, converters in addresses() if "log-out" not in route]
    broken = []
    for address in [*places, *walked]:
        for value in (NULL, LONG, "abc", "http://[x", "99999999999999999999", "²"):
            if send(visitor, address, dict.fromkeys(FIELDS, value), post=True) >= 500:
                broken.append((address, value[:20]))
        for field in ("card", "registration"):
            if send(visitor, address, {field: "http://[x"}, post=True) >= 500:
                broken.append((address, field))
    assert not broken


@pytest.mark.parametrize(
    "address",
    [
        "/campaigns/jobs/?q=%00",
        "/join/%00/",
        "/union-code/%00/",
        "/campaigns/redeem/?code=%00",
        "/card/check/?card=%00",
        "/me/log-in/?next=%00",
        "/?q=a%00b",
        "/admin/members/member/?q=%00",
    ],
)
def test_a_null_character_is_answered_with_a_page_in_chinese(client, city, address):
    client.force_login(make_account("clerk", city))
    response = client.get(address)
    assert response.status_code == 400
    assert "未作任何改动" in response.content.decode()


def test_a_null_character_in_a_form_is_refused_before_any_view_sees_it(client, city):
    assert client.post("/me/log-in/", {"phone": "100\x0000000001"}).status_code == 400
    assert client.post("/me/log-in/", {"pho\0ne": "1"}).status_code == 400


def test_a_scanned_address_that_is_cut_off_is_no_card(client, city):
    client.force_login(make_account("clerk", city))
    assert client.get("/card/check/", {"card": "http://[x"}).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("forged", ["x", "1" * 30, "-1", "1.5"])
def test_a_forged_key_in_a_search_field_is_told_at_the_field(client, forged):
    clerk = make_account(Role.CLERK, make_county())
    client.force_login(clerk, backend="unionportal.organizations.backends.RoleBackend")
    answer = client.post(reverse("admin:stations_station_add"), {"organization": forged, "name": "甲驿站"})
    assert answer.status_code == 200
    assert "organization" in answer.context["adminform"].form.errors
