import pytest

from tests.factories import make_account, make_county


@pytest.fixture
def wuhua(db):
    return make_county()


@pytest.fixture
def panlong(wuhua):
    return make_county("盘龙区总工会（演示）", "530103")


@pytest.fixture
def clerk(wuhua):
    return make_account("clerk", wuhua)


@pytest.fixture
def reviewer(wuhua):
    return make_account("reviewer", wuhua)


@pytest.fixture
def adviser(wuhua):
    return make_account("adviser", wuhua)
