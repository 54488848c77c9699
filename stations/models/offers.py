"""Rooms that companies and others lend to the union, from the pledge to the opened station (A019)."""

from __future__ import annotations

import pghistory
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from stations.models.stations import Station
from unionportal.organizations.models import Division, Organization, Partner
from unionportal.scope import ScopedQuerySet
from unionportal.states import StateTable, Transition


class OfferState(models.TextChoices):
    PLEDGED = "pledged", _("Pledged")
    SURVEYED = "surveyed", _("Surveyed")
    CONVERTED = "converted", _("Being made a station")
    OPENED = "opened", pgettext_lazy("state", "Opened")
    WITHDRAWN = "withdrawn", _("Withdrawn")


OFFERS = StateTable(
    OfferState,
    [
        Transition("survey", {OfferState.PLEDGED}, OfferState.SURVEYED, "stations.change_hostoffer", _("Survey")),
        Transition(
            "convert",
            {OfferState.SURVEYED},
            OfferState.CONVERTED,
            "stations.change_hostoffer",
            _("Make it a station"),
        ),
        Transition(
            "open_offer",
            {OfferState.CONVERTED},
            OfferState.OPENED,
            "stations.change_hostoffer",
            _("The station is open"),
        ),
        Transition(
            "withdraw_offer",
            {OfferState.PLEDGED, OfferState.SURVEYED, OfferState.CONVERTED},
            OfferState.WITHDRAWN,
            "stations.change_hostoffer",
            _("Withdraw the offer"),
        ),
    ],
    initial=[OfferState.PLEDGED],
)


class HostOfferQuerySet(ScopedQuerySet["HostOffer"]):
    def by_partner(self) -> models.QuerySet[HostOffer]:
        """One row for each partner: how many points it offered and how far they have come."""
        states = {state.value: models.Count("pk", filter=models.Q(state=state.value)) for state in OfferState}
        return self.order_by().values("partner", "partner__name").annotate(offered=models.Count("pk"), **states)


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), level=pghistory.Statement)
class HostOffer(models.Model):
    """One point that a partner lends free of charge."""

    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="host_offers", verbose_name=_("offered to organization")
    )
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="host_offers", verbose_name=_("partner"))
    name = models.CharField(_("point"), max_length=120)
    address = models.CharField(_("address"), max_length=200, blank=True)
    division = models.ForeignKey(
        Division, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("division")
    )
    area = models.DecimalField(_("area in m²"), max_digits=9, decimal_places=2, null=True, blank=True)
    offered_on = models.DateField(_("offered on"), default=timezone.localdate)
    state = models.CharField(_("state"), max_length=9, choices=OfferState, default=OfferState.PLEDGED)
    state_reason = models.CharField(_("reason"), max_length=200, blank=True)
    surveyed_on = models.DateField(_("surveyed on"), null=True, blank=True)
    survey_note = models.CharField(_("what the survey found"), max_length=300, blank=True)
    station = models.OneToOneField(
        Station, models.PROTECT, null=True, blank=True, related_name="host_offer", verbose_name=_("station")
    )

    objects = HostOfferQuerySet.as_manager()

    class Meta:
        ordering = ["-offered_on", "id"]
        verbose_name = _("offer of a room")
        verbose_name_plural = _("offers of rooms")
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "name", "organization"],
                condition=~models.Q(state="withdrawn"),
                name="host_offer_once",
                violation_error_message=_("The partner has offered this point already."),
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["converted", "opened"]) | models.Q(station__isnull=False),
                name="host_offer_converted_has_station",
                violation_error_message=_("Name the station that was made of it."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.partner} · {self.name}"
