"""Working days, public holidays, and deadlines that can prove themselves.

Holidays come from `chinesecalendar` and from the editable table of the portal, which wins. A year whose
holidays the State Council has not announced is unknown but for the days the law itself fixes (1 January,
1 and 2 May, 1 to 3 October): no answer is guessed, and a deadline that runs into it has no date but an
earliest and a latest one.

Sources: Civil Code articles 200-204 (counting of time); 全国年节及纪念日放假办法 (revised 2024) article 2.
"""

from calendar import monthrange
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from chinese_calendar import constants
from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_DAY = timedelta(days=1)
# The package's own functions look for its first and last year on every call, which is slow.
_PACKAGE_YEARS = range(min(constants.holidays).year, max(constants.holidays).year + 1)
_HOLIDAY_NAMES: dict[str, Promise] = {
    "New Year's Day": _("New Year's Day"),
    "Spring Festival": _("Spring Festival"),
    "Tomb-sweeping Day": _("Tomb-sweeping Day"),
    "Labour Day": _("Labour Day"),
    "Dragon Boat Festival": _("Dragon Boat Festival"),
    "National Day": _("National Day"),
    "Mid-autumn Festival": _("Mid-autumn Festival"),
    "Anti-Fascist 70th Day": _("70th anniversary of victory"),
}


# Holidays on fixed days of the solar calendar, in force from 2025; the others follow the moon or the sun.
_FIXED_SINCE = 2025
_FIXED: dict[tuple[int, int], Promise] = {
    (1, 1): _HOLIDAY_NAMES["New Year's Day"],
    **dict.fromkeys([(5, 1), (5, 2)], _HOLIDAY_NAMES["Labour Day"]),
    **dict.fromkeys([(10, 1), (10, 2), (10, 3)], _HOLIDAY_NAMES["National Day"]),
}


class DayKind(TextChoices):
    """What a day is to somebody who counts working days."""

    WORKDAY = "workday", _("Working day")
    WEEKEND = "weekend", _("Weekend")
    HOLIDAY = "holiday", _("Public holiday")
    MAKE_UP = "make_up", _("Make-up working day")
    UNKNOWN = "unknown", _("Holidays not announced yet")


@dataclass(frozen=True)
class Day:
    """The kind of a day and, for a holiday or its make-up day, the festival's name."""

    kind: DayKind
    name: str | Promise = ""

    @property
    def worked(self) -> bool | None:
        if self.kind == DayKind.UNKNOWN:
            return None
        return self.kind in (DayKind.WORKDAY, DayKind.MAKE_UP)


@dataclass(frozen=True)
class Overrides:
    """The portal's own table: single days, and the years whose holidays have been entered completely."""

    days: Mapping[date, Day] = field(default_factory=dict)
    years: frozenset[int] = frozenset()


NO_OVERRIDES = Overrides()


def _announced(year: int, overrides: Overrides) -> bool:
    return year in overrides.years or year in _PACKAGE_YEARS


def _is_fixed(day: date) -> bool:
    return day.year >= _FIXED_SINCE and (day.month, day.day) in _FIXED


def day_kind(day: date, overrides: Overrides = NO_OVERRIDES) -> Day:
    """What `day` is; unknown where nobody has announced it and the law does not fix it.

    29 to 31 December are known only with the next year, whose New Year holiday reached back to them in
    2007, 2011, 2018 and 2022.
    """
    if day in overrides.days:
        return overrides.days[day]
    if _is_fixed(day) and not _announced(day.year, overrides):
        return Day(DayKind.HOLIDAY, _FIXED[day.month, day.day])
    needed = day.year + 1 if (day.month, day.day) >= (12, 29) else day.year
    if not _announced(day.year, overrides) or not _announced(needed, overrides):
        return Day(DayKind.UNKNOWN)
    plain = Day(DayKind.WEEKEND if day.weekday() >= 5 else DayKind.WORKDAY)
    if day.year in overrides.years:
        return plain
    for kind, festivals in ((DayKind.MAKE_UP, constants.workdays), (DayKind.HOLIDAY, constants.holidays)):
        if name := festivals.get(day):
            return Day(kind, _HOLIDAY_NAMES.get(name, name))
    return plain


def is_workday(day: date, overrides: Overrides = NO_OVERRIDES) -> bool | None:
    """Whether `day` is worked; None where the holidays of its year are not announced."""
    return day_kind(day, overrides).worked


# Deadlines


class Unit(TextChoices):
    """How a rule counts."""

    DAYS = "days", _("days")
    WORKING_DAYS = "working_days", _("working days")
    MONTHS = "months", _("months")


@dataclass(frozen=True)
class Rule:
    """`count` units after the event `event`, or before it if negative.

    The first day does not count unless said so (Civil Code 201). If `moves_on`, a last day that is no
    working day moves to the next one (203); counted backwards it moves to the one before, so that the
    other side keeps its whole time. `article` and `text` are the source, word for word.
    """

    step: str
    count: int
    unit: Unit
    event: str
    first_day_counted: bool = False
    moves_on: bool = True
    article: str = ""
    text: str = ""

    def __post_init__(self) -> None:
        if self.count == 0:
            raise ValueError(f"{self.step}: a deadline counts at least one unit")


@dataclass(frozen=True)
class Deadline:
    """When something is due, with its proof.

    `due` is None unless `certain`; then only `earliest` and `latest` are known, and acting by `earliest` is
    safe. `counted` are the days counted (for months: the day each month ends on), `skipped` the days passed
    over with the reason; where not certain, both show the way to the earliest date.
    """

    due: date | None
    certain: bool
    earliest: date
    latest: date
    rule: Rule
    start: date
    counted: list[date]
    skipped: list[tuple[date, str | Promise]]

    @property
    def article(self) -> str:
        return self.rule.article


@dataclass(frozen=True)
class _Festival:
    """Where a festival can fall and at most how many weekdays it takes and weekend days it gives back.

    Wider than any year from 2008 (the present holidays) to 2026; the year has no holidays outside these.
    """

    first: tuple[int, int]
    last: tuple[int, int]
    most_weekdays_off: int
    most_make_ups: int

    def covers(self, day: date, margin: int = 0) -> bool:
        low, high = (day - margin * _DAY), (day + margin * _DAY)
        return any(
            date(year, *self.first) <= high and low <= date(year, *self.last)
            for year in {low.year, day.year, high.year}
        )


_FESTIVALS = (
    _Festival((12, 29), (12, 31), 3, 2),
    _Festival((1, 1), (1, 4), 3, 2),
    _Festival((1, 17), (3, 2), 7, 2),
    _Festival((4, 2), (4, 7), 3, 2),
    _Festival((4, 28), (5, 7), 5, 2),
    _Festival((5, 24), (6, 28), 3, 2),
    _Festival((9, 3), (10, 9), 8, 3),
)
_MAKE_UP_MARGIN = 14


class _Supposing:
    """Answers for every day: unknown ones as often worked, or as seldom, as the festivals ever allow."""

    def __init__(self, overrides: Overrides, *, many_workdays: bool) -> None:
        self._overrides = overrides
        self._many_workdays = many_workdays
        self._taken: Counter[tuple[_Festival, int]] = Counter()
        self.met_unknown = False

    def __call__(self, day: date) -> bool:
        known = is_workday(day, self._overrides)
        if known is not None:
            if _is_fixed(day):
                self._count_fixed(day)
            return known
        self.met_unknown = True
        usual = day.weekday() < 5
        if usual == self._many_workdays:
            return usual
        for festival in _FESTIVALS:
            most = festival.most_make_ups if self._many_workdays else festival.most_weekdays_off
            margin = _MAKE_UP_MARGIN if self._many_workdays else 0
            if self._taken[festival, day.year] < most and festival.covers(day, margin):
                self._taken[festival, day.year] += 1
                return not usual
        return usual

    def _count_fixed(self, day: date) -> None:
        """A day the law fixes is one of the weekdays that its festival takes."""
        if not self._many_workdays and day.weekday() < 5:
            for festival in _FESTIVALS:
                if festival.covers(day):
                    self._taken[festival, day.year] += 1


@dataclass
class _Count:
    """One way of counting: `worked` answers for each day once, in the order of counting."""

    worked: _Supposing
    counted: list[date] = field(default_factory=list)
    skipped: list[date] = field(default_factory=list)

    def run(self, rule: Rule, start: date) -> date:
        step = _DAY if rule.count > 0 else -_DAY
        if rule.unit == Unit.MONTHS:
            last = self._months(rule, start)
        else:
            last = self._days(rule, start if rule.first_day_counted else start + step, step)
        if rule.moves_on and rule.unit != Unit.WORKING_DAYS:
            while not self.worked(last):
                self.skipped.append(last)
                last += step
        return last

    def _days(self, rule: Rule, day: date, step: timedelta) -> date:
        wanted = abs(rule.count)
        while True:
            if rule.unit == Unit.DAYS or self.worked(day):
                self.counted.append(day)
                if len(self.counted) == wanted:
                    return day
            else:
                self.skipped.append(day)
            day += step

    def _months(self, rule: Rule, start: date) -> date:
        sign = 1 if rule.count > 0 else -1
        for months in range(sign, rule.count + sign, sign):
            end = _same_day(start, months)
            # A month that counts its first day ends one day sooner, unless it was cut short anyway.
            if rule.first_day_counted and end.day == start.day:
                end -= sign * _DAY
            self.counted.append(end)
        return self.counted[-1]


def _same_day(start: date, months: int) -> date:
    """The corresponding day of another month, or its last day if there is none (Civil Code 202)."""
    years, month = divmod(start.month - 1 + months, 12)
    year = start.year + years
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def due(rule: Rule, start: date, overrides: Overrides = NO_OVERRIDES) -> Deadline:
    """The deadline of `rule` for an event on `start`, a date in Chinese local time.

    Raises `TypeError` for a datetime: which day it is depends on a time zone that only the caller knows;
    `OverflowError` where the count leaves the calendar, which has the years 1 to 9999.
    """
    if isinstance(start, datetime):
        raise TypeError("a deadline starts on a date, not at a moment")
    quick = _Count(_Supposing(overrides, many_workdays=True))
    slow = _Count(_Supposing(overrides, many_workdays=False))
    try:
        ends = quick.run(rule, start), slow.run(rule, start)
    except ValueError as error:  # from `date` for a year that it does not have; `timedelta` overflows
        raise OverflowError(str(error)) from error
    earliest, latest = sorted(ends)
    certain = not quick.worked.met_unknown and not slow.worked.met_unknown
    shown = quick if ends[0] == earliest else slow
    return Deadline(
        due=earliest if certain else None,
        certain=certain,
        earliest=earliest,
        latest=latest,
        rule=rule,
        start=start,
        counted=shown.counted,
        skipped=[(day, _reason(day, overrides)) for day in shown.skipped],
    )


def _reason(day: date, overrides: Overrides) -> str | Promise:
    known = day_kind(day, overrides)
    return known.name or known.kind.label
