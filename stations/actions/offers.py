"""Rooms offered by partners: pledged many at once, surveyed, made a station, opened or withdrawn."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stations.actions.register import StationDraft, save_stations
from stations.lifecycle import State
from stations.models import HostOffer, Station, StationKind
from stations.models.offers import OFFERS
from stations.reach import require_covers
from unionportal.audit.actions import record
from unionportal.organizations.models import Organization, Partner


@transaction.atomic
def pledge_offers(
    partner: Partner,
    points: Sequence[Mapping[str, Any]],
    *,
    organization: Organization,
    by: Any,
    on: datetime.date | None = None,
) -> list[HostOffer]:
    """Enter the points that a partner offers, many at once: {"name": …, "address": …, "area": …, "division": …}.

    Raises PermissionDenied, ValidationError for a point without a name, named twice or offered already, which it names.
    """
    require_covers(by, "stations.add_hostoffer", organization)
    names = [str(point.get("name", "")).strip() for point in points]
    if not names or not all(names):
        raise ValidationError(_("Each point has a name."))
    if twice := [name for number, name in enumerate(names) if name in names[:number]]:
        raise ValidationError(_("A point is named twice: %(names)s") % {"names": "、".join(twice)})
    day = on or timezone.localdate()
    offers = [
        HostOffer(**{**point, "name": name}, partner=partner, organization=organization, offered_on=day)
        for point, name in zip(points, names, strict=True)
    ]
    for offer in offers:
        try:
            offer.full_clean()
        except ValidationError as error:
            raise ValidationError([f"{offer.name}: {told}" for told in error.messages]) from error
    HostOffer.objects.bulk_create(offers)
    record(
        "pledge", offers[0], by=by, organization=organization, details={"partner": partner.name, "points": len(offers)}
    )
    return offers


@transaction.atomic
def change_offer(
    offer: HostOffer,
    verb: str,
    *,
    by: Any,
    note: str = "",
    reason: str = "",
    kind: StationKind | None = None,
    station: Station | None = None,
) -> HostOffer:
    """Survey (with what was found), make a station of it, say that it is open, or withdraw (with the reason).

    Making a station of it uses `station` from the register or plans a new one of `kind`. It is opened when that
    station is in service, not before. Raises TransitionRefused, PermissionDenied, ValidationError.
    """
    offer = HostOffer.objects.select_for_update(of=("self",)).select_related("organization", "partner").get(pk=offer.pk)
    transition = OFFERS.transition(offer.state, verb)
    require_covers(by, transition.permission, offer.organization)
    if verb == "survey":
        if not note.strip():
            raise ValidationError(_("Say what the survey found."))
        offer.surveyed_on, offer.survey_note = timezone.localdate(), note.strip()[:300]
    elif verb == "convert":
        offer.station = _own_station(offer, station) if station else _planned_station(offer, kind, by=by)
    elif verb == "open_offer" and offer.station.status != State.OPEN:  # type: ignore[union-attr]
        raise ValidationError(_("The station is not in service yet: accept it first."))
    elif verb == "withdraw_offer" and not reason.strip():
        raise ValidationError(_("Give the reason."))
    offer.state, offer.state_reason = transition.target, reason.strip()[:200]
    offer.full_clean()
    offer.save()
    record(verb, offer, by=by, details={"station": str(offer.station or ""), "reason": offer.state_reason})
    return offer


def _own_station(offer: HostOffer, station: Station) -> Station:
    if not station.organization.path.startswith(offer.organization.path):
        raise ValidationError(_("The station belongs to another union than the one the room was offered to."))
    return station


def _planned_station(offer: HostOffer, kind: StationKind | None, *, by: Any) -> Station:
    if kind is None:
        raise ValidationError(_("Name the station on the register, or the kind of the new one."))
    station = Station(
        organization=offer.organization,
        name=offer.name,
        kind=kind,
        address=offer.address,
        division=offer.division or offer.organization.division,
        area=offer.area,
        host=offer.partner,
        status=State.PLANNED,
    )
    return save_stations([StationDraft(station)], by=by)[0]
