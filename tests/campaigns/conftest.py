"""Two counties under one federation, with a clerk each, and a member in the first."""

from __future__ import annotations

import pytest

from tests.campaigns.makers import make_member
from tests.factories import make_account, make_county


@pytest.fixture
def wuhua(db):
    return make_county("五华区总工会（演示）", "530102")


@pytest.fixture
def panlong(wuhua):
    return make_county("盘龙区总工会（演示）", "530103")


@pytest.fixture
def clerk(wuhua):
    return make_account("clerk", wuhua)


@pytest.fixture
def stranger(panlong):
    """A clerk of another county."""
    return make_account("clerk", panlong)


@pytest.fixture
def courier(wuhua):
    return make_member(wuhua, "演示·钱某")
