"""What visitors say of a station, and the tickets that come of it."""

from __future__ import annotations

import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from stations.models.details import OfStationQuerySet
from stations.models.stations import Station, kept_stations
from unionportal.tickets.lifecycle import OWED
from unionportal.tickets.models import Ticket, TicketEvent

# So many independent reports within so long mark a station as locked.
LOCKED_REPORTS = 3
LOCKED_WINDOW = datetime.timedelta(days=7)


class Feedback(models.TextChoices):
    """What a visitor can say with one tap; the values are the tickets' categories."""

    LOCKED = "station-locked", _("Door locked")
    BROKEN = "station-broken", _("Something broken")
    WRONG = "station-wrong", _("Wrong on the map")
    THANKS = "station-thanks", _("Thank you")


class StationTicketQuerySet(OfStationQuerySet):
    def locked(self) -> StationTicketQuerySet:
        return self.filter(ticket__category=Feedback.LOCKED)

    def owed(self) -> StationTicketQuerySet:
        return self.filter(ticket__state__in=OWED, ticket__due_at__isnull=False)

    def reported_since(self, moment: datetime.datetime) -> StationTicketQuerySet:
        return self.filter(ticket__reported_at__gte=moment)

    def publicly_answered(self) -> StationTicketQuerySet:
        """With a public answer, the latest first."""
        answered = self.exclude(ticket__answered_at=None).filter(ticket__answer_is_public=True)
        return answered.select_related("ticket").order_by("-ticket__answered_at", "-pk")

    def counting(self) -> StationTicketQuerySet:
        """Independent "locked" reports but those found untrue (and not opened again since)."""
        events = TicketEvent.objects.filter(ticket=models.OuterRef("ticket"), verb__in=["dismiss", "reopen"])
        last = models.Subquery(events.order_by("-at", "-pk").values("verb")[:1])
        rows = self.locked().filter(is_independent=True).alias(last_said=last)
        return rows.filter(models.Q(last_said=None) | models.Q(last_said="reopen"))


class StationTicket(models.Model):
    """Ties a ticket to the station it is about.

    `sender_address` and `sender_device` are keyed hashes that hold the station's number too, so that a sender
    cannot be followed from station to station; they are deleted after `LOCKED_WINDOW`. `is_independent`: a
    "locked" report made inside the opening hours by a sender whose address and device reported nothing of the
    kind here inside the hours within the window.
    """

    station = models.ForeignKey(Station, models.PROTECT, related_name="station_tickets", verbose_name=_("station"))
    ticket = models.OneToOneField(Ticket, models.CASCADE, related_name="station_link", verbose_name=_("ticket"))
    during_hours = models.BooleanField(_("inside the opening hours"), null=True)
    is_independent = models.BooleanField(_("counts as independent"), default=False)
    sender_address = models.CharField(max_length=64, blank=True, editable=False)
    sender_device = models.CharField(max_length=64, blank=True, editable=False)

    objects = StationTicketQuerySet.as_manager()

    class Meta:
        ordering = ["-ticket"]
        verbose_name = _("ticket of a station")
        verbose_name_plural = _("tickets of stations")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_independent=False) | models.Q(during_hours=True),
                name="station_ticket_independent_in_hours",
                violation_error_message=_("Only reports from inside the opening hours count."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.station} · {self.ticket.category_label}"


def tickets_of_kept_stations(user: Any, permission: str) -> models.Q:
    """The tickets that a keeper reaches: those of his stations (see `tickets.models.also_reached`)."""
    return models.Q(station_link__station__in=kept_stations(user, permission))


def times_reported_locked(station: Station) -> list[datetime.datetime]:
    """The moments at which LOCKED_REPORTS independent reports within LOCKED_WINDOW had come together, oldest first.

    Reports that follow within the window belong to the same time. Neither an answer nor the closing of a ticket
    takes one back, only that its reports were found untrue.
    """
    reports = StationTicket.objects.filter(station=station).counting().order_by("ticket__reported_at")
    times: list[datetime.datetime] = []
    together: list[datetime.datetime] = []
    for moment in reports.values_list("ticket__reported_at", flat=True):
        if times and moment - times[-1] <= LOCKED_WINDOW:
            continue
        together = [earlier for earlier in together if moment - earlier <= LOCKED_WINDOW] + [moment]
        if len(together) >= LOCKED_REPORTS:
            times.append(moment)
            together = []
    return times
