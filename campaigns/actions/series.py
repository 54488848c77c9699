"""Activities that recur, and what is told of one that was held."""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Collection, Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns import lifecycle
from campaigns.actions.activities import lock
from campaigns.actions.rules import require, said_plainly
from campaigns.models import Activity
from unionportal.audit.actions import record
from unionportal.free_text import refuse_personal_numbers

MOST_REPEATS = 60
COPIED = ("campaign", "title", "details", "led_by", "place", "station", "capacity", "audience")


def days_after(first: datetime.date, every: str) -> Iterator[datetime.date]:
    """The days on which something recurs after `first`, without end.

    A month without the day is left out, as RFC 5545 has it: the 31st recurs in seven months of a year.
    """
    if every == Activity.Every.WEEK:
        while True:
            first += datetime.timedelta(weeks=1)
            yield first
    year, month = first.year, first.month
    while True:
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        if first.day <= calendar.monthrange(year, month)[1]:
            yield datetime.date(year, month, first.day)


@transaction.atomic
def repeat_activity(
    activity: Activity, *, by: Any, every: str, until: datetime.date, skip: Collection[datetime.date] = ()
) -> list[Activity]:
    """Hold an activity again `every` week or month until that day, included, but not on the days of `skip`.

    The copies have the time of day, places, audience and place of the first one, which they name as their series;
    the sign-up window moves with them. Asked again it adds what is not there yet. Returns the new ones.

    Raises PermissionDenied; ValidationError where the first was called off, the series has another rhythm, the day
    lies beyond the campaign, or there would be none or more than `MOST_REPEATS`.
    """
    first = lock(activity.series or activity)
    require(by, "campaigns.change_campaign", first.campaign)
    _refuse_repeat(first, every, until)
    begins = timezone.localtime(first.starts_at)
    held = {timezone.localdate(moment) for moment in first.repeats.values_list("starts_at", flat=True)}
    days: list[datetime.date] = []
    for day in days_after(begins.date(), every):
        if day > until or len(days) > MOST_REPEATS:
            break
        if day not in held and day not in skip:
            days.append(day)
    if not days:
        raise ValidationError(_("No further date lies before that day."), code="no_date")
    if len(days) > MOST_REPEATS:
        raise ValidationError(_("%(count)d dates at once are enough."), code="too_many", params={"count": MOST_REPEATS})
    first.every = every
    first.save(update_fields=["every"])
    copies = [_copy(first, day - begins.date(), by=by) for day in days]
    record("repeat", first, by=by, details={"every": every, "until": str(until), "added": len(copies)})
    return copies


def _refuse_repeat(first: Activity, every: str, until: datetime.date) -> None:
    if every not in Activity.Every.values:
        raise ValidationError(_("An activity recurs every week or every month."), code="every")
    if first.state == lifecycle.ActivityState.CALLED_OFF:
        raise ValidationError(_("It was called off: repeat one that is held."), code="called_off")
    if first.every and first.every != every:
        raise ValidationError(
            _("This series recurs already: %(every)s."), code="every", params={"every": first.get_every_display()}
        )
    ends_on = first.campaign.ends_on
    if ends_on is not None and until > ends_on:
        raise ValidationError(
            _("The campaign ends on %(day)s."), code="beyond_campaign", params={"day": ends_on.isoformat()}
        )


def _copy(first: Activity, later: datetime.timedelta, *, by: Any) -> Activity:
    moments = ("starts_at", "ends_at", "sign_up_from", "sign_up_until")
    moved = {name: moment and moment + later for name in moments for moment in [getattr(first, name)]}
    copy = Activity(series=first, every=first.every, **{name: getattr(first, name) for name in COPIED}, **moved)
    copy.full_clean()
    with said_plainly():
        copy.save()
    record("add", copy, by=by)
    return copy


@transaction.atomic
def report_activity(activity: Activity, *, by: Any, report: str, guests: int = 0) -> Activity:
    """Tell what happened at an activity that was held; a report is corrected by a new one.

    `guests` came without a sign-up. Who came with one is counted from the sign-ups, never typed in.

    Raises TransitionRefused before it was held; PermissionDenied; ValidationError for a report without words.
    """
    activity = lock(activity)
    transition = lifecycle.ACTIVITY.transition(activity.state, "report")
    require(by, transition.permission, activity)
    if not report.strip():
        raise ValidationError(_("Say what happened."), code="required")
    if guests < 0:
        raise ValidationError(_("A number of people is not negative."), code="guests")
    refuse_personal_numbers(report, _("report"))
    activity.state, activity.report, activity.guests = transition.target, report.strip(), guests
    activity.save(update_fields=["state", "report", "guests"])
    record("report", activity, by=by, details={"guests": guests, "attended": activity.attended()})
    return activity
