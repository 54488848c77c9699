"""Texts that everybody reads hold no number of a person; hotlines, landlines and amounts are none."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from unionportal.codes import id_check_digit
from unionportal.free_text import holds_personal_number, refuse_personal_numbers

# Of a division and a day that nobody was born on there; the check digit fits.
ID_NUMBER = "53010219000101002" + id_check_digit("53010219000101002")
PHONE = "10012345678"  # 100…: no network gives it out


@pytest.mark.parametrize(
    "text",
    [
        f"联系人{PHONE}",
        f"电话：{PHONE}，晚上打",
        "100 1234 5678",
        "100-1234-5678",
        "+86 100 1234 5678",
        f"86{PHONE}",
        "１００１２３４５６７８",
        f"身份证{ID_NUMBER}",
        f"{ID_NUMBER[:6]} {ID_NUMBER[6:14]} {ID_NUMBER[14:]}",
        "13800138000",
        "手机13800138000或12351",
    ],
)
def test_numbers_of_persons_are_found_however_they_are_written(text):
    assert holds_personal_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "拨打12351",
        "0871-63333333",
        "4008001234",
        "20至22元/小时，3000-5000元",
        "2026年11月22日 09:00-17:30",
        "工资6000元，名额1000个",
        "合同编号20261122000001",
        f"{ID_NUMBER[:17]}{(int(ID_NUMBER[17]) + 1) % 10 if ID_NUMBER[17] != 'X' else 0}",
        "订单A13800138000B",
        "5301022026112200000123456789",
    ],
)
def test_other_numbers_are_let_pass(text):
    assert not holds_personal_number(text)


def test_the_refusal_names_the_field():
    with pytest.raises(ValidationError) as refused:
        refuse_personal_numbers(PHONE, "活动说明")
    assert refused.value.code == "personal_number"
    assert "活动说明" in refused.value.messages[0]
    assert PHONE not in refused.value.messages[0]
