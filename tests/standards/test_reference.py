"""The standards every installation begins with: published wordings, each with its source."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from tests.factories import make_account, make_county, make_federation
from unionportal.organizations.roles import Role
from unionportal.standards.actions import new_version
from unionportal.standards.models import Criterion, Standard
from unionportal.standards.reference import load_standards
from unionportal.standards.rules import rules_of

pytestmark = pytest.mark.django_db


def wording(slug: str) -> list[str]:
    return list(Standard.objects.get(slug=slug).criteria.values_list("text", flat=True))


@pytest.mark.system("A001")
def test_the_six_haves_of_yunnan_are_worded_as_printed():
    assert wording("liuyou-yunnan") == [
        "有统一标识",
        "有固定场所",
        "有完备设施",
        "有管理制度",
        "有人员管理",
        "有地图可查",
    ]


def test_three_unions_say_six_haves_and_mean_three_lists():
    lists = [tuple(wording(slug)) for slug in ("liuyou-yunnan", "liuyou-hainan", "liuyou-jiaozhou")]
    assert {len(one) for one in lists} == {6}
    assert len(set(lists)) == 3


def test_eight_haves_and_eight_ones_have_eight_criteria():
    assert len(wording("bayou-zoucheng")) == len(wording("bage1-sanya")) == 8
    assert {"有建设运营主体", "有宣传教育功能"} <= set(wording("bayou-zoucheng"))
    assert "1台饮水机或开水器" in wording("bage1-sanya")


def test_five_stars_of_fuzhou_require_area_seats_and_a_defibrillator():
    required = Criterion.objects.filter(standard__slug="stars-fuzhou", required_from=5)
    rules = {criterion.rule: criterion.parameters for criterion in required if criterion.rule}
    assert rules["area"] == {"at_least": 30}
    assert rules["seats"] == {"at_least": 20}
    assert rules["facilities"]["any_of"] == ["aed"]
    assert Standard.objects.get(slug="stars-fuzhou").grades.count() == 5


def test_every_standard_names_its_source_and_every_rule_is_known():
    assert not Standard.objects.filter(source="").exists()
    named = set(Criterion.objects.exclude(rule="").values_list("rule", flat=True))
    assert named <= set(rules_of("station"))


def test_loading_again_adds_nothing_and_changes_nothing():
    Standard.objects.filter(slug="liuyou-yunnan").update(remarks="本地说明")
    before = Standard.objects.count()
    load_standards()
    assert Standard.objects.count() == before
    assert Standard.objects.get(slug="liuyou-yunnan").remarks == "本地说明"


def test_a_standard_without_a_source_is_refused():
    with pytest.raises(IntegrityError), transaction.atomic():
        Standard.objects.create(slug="x", name="x", version="1", issuer="x", object_kind="station", source="")


def test_a_new_version_is_a_copy_and_only_the_federations_administrator_makes_one():
    administrator = make_account(Role.SYSTEM_ADMINISTRATOR, make_federation())
    old = Standard.objects.get(slug="stars-fuzhou")
    copy = new_version(old, version="2027", by=administrator)
    assert wording_of(copy) == wording_of(old)
    assert copy.grades.count() == old.grades.count() == 5
    assert Standard.objects.get(pk=old.pk).version == "2026"
    with pytest.raises(ValidationError):
        new_version(old, version="2027", by=administrator)
    for stranger in (
        make_account(Role.CLERK, make_federation()),
        make_account(Role.SYSTEM_ADMINISTRATOR, make_county()),
    ):
        with pytest.raises(PermissionDenied):
            new_version(old, version="2028", by=stranger)


def wording_of(standard: Standard) -> list[str]:
    return list(standard.criteria.values_list("text", flat=True))
