"""What lists of unions hold beside the fields of the portal, and what becomes of it."""

from __future__ import annotations

import datetime

import pytest
from django.core.exceptions import ValidationError

from tests.factories import make_county
from unionportal.organizations.models import Organization, Partner
from unionportal.sheets import actions
from unionportal.sheets.examination import Examination

pytestmark = pytest.mark.django_db
UNION = "甲公司工会委员会"


@pytest.fixture
def county() -> Organization:
    return make_county()


def written(county: Organization, *lines: str) -> Examination:
    run, _found = actions.hand_in(
        "\n".join(lines).encode(), filename="list.csv", kind="organizations", organization=county, by=None
    )
    return actions.apply_run(run, by=None)


def told(found: Examination) -> list[str]:
    return [one.heading for one in found.problems if one.code == "organization-figure-kept"]


def test_figures_without_a_field_are_kept_among_the_remarks_and_the_report_says_so(county: Organization) -> None:
    found = written(county, "工会名称,工会类别,会员人数,女职工人数,备注", f"{UNION},独立基层工会,120,35,重点企业")
    union = Organization.objects.get(name=UNION)
    assert union.remarks == "重点企业；会员人数：120；女职工人数：35"
    assert union.kind == Organization.Kind.GRASSROOTS_INDEPENDENT
    assert told(found) == ["会员人数", "女职工人数"] and all(match.field for match in found.headings)


def test_a_later_list_brings_a_figure_up_to_date_and_leaves_other_remarks(county: Organization) -> None:
    written(county, "工会名称,会员人数,备注", f"{UNION},120,重点企业")
    again = written(county, "工会名称,会员人数", f"{UNION},120")
    assert again.counts["unchanged"] == 1
    written(county, "工会名称,会员人数", f"{UNION},131")
    assert Organization.objects.get(name=UNION).remarks == "重点企业；会员人数：131"


@pytest.mark.parametrize(
    ("head", "cells", "begin", "years", "remarks"),
    [
        ("换届时间,届满时间", "2023-05-10,2028-05-09", datetime.date(2023, 5, 10), 5, ""),
        ("届期,届满时间", "3,2027-02-28", datetime.date(2024, 2, 28), 3, ""),
        ("届期,届满时间", "4,2028-02-29", datetime.date(2024, 2, 28), 4, ""),
        ("届满时间", "2027-06-30", None, None, "届满时间：2027-06-30"),
        ("换届时间,届满时间", "2023-05-10,2025-01-01", datetime.date(2023, 5, 10), None, "届满时间：2025-01-01"),
        ("换届时间,届期,届满时间", "2023-05-10,3,2028-05-10", datetime.date(2023, 5, 10), 3, "届满时间：2028-05-10"),
    ],
)
def test_the_end_of_a_term_gives_its_length_or_is_kept_as_it_stands(
    county: Organization, head: str, cells: str, begin: datetime.date | None, years: int | None, remarks: str
) -> None:
    found = written(county, f"工会名称,{head}", f"{UNION},{cells}")
    union = Organization.objects.get(name=UNION)
    assert (union.term_from, union.term_years, union.remarks) == (begin, years, remarks)
    assert told(found) == (["届满时间"] if remarks else [])


def problems(county: Organization, *lines: str) -> list[tuple[int | None, str, str]]:
    _run, found = actions.hand_in(
        "\n".join(lines).encode(), filename="list.csv", kind="organizations", organization=county, by=None
    )
    return [(one.row, one.code, one.message) for one in found.problems if one.level == "error"]


def test_a_superior_that_is_nearly_named_is_suggested(county: Organization) -> None:
    ((row, code, message),) = problems(county, "工会名称,上级工会,工会类型", f"{UNION},五华区总工会,基层工会")
    assert (row, code) == (2, "superior-unknown") and county.name in message


def test_a_row_below_one_with_an_error_is_told_which_row_to_mend(county: Organization) -> None:
    lines = [f"{UNION},哪里也没有的联合会,基层工会", f"甲公司第一分会,{UNION},分会"]
    first, second = problems(county, "工会名称,上级工会,工会类型", *lines)
    assert first[:2] == (2, "superior-unknown") and second[:2] == (3, "superior-rejected") and "2" in second[2]


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ("13812345678", ""),
        ("138-1234-5678", ""),
        ("＋86 138 1234 5678（王某）", ""),
        ("0871-63123456、13812345678", "0871-63123456"),
        ("0871-63123456", "0871-63123456"),
        ("0871-63123456 转 802", "0871-63123456 转 802"),
    ],
)
def test_a_mobile_number_is_a_persons_and_stays_out_of_the_office_phone(
    county: Organization, cell: str, kept: str
) -> None:
    found = written(county, "工会名称,联系电话", f"{UNION},{cell}")
    assert Organization.objects.get(name=UNION).phone == kept
    told = [one for one in found.problems if one.code == "organization-personal-number"]
    assert bool(told) == (kept != cell)
    assert all(one.column == "B" and "1234" not in one.value for one in told)


def test_a_number_in_a_unions_remarks_is_left_out_too(county: Organization) -> None:
    written(county, "工会名称,备注,工会主席", f"{UNION},找王某13812345678,王某13812345678")
    union = Organization.objects.get(name=UNION)
    assert (union.remarks, union.chair) == ("", "")


def test_the_form_of_a_union_or_partner_refuses_a_mobile_number(county: Organization) -> None:
    for record in (county, Partner(organization=county, name="示例公司")):
        record.phone = "13812345678"
        with pytest.raises(ValidationError) as refused:
            record.full_clean()
        assert list(refused.value.error_dict) == ["phone"]
