"""What happens to visitors' feedback: it becomes a ticket, and three independent reports mark a locked station."""

from __future__ import annotations

import datetime
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from stations.lifecycle import State
from stations.models import Station
from stations.models.feedback import LOCKED_REPORTS, LOCKED_WINDOW, Feedback, StationTicket, times_reported_locked
from stations.reach import require_covers, unions_above
from stations.schedule import Now, open_now
from unionportal.audit.context import acting
from unionportal.privacy import lookup_hash
from unionportal.tickets import actions as tickets
from unionportal.tickets.models import Ticket, TicketEvent

# A second tap on the same button is no second report.
SAME_TAP = datetime.timedelta(minutes=10)


@dataclass(frozen=True)
class Sender:
    """Where feedback came from: network address and the number in the device's signed cookie; "" if not known."""

    address: str = ""
    device: str = ""

    def hashes(self, station: Station) -> tuple[str, str]:
        """Keyed hashes that hold at this station only."""
        address, device = network_of(self.address), self.device
        return (
            lookup_hash(f"{station.pk} {address}", "feedback address") if address else "",
            lookup_hash(f"{station.pk} {device}", "feedback device") if device else "",
        )


@dataclass(frozen=True)
class Said:
    """What the visitor added to his tap. `position` is (latitude, longitude) in WGS-84 degrees."""

    text: str = ""
    photo: ContentFile | None = None
    position: tuple[float, float] | None = None
    contact: str = field(default="", repr=False)


def network_of(address: str) -> str:
    """An IPv4 address as it is; of IPv6 the first 64 bits, for a household has the rest to itself."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    return str(ipaddress.ip_network(f"{parsed}/64", strict=False)) if parsed.version == 6 else str(parsed)


@transaction.atomic
def give_feedback(
    station: Station, kind: Feedback, *, sender: Sender, said: Said = Said(), at: datetime.datetime | None = None
) -> StationTicket:
    """Turn a visitor's tap into a ticket of the station's owner; the same tap twice is one ticket.

    The trigger history is told of no address: only hashes that end with the window tell visitors apart. Raises
    ValidationError for a text that is too long.
    """
    with acting(None, source="feedback"):
        return _give_feedback(station, kind, sender=sender, said=said, moment=at or timezone.now())


def _give_feedback(
    station: Station, kind: Feedback, *, sender: Sender, said: Said, moment: datetime.datetime
) -> StationTicket:
    station = (
        Station.objects.select_for_update(of=("self",), no_key=True).select_related("organization").get(pk=station.pk)
    )
    address, device = sender.hashes(station)
    earlier = StationTicket.objects.filter(station=station, ticket__category=kind)
    again = _same_tap(earlier, device, moment) if device and said == Said() else None
    if again is not None:
        return again
    during = _during_hours(station, moment)
    latitude_longitude = "{:.5f},{:.5f}".format(*said.position) if said.position else ""
    ticket = tickets.report(
        organization=station.organization,
        category_key=kind.value,
        by=None,
        about=station.name[:200],
        text=said.text.strip(),
        contact=said.contact,
        position=latitude_longitude,
        photo=said.photo or "",
        reported_at=moment,
    )
    link = StationTicket.objects.create(
        station=station,
        ticket=ticket,
        during_hours=during,
        is_independent=kind == Feedback.LOCKED and bool(during) and _is_stranger(earlier, address, device, moment),
        sender_address=address,
        sender_device=device,
    )
    if link.is_independent:
        settle_locked_mark(station, moment)
    return link


@transaction.atomic
def write_need(station: Station, *, text: str, by: Any) -> StationTicket:
    """Write down what people at the station need, as staff heard it: a ticket of the station's owner.

    Raises ValidationError without words, PermissionDenied outside the writer's branch.
    """
    if not text.strip():
        raise ValidationError(_("Say the need."))
    ticket = tickets.report(
        organization=station.organization, category_key="need", by=by, about=station.name[:200], text=text.strip()
    )
    return StationTicket.objects.create(station=station, ticket=ticket)


def _same_tap(earlier: Any, device: str, moment: datetime.datetime) -> StationTicket | None:
    return earlier.reported_since(moment - SAME_TAP).filter(sender_device=device).select_related("ticket").first()


def _is_stranger(earlier: Any, address: str, device: str, moment: datetime.datetime) -> bool:
    """Whether both are known and neither has reported the same inside the hours within the window."""
    if not address or not device:
        return False
    known = Q(sender_address=address) | Q(sender_device=device)
    return not earlier.reported_since(moment - LOCKED_WINDOW).filter(known, during_hours=True).exists()


def _during_hours(station: Station, moment: datetime.datetime) -> bool | None:
    """None where it is not known. A station out of service is shut, whatever its week says."""
    if station.status != State.OPEN:
        return False
    state = open_now(station, moment).state
    return None if state == Now.UNKNOWN else state == Now.OPEN


def settle_locked_mark(station: Station, moment: datetime.datetime) -> None:
    """Mark the station "reported locked" from the third independent report that waits; clear it when none waits, or
    when so many were found untrue that three never came together.
    """
    waiting = StationTicket.objects.filter(station=station).counting().owed()
    if station.reported_locked_at is None:
        if waiting.reported_since(moment - LOCKED_WINDOW).count() < LOCKED_REPORTS:
            return
        station.reported_locked_at = moment
    elif waiting.exists() and times_reported_locked(station):
        return
    else:
        station.reported_locked_at = None
    station.save(update_fields=["reported_locked_at"])


def follow_tickets(sender: Any, tickets: Iterable[Ticket], verb: str, by: Any = None, **signal: Any) -> None:
    """An answer takes the mark off the station, a ticket opened again may set it (`tickets.signals.moved`).

    Raises PermissionDenied and ValidationError, which undo the verb: see `_require_settled_openly`.
    """
    locked = [ticket for ticket in tickets if ticket.category == Feedback.LOCKED]
    if not locked:
        return
    stations = Station.objects.filter(station_tickets__ticket__in=locked).select_related("organization").distinct()
    for station in stations.order_by("pk"):
        _require_settled_openly(station, locked, verb, by)
        settle_locked_mark(Station.objects.select_for_update(no_key=True).get(pk=station.pk), timezone.now())


def _require_settled_openly(station: Station, locked: Iterable[Ticket], verb: str, by: Any) -> None:
    """Reports of a locked door count in the rating: they are answered in public, or found untrue by the county or the
    city, and there by nobody who keeps the station himself.
    """
    if verb in ("answer", "solve") and not all(ticket.answer_is_public for ticket in locked):
        raise ValidationError(_("A report that the door was locked is answered in public."))
    if verb == "close" and not _are_answered(locked):
        raise ValidationError(_("Answer the report that the door was locked, or let the county find it untrue."))
    if verb == "dismiss" and by is not None:
        require_covers(by, "tickets.dismiss_ticket", unions_above(station.organization)[0])
        if station.keepers.filter(pk=by.pk).exists():
            raise PermissionDenied(_("Whoever keeps the station does not find reports about it untrue."))


def _are_answered(tickets: Iterable[Ticket]) -> bool:
    """In public, and since each was last opened again."""
    again = TicketEvent.objects.filter(ticket__in=tickets, verb="reopen", at__gte=F("ticket__answered_at"))
    return all(ticket.answered_at and ticket.answer_is_public for ticket in tickets) and not again.exists()


def forget_senders(moment: datetime.datetime | None = None) -> int:
    """Delete what tells senders apart once no report of theirs can count any more. Returns how many."""
    last = (moment or timezone.now()) - LOCKED_WINDOW
    told = StationTicket.objects.filter(ticket__reported_at__lt=last).exclude(sender_address="", sender_device="")
    return told.update(sender_address="", sender_device="")
