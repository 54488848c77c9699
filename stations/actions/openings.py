"""Closures and extra openings by date: "closed 1 to 3 May", "open late tonight", "closed from now until six"."""

from __future__ import annotations

import datetime
from copy import copy
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from stations.models import OpeningException, Station
from stations.models.stations import kept_stations
from unionportal.audit.actions import record
from unionportal.scope import reach_of, within

_PERMISSION = "stations.change_openingexception"


def _require(station: Station, by: Any) -> None:
    if by is None:
        return
    in_branch = within(reach_of(by, _PERMISSION), "organization__path")
    kept = Q(pk__in=kept_stations(by, _PERMISSION))
    if not Station.objects.filter(in_branch | kept, pk=station.pk).exists():
        raise PermissionDenied(_("Your roles do not allow this at %(name)s.") % {"name": station})


@transaction.atomic
def except_hours(
    station: Station,
    *,
    kind: str,
    begins: datetime.datetime,
    ends: datetime.datetime,
    reason: str,
    by: Any,
    access: str = "",
) -> OpeningException:
    """Close a station ("closed") or open it ("open") from `begins` until just before `ends` (aware, whole minutes),
    whatever its weekly hours say; the reason is shown to visitors.

    The newest statement about a moment wins, whoever made it: what was entered earlier gives way for that time and
    holds before and after it.

    Raises PermissionDenied for who may not, ValidationError where no reason is given, it ends before it begins or
    has ended already.
    """
    _require(station, by)
    row = OpeningException(
        station=station,
        kind=kind,
        begins=begins.replace(second=0, microsecond=0),
        ends=ends.replace(second=0, microsecond=0),
        reason=reason.strip(),
        access=access,
        created_by=by,
    )
    if row.ends <= timezone.now():
        raise ValidationError(_("That time is over."))
    # The other writer of this station's exceptions waits here, so that the newest is the one entered last.
    Station.objects.select_for_update(no_key=True).get(pk=station.pk)
    row.full_clean(validate_constraints=False)
    if row.begins < row.ends:
        _make_room(row)
    row.validate_constraints()
    row.save()
    record("except_hours", station, by=by, details=_details(row))
    return row


def _make_room(row: OpeningException) -> None:
    """Cut the time of `row` out of what was entered earlier; the history keeps what that was."""
    for earlier in row.station.exceptions.filter(begins__lt=row.ends, ends__gt=row.begins):
        rest = copy(earlier) if earlier.ends > row.ends else None
        if earlier.begins < row.begins:
            earlier.ends = row.begins
            earlier.save(update_fields=["ends"])
        else:
            earlier.delete()
        if rest:
            rest.pk, rest.begins = None, row.ends
            rest._state.adding = True
            rest.save()


@transaction.atomic
def end_exception(exception: OpeningException, *, by: Any) -> None:
    """Let the weekly hours hold again from now on; what has not begun is taken back whole. Both stay in the history.

    Raises PermissionDenied, and ValidationError for what is over.
    """
    # First the station, as every writer of its exceptions does.
    Station.objects.select_for_update(no_key=True).get(pk=exception.station_id)
    row = OpeningException.objects.select_related("station").filter(pk=exception.pk).first()
    if row is None:
        raise ValidationError(_("That was taken back already."))
    _require(row.station, by)
    now = timezone.now().replace(second=0, microsecond=0)
    if row.ends <= now:
        raise ValidationError(_("That time is over."))
    record("end_exception", row.station, by=by, details=_details(row))
    if row.begins >= now:
        row.delete()
    else:
        row.ends = now
        row.save(update_fields=["ends"])


def _details(row: OpeningException) -> dict[str, str]:
    begins, ends = (timezone.localtime(moment) for moment in (row.begins, row.ends))
    return {
        "kind": row.kind,
        "begins": f"{begins:%Y-%m-%d %H:%M}",
        "ends": f"{ends:%Y-%m-%d %H:%M}",
        "reason": row.reason,
    }
