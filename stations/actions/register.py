"""The register: stations created and changed, many at once; states, keepers, what is confirmed."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stations import lifecycle
from stations.actions.positions import review_positions
from stations.daytypes import OnHolidays
from stations.models import (
    OpeningPeriod,
    Station,
    StationFacility,
    StationKeeper,
)
from stations.schedule import stated
from unionportal.audit.actions import record, record_look
from unionportal.bulk import insert_rows, pieces, update_rows
from unionportal.codes import check_character
from unionportal.organizations.models import Account, Partner
from unionportal.scope import reach_of, require_editable, require_in_branch, within

# Columns that `save_stations` may change on a station that exists.
WRITABLE = (
    "organization",
    "name",
    "local_brand",
    "kind",
    "inside",
    "build_mode",
    "host_kind",
    "host",
    "host_name",
    "theme",
    "responsible_cadre",
    "division",
    "address",
    "directions",
    "latitude",
    "longitude",
    "given_latitude",
    "given_longitude",
    "given_datum",
    "accuracy",
    "area",
    "seats",
    "opened_on",
    "opened_precision",
    "list_id",
    "sign_number",
    "investment",
    "public_phone",
    "keeper_name",
    "keeper_phone",
    "access",
    "facilities_text",
    "hours_text",
    "hours_state",
    "on_holidays",
    "on_makeup_days",
    "remarks",
    "status",
)
_DERIVED = ("name_key", "identity", "initials", "search_text", "updated_at")


@dataclass
class StationDraft:
    """A station as it shall be: the instance with its fields set, and what hangs on it.

    `facilities` maps catalogue codes to notes and `co_builders` lists partners; None leaves what there is. A text of
    hours that is new or was changed is read, unless `read_hours` is false; what a person has set in the same form,
    named in `hours_set` ("hours_state", "on_holidays"), wins over what the text says.
    """

    station: Station
    facilities: dict[str, str] | None = None
    co_builders: Sequence[Partner] | None = None
    read_hours: bool = True
    hours_set: frozenset[str] = frozenset()


def give_codes(stations: Iterable[Station]) -> None:
    """Give each new station its public code: division (6) + kind (2) + serial (4 or more) + check character.

    The check character is ISO 7064 MOD 37,36 over what stands before it. Serials count up per division and kind
    and are never given twice, whatever happens to the station. Where no division is known, the owner's counts.
    """
    prefixed = []
    for station in stations:
        division = station.division_id or station.organization.division_id or "000000"
        prefixed.append((f"{division[:6]}{station.kind_id}", station))
    serials = {}
    for prefix, count in sorted(Counter(prefix for prefix, _station in prefixed).items()):
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO stations_stationserial (prefix, last) VALUES (%s, %s) "
                "ON CONFLICT (prefix) DO UPDATE SET last = stations_stationserial.last + EXCLUDED.last RETURNING last",
                [prefix, count],
            )
            serials[prefix] = cursor.fetchone()[0] - count
    for prefix, station in prefixed:
        serials[prefix] += 1
        body = f"{prefix}{serials[prefix]:04d}"
        station.code = body + check_character(body)


@transaction.atomic
def save_stations(
    drafts: Sequence[StationDraft], *, by: Any, wrote: Callable[[int], None] | None = None
) -> list[Station]:
    """Create and change stations, many at once: the home of the register's rules, for forms and imports alike.

    Fields that came from a person must have been cleaned before. What the database refuses (a second station
    with the same sign number) raises IntegrityError and nothing is written. Before and afterwards every row is
    checked to lie inside the writer's reach (`by` None: the command line, which reaches all); new ones and those
    given to another union, inside the branch where he may add or change stations. Opening periods follow the
    text of the hours: they are read again where it is new or was changed. `wrote` is told from time to time how many
    there are so far.

    Raises PermissionDenied, IntegrityError.
    """
    new = [draft.station for draft in drafts if draft.station.pk is None]
    old = [draft.station for draft in drafts if draft.station.pk is not None]
    rows = Station.objects.all()
    if by is not None:
        require_editable(rows, [station.pk for station in old], by)
    before = {
        pk: (owner, hours, position)
        # Locked in one order, so that two lists with the same stations wait for one another and never in a circle.
        for pk, owner, hours, *position in rows.filter(pk__in=[station.pk for station in old])
        .order_by("pk")
        .select_for_update(of=("self",))
        .values_list("pk", "organization_id", "hours_text", "latitude", "longitude")
    }
    for draft in drafts:
        draft.station.prepare()
    texts = {pk: hours for pk, (_owner, hours, _position) in before.items()}
    give_codes(new)
    done = 0
    # New ones first: what the database refuses depends on nothing but the drafts.
    for piece in pieces(sorted(drafts, key=lambda draft: draft.station.pk is not None)):
        _write(piece, texts)
        done += len(piece)
        if wrote is not None:
            wrote(done)
    if by is not None:
        moved = [station.pk for station in old if before[station.pk][0] != station.organization_id]
        require_in_branch(rows, [station.pk for station in new], by, "add")
        require_in_branch(rows, moved, by, "change")
        require_editable(rows, [draft.station.pk for draft in drafts], by)
    elsewhere = [station.pk for station in old if before[station.pk][2] != [station.latitude, station.longitude]]
    review_positions([draft.station for draft in drafts], moved=elsewhere)
    return [draft.station for draft in drafts]


def _write(drafts: Sequence[StationDraft], texts: Mapping[int, str]) -> None:
    """Write some stations with what hangs on them. `texts` are the hours of those that exist, as they were."""
    new = [draft.station for draft in drafts if draft.station.pk is None]
    old = [draft.station for draft in drafts if draft.station.pk is not None]
    read = [
        draft for draft in drafts if draft.read_hours and texts.get(draft.station.pk, "") != draft.station.hours_text
    ]
    periods = _read_hours(read, texts)
    insert_rows(new)
    # The status of a station that exists is changed by `change_state` alone: this instance may hold an old one.
    kept = [name for name in WRITABLE if name != "status"]
    update_rows(old, [*kept, *_DERIVED])
    _save_facilities([draft for draft in drafts if draft.facilities is not None])
    OpeningPeriod.objects.filter(station__in=[draft.station.pk for draft in read]).delete()
    for period in periods:
        period.station_id = period.station.pk  # which a new station did not have when its hours were read
    insert_rows(periods)
    for draft in drafts:
        if draft.co_builders is not None:
            draft.station.co_builders.set(draft.co_builders)


def _save_facilities(drafts: Sequence[StationDraft]) -> None:
    held: dict[int, dict[str, str]] = {draft.station.pk: {} for draft in drafts}
    for station_id, code, note in StationFacility.objects.filter(station__in=held).values_list(
        "station_id", "facility_id", "note"
    ):
        held[station_id][code] = note
    changed = [draft for draft in drafts if held[draft.station.pk] != draft.facilities]
    StationFacility.objects.filter(station__in=[draft.station.pk for draft in changed]).delete()
    insert_rows(
        [
            StationFacility(station=draft.station, facility_id=code, note=note[:120])
            for draft in changed
            for code, note in (draft.facilities or {}).items()
        ]
    )


def _read_hours(drafts: Sequence[StationDraft], texts: Mapping[int, str]) -> list[OpeningPeriod]:
    """Read the texts into unsaved periods, and what is known of the hours into the stations; a text that states no
    hours leaves its station without periods, and what the old text said of holidays goes with it.
    """
    rows = []
    for draft in drafts:
        station, found = draft.station, stated(draft.station.hours_text)
        if "hours_state" not in draft.hours_set:
            station.hours_state = found.state
        if "on_holidays" not in draft.hours_set:
            if found.on_holidays:
                station.on_holidays = found.on_holidays
            elif station.on_holidays == stated(texts.get(station.pk, "")).on_holidays:
                station.on_holidays = OnHolidays.SUNDAY
        for period in found.periods:
            period.station = station
            rows.append(period)
    return rows


@transaction.atomic
def change_state(station: Station, verb: str, *, by: Any, reason: str = "") -> Station:
    """Do `verb` of the transition table (`lifecycle.LIFECYCLE`) to a station.

    Raises TransitionRefused from a state that does not allow it, PermissionDenied for who may not, and
    ValidationError where a reason is owed.
    """
    station = Station.objects.select_for_update().get(pk=station.pk)
    transition = lifecycle.LIFECYCLE.transition(station.status, verb)
    if by is not None and not by.has_perm(transition.permission, station):
        raise PermissionDenied(_("Your roles do not allow this at %(name)s.") % {"name": station})
    if verb in lifecycle.NEED_REASON and not reason.strip():
        raise ValidationError(_("Give the reason: it is shown to visitors and kept in the record."))
    before, station.status = station.status, transition.target
    station.status_reason = reason.strip()[:200]
    if station.status == lifecycle.State.OPEN and station.opened_on is None:
        station.opened_on = timezone.localdate()
    station.save()
    record(verb, station, by=by, details={"from": before, "to": station.status, "reason": station.status_reason})
    return station


@transaction.atomic
def confirm(station: Station, *, by: Account, on: datetime.date | None = None) -> Station:
    """Say that everything shown of the station is true, today or on a day gone by.

    Raises PermissionDenied for who may not, ValidationError for a day to come or a station nobody can visit.
    """
    if not by.has_perm("stations.confirm_station", station):
        raise PermissionDenied(_("Your roles do not allow this at %(name)s.") % {"name": station})
    if station.status not in lifecycle.PUBLIC_STATES or (on and on > timezone.localdate()):
        raise ValidationError(_("Only what visitors see today can be confirmed."))
    station.last_confirmed_on = on or timezone.localdate()
    station.last_confirmed_by = by
    station.save(update_fields=["last_confirmed_on", "last_confirmed_by"])
    record("confirm", station, by=by)
    return station


@transaction.atomic
def name_keepers(station: Station, accounts: Iterable[Account], *, by: Any) -> None:
    """Let exactly these accounts keep the station. Raises PermissionDenied for who may not: a keeper names none."""
    if by is not None:
        in_branch = within(reach_of(by, "stations.change_stationkeeper"), "organization__path")
        if not Station.objects.filter(in_branch, pk=station.pk).exists():
            raise PermissionDenied(_("Your roles do not allow this at %(name)s.") % {"name": station})
    wanted = {account.pk: account for account in accounts}
    StationKeeper.objects.filter(station=station).exclude(account__in=wanted).delete()
    StationKeeper.objects.bulk_create(
        [StationKeeper(station=station, account=account) for account in wanted.values()],
        ignore_conflicts=True,
    )
    record("name_keepers", station, by=by, details={"accounts": sorted(a.username for a in wanted.values())})


@transaction.atomic
def show_keeper_phone(station: Station, *, by: Account, purpose: str) -> str:
    """The keeper's phone number whole; the look is written down with its purpose.

    Raises PermissionDenied for who may not, ValidationError where no purpose is stated.
    """
    if not by.has_perm("stations.look_station", station):
        raise PermissionDenied(_("Your roles do not allow this at %(name)s.") % {"name": station})
    if not purpose.strip():
        raise ValidationError(_("State what you need the number for: the look is recorded."))
    record_look(station, "keeper_phone", by=by, purpose=purpose)
    return station.keeper_phone
