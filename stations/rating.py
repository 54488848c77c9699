"""Why a station has its stars: the criteria of its last check, judged again by today's record.

    points = points of the criteria met - deductions        (`unionportal.standards.judging`)

Criteria judged from the record follow it at once. One that was not met counts again when its rectification is
verified. Anything else that shall count (reports that the door was locked) registers a deduction. Stars that rest on
an earlier check can be followed too: what that check found stands beside today's.
"""

from __future__ import annotations

import datetime
import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from stations.models import Facility, Honour, Station, StationAssessment
from stations.models.assessments import RectificationState
from stations.models.feedback import LOCKED_REPORTS, LOCKED_WINDOW, times_reported_locked
from stations.models.week import HoursState
from unionportal.standards import rules
from unionportal.standards.judging import Line, Result, formula, shown, tally
from unionportal.standards.models import Answer, Criterion
from unionportal.standards.rules import Deduction, Finding

KIND = "station"
# What it costs, and for how long, each time a station was reported locked: as much as a weighty criterion.
LOCKED_POINTS = Decimal(10)
LOCKED_DAYS = 90


# --- Rules -------------------------------------------------------------------------------------------------------


def on_the_map(station: Station, parameters: Mapping[str, Any]) -> Finding:
    """Has a position about which no doubt is open."""
    if not station.has_position:
        return Finding(False, _("No position is known."))
    if any(doubt.settled_at is None for doubt in station.position_doubts.all()):
        return Finding(False, _("The position is in doubt."))
    return Finding(True, _("The position is known."))


def facilities(station: Station, parameters: Mapping[str, Any]) -> Finding:
    """Has at least `at_least` of the facilities `any_of` (codes of the catalogue); all of them where not stated."""
    wanted = list(parameters["any_of"])
    held = {facility.code: facility for facility in station.facilities.all()}
    found = [held[code] for code in wanted if code in held]
    words = _("On record: %(facilities)s.") % {"facilities": "、".join(map(str, found)) or _("none of them")}
    return Finding(len(found) >= int(parameters.get("at_least", len(wanted))), words, Decimal(len(found)))


def check_facilities(parameters: Mapping[str, Any]) -> None:
    """`any_of` names facilities of the catalogue, `at_least` is a number up to theirs."""
    codes, least = parameters.get("any_of"), parameters.get("at_least", 1)
    if not isinstance(codes, list) or not codes or set(parameters) - {"any_of", "at_least"}:
        raise ValidationError(_('Name the facilities: {"any_of": ["water", "wifi"], "at_least": 1}.'))
    known = set(Facility.objects.filter(pk__in=[str(code) for code in codes]).values_list("pk", flat=True))
    if unknown := [str(code) for code in codes if str(code) not in known]:
        raise ValidationError(_("Not in the catalogue of facilities: %(codes)s.") % {"codes": "、".join(unknown)})
    if not _is_number(least) or not 1 <= least <= len(codes):
        raise ValidationError(_("“at_least” is a number from 1 to that of the facilities."))


def check_days(parameters: Mapping[str, Any]) -> None:
    if set(parameters) - {"days"} or not _is_number(parameters.get("days", 90)) or parameters.get("days", 90) < 1:
        raise ValidationError(_('Say how many days: {"days": 90}.'))


def check_at_least(parameters: Mapping[str, Any]) -> None:
    if set(parameters) != {"at_least"} or not _is_number(parameters["at_least"]) or parameters["at_least"] < 0:
        raise ValidationError(_('Say how much is needed: {"at_least": 20}.'))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def hours_known(station: Station, parameters: Mapping[str, Any]) -> Finding:
    """Opening hours are published and understood: as a timetable, round the clock, or as the host's."""
    if station.hours_state in (HoursState.ALWAYS, HoursState.HOST) or station.periods.all():
        hours = station.hours_text or station.get_hours_state_display()
        return Finding(True, _("Opening hours are published: %(hours)s") % {"hours": hours})
    return Finding(False, _("No opening hours that can be understood are published."))


def confirmed_lately(station: Station, parameters: Mapping[str, Any]) -> Finding:
    """Somebody confirmed within `days` (90) that what is shown is true."""
    day = station.last_confirmed_on
    if day is None:
        return Finding(False, _("Never confirmed."))
    recent = timezone.localdate() - day <= datetime.timedelta(days=int(parameters.get("days", 90)))
    return Finding(recent, _("Last confirmed on %(day)s.") % {"day": day.isoformat()})


def keeper_named(station: Station, parameters: Mapping[str, Any]) -> Finding:
    """A keeper is named."""
    named = bool(station.keeper_name or station.keepers.all())
    return Finding(named, _("A keeper is named.") if named else _("No keeper is named."))


def area(station: Station, parameters: Mapping[str, Any]) -> Finding:
    """Has at least `at_least` square metres."""
    return _measured(station.area, parameters, _("%(number)s m² on record."))


def seats(station: Station, parameters: Mapping[str, Any]) -> Finding:
    """Has at least `at_least` seats."""
    return _measured(station.seats, parameters, _("%(number)s seats on record."))


def _measured(number: Any, parameters: Mapping[str, Any], words: str) -> Finding:
    if number is None:
        return Finding(False, _("Nothing is on record."))
    value = Decimal(number)
    return Finding(value >= Decimal(str(parameters["at_least"])), words % {"number": f"{value.normalize():f}"}, value)


def reported_locked(station: Station) -> Deduction | None:
    """Visitors found the door locked inside the published hours: LOCKED_POINTS for each time within LOCKED_DAYS, and
    for one of longer ago that the keeper has not answered yet.
    """
    since = timezone.now() - datetime.timedelta(days=LOCKED_DAYS)
    times = [moment for moment in times_reported_locked(station) if moment >= since]
    if station.reported_locked_at is not None:
        times = times or [station.reported_locked_at]
    if not times:
        return None
    words = ngettext(
        "Reported locked in opening hours %(count)d time within %(days)d days, last on %(day)s.",
        "Reported locked in opening hours %(count)d times within %(days)d days, last on %(day)s.",
        len(times),
    ) % {"count": len(times), "days": LOCKED_DAYS, "day": timezone.localdate(times[-1]).isoformat()}
    if station.reported_locked_at is not None:
        words += _("The keeper has not answered yet.")
    return Deduction(LOCKED_POINTS * len(times), words)


LOCKED_PUBLISHED = format_lazy(
    gettext_lazy(
        "Each time {reports} visitors report independently within {window} days that the door was locked in opening "
        "hours, {points} points are taken off for {days} days, whatever the keeper answers, and until he answers; "
        "reports that the county found untrue do not count."
    ),
    reports=LOCKED_REPORTS,
    window=LOCKED_WINDOW.days,
    points=LOCKED_POINTS,
    days=LOCKED_DAYS,
)


def register() -> None:
    """Called once when the app is ready."""
    rules.register_deduction(KIND, "reported_locked", LOCKED_PUBLISHED, reported_locked)
    rules.register_kind(KIND, gettext_lazy("Station"))
    for name, label, rule, check in (
        ("on_the_map", gettext_lazy("on the map"), on_the_map, rules.takes_none),
        ("facilities", gettext_lazy("facilities of the catalogue"), facilities, check_facilities),
        ("hours_known", gettext_lazy("opening hours known"), hours_known, rules.takes_none),
        ("confirmed_lately", gettext_lazy("confirmed lately"), confirmed_lately, check_days),
        ("keeper_named", gettext_lazy("a keeper is named"), keeper_named, rules.takes_none),
        ("area", gettext_lazy("area"), area, check_at_least),
        ("seats", gettext_lazy("seats"), seats, check_at_least),
    ):
        rules.register_rule(KIND, name, label, rule, check)


# --- The rating --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RatedLine:
    """One criterion as a visitor reads it: met or not, points, and how it is known."""

    criterion: Criterion
    met: bool | None
    points: Decimal
    words: str
    from_record: bool
    was_met: bool | None
    put_right_on: datetime.date | None = None

    @property
    def points_shown(self) -> str:
        return shown(self.points)

    @property
    def full_shown(self) -> str:
        return shown(self.criterion.points)


@dataclass(frozen=True)
class EarlierCheck:
    """A check that is not the last one but carries stars still in force: what it found, as it was then."""

    check: StationAssessment
    honours: list[Honour]
    lines: list[RatedLine]
    formula: list[str]

    @property
    def honours_shown(self) -> str:
        return "、".join(f"{honour.year} {honour.title}" for honour in self.honours)


@dataclass
class Rating:
    """What is published about a station: its honours, the check behind them, and the same judged again today."""

    station: Station
    honours: list[Honour]
    check: StationAssessment | None = None
    lines: list[RatedLine] = field(default_factory=list)
    deductions: list[Deduction] = field(default_factory=list)
    result: Result | None = None
    formula: list[str] = field(default_factory=list)
    earlier: list[EarlierCheck] = field(default_factory=list)

    @property
    def stars(self) -> Honour | None:
        """The stars in force: those of the newest year, of the highest level."""
        return next((honour for honour in self.honours if honour.stars), None)

    @property
    def falls_short(self) -> bool:
        """Whether today's record no longer carries the published stars."""
        if not (self.stars and self.result and self.check and self.check.assessment.standard.grades.all()):
            return False
        return (self.result.grade.rank if self.result.grade else 0) < (self.stars.stars or 0)


def honours_of(station: Station) -> list[Honour]:
    """Honours in force, the newest year first, within it the highest level."""
    levels = list(Honour.Level)
    found = list(station.honours.in_force())
    return sorted(found, key=lambda honour: (-honour.year, -levels.index(Honour.Level(honour.level)), honour.kind))


def last_check(station: Station) -> StationAssessment | None:
    """The newest confirmed check by a union; one under a standard that gives stars goes before the others."""
    checks = list(_with_answers(station.assessments.counting()).order_by("-assessment__assessed_on", "-pk"))
    starred = (check for check in checks if check.assessment.standard.grades.all())
    return next(starred, checks[0] if checks else None)


def _with_answers(checks: QuerySet[StationAssessment]) -> QuerySet[StationAssessment]:
    answers = Answer.objects.select_related("criterion", "rectification").order_by("criterion__position")
    return checks.select_related(
        "assessment__standard", "assessment__organization", "assessment__grade"
    ).prefetch_related(
        "assessment__standard__grades", "assessment__standard__criteria", Prefetch("assessment__answers", answers)
    )


def rate(station: Station) -> Rating:
    """The rating of a station as of now. Nothing is stored: a record that changes re-judges itself."""
    rating = Rating(station, honours_of(station), last_check(station))
    rating.earlier = _earlier_checks(rating)
    if rating.check is None:
        return rating
    standard = rating.check.assessment.standard
    rating.lines = [_rated(station, answer) for answer in rating.check.assessment.answers.all()]
    rating.deductions = rules.deductions_of(KIND, station)
    lines = [Line(line.criterion, line.met, line.points) for line in rating.lines]
    rating.result = tally(standard, lines, rating.deductions)
    rating.formula = formula(standard)
    return rating


def _earlier_checks(rating: Rating) -> list[EarlierCheck]:
    """Checks other than the last one on which honours in force rest, the newest first."""
    carried: dict[int, list[Honour]] = defaultdict(list)
    for honour in rating.honours:
        if honour.check_made_id and not (rating.check and rating.check.pk == honour.check_made_id):
            carried[honour.check_made_id].append(honour)
    if not carried:
        return []
    checks = _with_answers(StationAssessment.objects.filter(pk__in=carried)).order_by("-assessment__assessed_on", "-pk")
    return [
        EarlierCheck(
            check,
            carried[check.pk],
            [_found(answer) for answer in check.assessment.answers.all()],
            formula(check.assessment.standard),
        )
        for check in checks
    ]


def _found(answer: Answer) -> RatedLine:
    """As the check found it, and the day on which it was put right since."""
    return RatedLine(answer.criterion, answer.met, answer.points, "", False, answer.met, _put_right_on(answer))


def _put_right_on(answer: Answer) -> datetime.date | None:
    row = getattr(answer, "rectification", None)
    return row.verified_on if row is not None and row.state == RectificationState.VERIFIED else None


def _rated(station: Station, answer: Answer) -> RatedLine:
    criterion, mended_on = answer.criterion, _put_right_on(answer)
    if criterion.judged == Criterion.Judged.COMPUTED:
        found = rules.find(KIND, criterion.rule, station, criterion.parameters)
        points = criterion.points if found.met else Decimal(0)
        return RatedLine(criterion, found.met, points, str(found.words), True, answer.met)
    if mended_on is not None and not answer.met:
        points = criterion.points
        if criterion.judged == Criterion.Judged.SCORE:
            points = max(answer.points, criterion.minimum or criterion.points)
        return RatedLine(criterion, True, points, answer.note, False, answer.met, mended_on)
    return RatedLine(criterion, answer.met, answer.points, answer.note, False, answer.met)
