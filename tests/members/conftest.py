from __future__ import annotations

import pytest

from members.reference import load_reference
from tests.factories import make_account, make_county, make_federation, make_union
from unionportal.organizations.reference import load_divisions


@pytest.fixture
def city(db):
    """五华区 with 华山街道 and its catch-all union, and 盘龙区 beside it."""
    load_divisions()
    load_reference()
    return make_federation()


@pytest.fixture
def wuhua(city):
    return make_county()


@pytest.fixture
def panlong(city):
    return make_county("盘龙区总工会（演示）", "530103")


@pytest.fixture
def street(wuhua):
    return make_union(wuhua, "华山街道总工会（演示）", kind="township", division_id="530102001")


@pytest.fixture
def catch_all(street):
    return make_union(
        street,
        "华山街道新就业形态联合工会（演示）",
        kind="grassroots_joint",
        division_id="530102001",
        is_catch_all=True,
    )


@pytest.fixture
def clerk(wuhua):
    return make_account("clerk", wuhua, "wuhua-clerk")


@pytest.fixture
def stranger(panlong):
    return make_account("clerk", panlong, "panlong-clerk")
