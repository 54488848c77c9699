"""The formula: points, grades, deductions."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from tests.standards.makers import Judged, make_standard
from unionportal.standards.judging import Line, formula, judge, tally
from unionportal.standards.models import Criterion
from unionportal.standards.rules import Deduction

pytestmark = pytest.mark.django_db


def lines(standard, *met):
    return [judge(criterion, met=answer) for criterion, answer in zip(standard.criteria.all(), met, strict=True)]


def test_a_criterion_that_is_met_gives_its_points_and_one_that_is_not_gives_none():
    standard = make_standard({"points": 10}, {"points": 5})
    result = tally(standard, lines(standard, True, False))
    assert (result.points, result.out_of, result.grade) == (10, 15, None)


def test_a_criterion_nobody_judged_counts_as_not_met():
    standard = make_standard({"points": 10, "required_from": 1}, grades={1: 0})
    assert tally(standard, lines(standard, None)).grade is None


def test_a_count_is_met_from_its_minimum():
    criterion = make_standard({"judged": Judged.COUNT, "minimum": 2, "points": 10}).criteria.get()
    assert judge(criterion, amount=Decimal(1)) == Line(criterion, False, Decimal(0))
    assert judge(criterion, amount=Decimal(2)) == Line(criterion, True, Decimal(10))
    assert judge(criterion) == Line(criterion, None, Decimal(0))


def test_points_given_count_as_given_and_never_above_what_there_is():
    criterion = make_standard({"judged": Judged.SCORE, "minimum": 6, "points": 10}).criteria.get()
    assert judge(criterion, amount=Decimal("7.5")) == Line(criterion, True, Decimal("7.5"))
    assert judge(criterion, amount=Decimal(5)) == Line(criterion, False, Decimal(5))
    for wrong in ("10.5", "-1"):
        with pytest.raises(ValidationError):
            judge(criterion, amount=Decimal(wrong))


def test_the_grade_is_the_highest_whose_points_and_requirements_are_all_there():
    standard = make_standard(
        {"points": 50}, {"points": 30, "required_from": 3}, {"points": 20}, grades={1: 50, 2: 60, 3: 70, 4: 100}
    )
    assert tally(standard, lines(standard, True, True, True)).grade.rank == 4
    assert tally(standard, lines(standard, True, True, False)).grade.rank == 3
    # 70 points would be enough for three stars, but what three stars require is missing.
    result = tally(standard, lines(standard, True, False, True))
    assert result.grade.rank == 2
    assert [criterion.points for criterion in result.missing] == [30]
    assert tally(standard, lines(standard, False, True, False)).grade is None


def test_a_higher_grade_is_not_reached_past_a_lower_one_that_fails():
    standard = make_standard({"points": 10, "required_from": 1}, {"points": 90}, grades={1: 0, 5: 90})
    assert tally(standard, lines(standard, False, True)).grade is None


def test_deductions_are_taken_off_and_points_do_not_fall_below_nothing():
    standard = make_standard({"points": 30}, grades={1: 10, 2: 30})
    off = [Deduction(Decimal(15), "三次反映门锁着")]
    result = tally(standard, lines(standard, True), off)
    assert (result.points, result.grade.rank) == (15, 1)
    assert tally(standard, lines(standard, True), off * 3).points == 0


def test_the_formula_in_words_names_points_and_what_each_grade_requires():
    standard = make_standard(
        {"text": "有标识", "points": 10, "required_from": 1}, {"points": Decimal("2.5")}, grades={1: 10, 2: None}
    )
    said = "\n".join(formula(standard))
    assert "12.5" in said
    assert "有标识" in said
    assert "1星" in said


@pytest.mark.parametrize(
    "wrong",
    [
        {"judged": Judged.COMPUTED},
        {"judged": Judged.YES_NO, "rule": "on_the_map"},
        {"judged": Judged.COUNT},
        {"points": -1},
    ],
)
def test_the_database_refuses_a_criterion_that_cannot_be_judged(wrong):
    standard = make_standard()
    with pytest.raises(IntegrityError), transaction.atomic():
        Criterion.objects.create(standard=standard, position=1, text="条目", **wrong)


def test_a_criterion_names_only_a_rule_that_is_registered():
    standard = make_standard()
    criterion = Criterion(standard=standard, position=1, text="条目", judged=Judged.COMPUTED, rule="no_such_rule")
    with pytest.raises(ValidationError) as refused:
        criterion.full_clean()
    assert "rule" in refused.value.message_dict
