"""Which weekday a date counts as at a station: public holidays and make-up working days.

The kinds of days come from `unionportal.workdays` with the calendar that staff keep, which wins. Where the holidays of
a date are not announced yet it counts as the weekday it is, and whoever shows the hours says so.
"""

from __future__ import annotations

import datetime
from functools import cache

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from unionportal.organizations.models.calendar import overrides
from unionportal.workdays import NO_OVERRIDES, Day, DayKind, Overrides, day_kind

SUNDAY = 7
# The ordinary working day: Monday is the day of rest of museums, Friday the long evening of shops.
WORKING_DAY = 3


class OnHolidays(TextChoices):
    """What the hours of a station mean on a public holiday."""

    SUNDAY = "sunday", _("As on Sunday")
    WEEKDAY = "weekday", _("As on the weekday it is")
    CLOSED = "closed", _("Closed all day")
    # The text shuts one festival and says nothing of the others: 春节休息.
    UNKNOWN = "unknown", _("Not known")


class OnMakeUpDays(TextChoices):
    """What they mean on a weekend day that is worked in exchange for a holiday."""

    WORKDAY = "workday", _("As on a working day (Wednesday)")
    WEEKDAY = "weekday", _("As on the weekday it is")
    CLOSED = "closed", _("Closed all day")


class Calendar:
    """The kinds of days as one answer sees them: made once for a page, asked for every station on it."""

    def __init__(self, entered: Overrides = NO_OVERRIDES) -> None:
        self.day = cache(lambda date: day_kind(date, entered))
        self.weekdays = cache(lambda date: _weekdays_of(date, self))

    @classmethod
    def now(cls) -> Calendar:
        """With the days that staff have entered. Two queries."""
        return cls(overrides())

    def kind(self, date: datetime.date) -> Day:
        return self.day(date)


def weekdays_of(date: datetime.date, calendar: Calendar) -> tuple[str, dict[str, int]]:
    """How a date depends on a station's settings: the field that decides, and the weekday (1 Monday … 7) for each of
    its values; a value that is missing means closed or not known. The field is "" where the date is an ordinary one.
    """
    return calendar.weekdays(date)


def _weekdays_of(date: datetime.date, calendar: Calendar) -> tuple[str, dict[str, int]]:
    kind = calendar.kind(date).kind
    if kind == DayKind.HOLIDAY:
        return "on_holidays", {OnHolidays.SUNDAY: SUNDAY, OnHolidays.WEEKDAY: date.isoweekday()}
    if kind == DayKind.MAKE_UP:
        return "on_makeup_days", {OnMakeUpDays.WORKDAY: WORKING_DAY, OnMakeUpDays.WEEKDAY: date.isoweekday()}
    return "", {"": date.isoweekday()}


def unannounced_year(first: datetime.date, last: datetime.date, calendar: Calendar) -> int | None:
    """The year whose holidays decide about a day of `first` … `last` and are not announced yet."""
    for number in range((last - first).days + 1):
        date = first + datetime.timedelta(days=number)
        if calendar.kind(date).kind == DayKind.UNKNOWN:
            # The last days of December wait for the next year, whose New Year holiday may reach back to them.
            own_year_is_unknown = calendar.kind(datetime.date(date.year, 6, 30)).kind == DayKind.UNKNOWN
            return date.year if own_year_is_unknown else date.year + 1
    return None
