"""The formula: from answers to points and from points to stars. One place, read by staff and visitors alike.

points = sum of the points of the criteria that are met (judged by points: the points given) - deductions
grade  = the highest one whose points are reached and all of whose required criteria are met
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from unionportal.standards.models import Criterion, Grade, Standard
from unionportal.standards.rules import Deduction, deductions_published


@dataclass(frozen=True)
class Line:
    """A criterion as judged: `met` is None where nobody has judged it."""

    criterion: Criterion
    met: bool | None
    points: Decimal


@dataclass(frozen=True)
class Result:
    """Points reached out of those possible, the grade if any, and what keeps the next grade away."""

    points: Decimal
    out_of: Decimal
    grade: Grade | None
    missing: list[Criterion]


def judge(criterion: Criterion, *, met: bool | None = None, amount: Decimal | None = None) -> Line:
    """Judge one criterion by what was said (`met`), counted or given (`amount`).

    Raises ValidationError for an amount below nothing or above the points there are.
    """
    if amount is not None and amount < 0:
        raise ValidationError(_("%(criterion)s: not less than nothing.") % {"criterion": criterion})
    if criterion.judged == Criterion.Judged.SCORE:
        if amount is None:
            return Line(criterion, None, Decimal(0))
        if amount > criterion.points:
            told = _("%(criterion)s: %(points)s points at most.")
            raise ValidationError(told % {"criterion": criterion, "points": shown(criterion.points)})
        enough = criterion.points if criterion.minimum is None else criterion.minimum
        return Line(criterion, amount >= enough, amount)
    if criterion.judged == Criterion.Judged.COUNT:
        met = None if amount is None else amount >= (criterion.minimum or 0)
    return Line(criterion, met, criterion.points if met else Decimal(0))


def tally(standard: Standard, lines: Sequence[Line], deductions: Iterable[Deduction] = ()) -> Result:
    """Add up and grade. A criterion that nobody judged counts as not met; points do not fall below nothing."""
    points = sum((line.points for line in lines), Decimal(0)) - sum((d.points for d in deductions), Decimal(0))
    points = max(points, Decimal(0))
    unmet = [line.criterion for line in lines if not line.met]
    reached: Grade | None = None
    missing: list[Criterion] = []
    for grade in sorted(standard.grades.all(), key=lambda grade: grade.rank):
        lacking = [c for c in unmet if c.required_from is not None and c.required_from <= grade.rank]
        if lacking or (grade.minimum_points is not None and points < grade.minimum_points):
            missing = lacking
            break
        reached = grade
    return Result(points, sum((line.criterion.points for line in lines), Decimal(0)), reached, missing)


def shown(number: Decimal) -> str:
    """2.0 as 2, 2.5 as 2.5."""
    return f"{number.normalize():f}"


def formula(standard: Standard) -> list[str]:
    """The formula of a standard in sentences, as visitors read it."""
    criteria = list(standard.criteria.all())
    full = shown(sum((c.points for c in criteria), Decimal(0)))
    said = [
        ngettext(
            "%(count)d criterion; %(points)s points are possible.",
            "%(count)d criteria; %(points)s points are possible.",
            len(criteria),
        )
        % {"count": len(criteria), "points": full},
        _("A criterion that is met counts with its points, one that is not met or not judged with none."),
    ]
    if any(c.judged == Criterion.Judged.SCORE for c in criteria):
        said.append(_("Where points are given, those given count."))
    if any(c.judged == Criterion.Judged.COMPUTED for c in criteria):
        said.append(_("Criteria judged from the record follow the record of today."))
    if published := deductions_published(standard.object_kind):
        said += [*published, _("Points do not fall below nothing.")]
    for grade in standard.grades.all():
        said.append(_grade_in_words(grade, criteria))
    if standard.grades.all():
        said.append(_("The highest grade whose conditions are all fulfilled is reached; a check may give less, with "
                      "its reason, never more."))  # fmt: skip
    else:
        said.append(_("The standard gives no stars: it is fulfilled when every criterion is met."))
    return said


def _grade_in_words(grade: Grade, criteria: Sequence[Criterion]) -> str:
    needed = "；".join(c.text for c in criteria if c.required_from is not None and c.required_from <= grade.rank)
    words = {"grade": grade.name, "needed": needed}
    if grade.minimum_points is None:
        return _("%(grade)s: required are %(needed)s.") % words if needed else f"{grade.name}"
    words["points"] = shown(grade.minimum_points)
    if needed:
        return _("%(grade)s: at least %(points)s points, and required are %(needed)s.") % words
    return _("%(grade)s: at least %(points)s points.") % words
