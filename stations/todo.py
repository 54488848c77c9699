"""What is still to do about stations: what is missing of them, and whose page has gone stale."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stations.lifecycle import State
from stations.models import PositionDoubt, Station
from stations.models.stations import UNCONFIRMED_DAYS
from stations.models.week import HoursState

has_doubts = Exists(PositionDoubt.objects.filter(station=OuterRef("pk"), settled_at=None))


def unconfirmed(rows: QuerySet[Station]) -> QuerySet[Station]:
    """Open stations whose page nobody confirmed for 90 days."""
    day = timezone.localdate() - datetime.timedelta(days=UNCONFIRMED_DAYS)
    return rows.filter(status=State.OPEN).exclude(last_confirmed_on__gte=day)


_no_hours = Q(week=None) & ~Q(hours_state=HoursState.HOST)
# What is missing of a station that is not closed: key -> (label, condition).
INCOMPLETE: dict[str, tuple[Any, Q]] = {
    "position": (_("Without a position"), Q(latitude=None)),
    "no_hours": (_("Without opening hours"), _no_hours & Q(hours_text="")),
    "hours_unread": (_("Opening hours not understood"), _no_hours & ~Q(hours_text="")),
    "phone": (_("Without a public phone"), Q(public_phone="")),
    "doubts": (_("With doubts about the position"), Q(has_doubts)),
}


def incomplete(rows: QuerySet[Station], key: str) -> QuerySet[Station]:
    """Stations, closed ones apart, that miss what `key` of INCOMPLETE names."""
    return rows.exclude(status=State.CLOSED).filter(INCOMPLETE[key][1])
