"""What a station offers besides its facilities, for a while or by somebody else: group codes, services, tenants."""

from __future__ import annotations

import datetime

from django.core.validators import URLValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from stations.models.details import OfStationQuerySet
from stations.models.staged import Staged, ends_after, not_empty, state_known, table_of
from stations.models.stations import Station
from unionportal.organizations.models import Partner


class CodeState(models.TextChoices):
    CREATED = "created", _("Created")
    POSTED = "posted", _("Posted")
    WITHDRAWN = "withdrawn", pgettext_lazy("group code", "Withdrawn")


class GroupCodeQuerySet(OfStationQuerySet):
    def valid_on(self, day: datetime.date) -> GroupCodeQuerySet:
        return self.filter(state=CodeState.POSTED, expires_on__gte=day)

    def expired(self, day: datetime.date) -> GroupCodeQuerySet:
        """Still posted, but of no use any more: to be refreshed."""
        return self.filter(state=CodeState.POSTED, expires_on__lt=day)


class GroupCode(Staged):
    """A QR code in the station that leads into the community's group (一路一群); such codes expire within days."""

    TABLE = table_of(
        "groupcode",
        CodeState,
        ("post", (CodeState.CREATED,), CodeState.POSTED, _("Post")),
        ("refresh", (CodeState.POSTED,), CodeState.POSTED, _("Refresh")),
        ("withdraw", (CodeState.CREATED, CodeState.POSTED), CodeState.WITHDRAWN, _("Take down")),
    )
    ASKS = {"refresh": ("target", "expires_on")}

    station = models.ForeignKey(Station, models.CASCADE, related_name="group_codes", verbose_name=_("station"))
    name = models.CharField(_("community or group"), max_length=80)
    target = models.CharField(
        _("address in the code"), max_length=300, validators=[URLValidator(schemes=["https", "weixin"])]
    )
    expires_on = models.DateField(_("good until"))
    state = models.CharField(_("state"), max_length=10, choices=CodeState, default=CodeState.CREATED, editable=False)

    objects = GroupCodeQuerySet.as_manager()

    class Meta:
        ordering = ["expires_on", "id"]
        verbose_name = _("group code")
        verbose_name_plural = _("group codes")
        constraints = [
            state_known("group_code_state_known", CodeState),
            not_empty("group_code_named", "name", "target"),
        ]

    def __str__(self) -> str:
        return f"{self.name} · {self.station}"

    @property
    def is_valid(self) -> bool:
        return self.state == CodeState.POSTED and self.expires_on >= timezone.localdate()


class ServiceState(models.TextChoices):
    REQUESTED = "requested", _("Requested")
    AGREED = "agreed", _("Agreed with the outside body")
    OPEN = "open", pgettext_lazy("service", "Open")
    ENDED = "ended", _("Ended")


class TemporaryServiceQuerySet(OfStationQuerySet):
    def open_on(self, day: datetime.date) -> TemporaryServiceQuerySet:
        return self.filter(state=ServiceState.OPEN, from_on__lte=day, until_on__gte=day)


class TemporaryService(Staged):
    """A service for a while, for some people: the priority lane at a test point (绿色通道), a flu jab for couriers."""

    TABLE = table_of(
        "temporaryservice",
        ServiceState,
        ("agree", (ServiceState.REQUESTED,), ServiceState.AGREED, _("Agree with the outside body")),
        ("open", (ServiceState.AGREED,), ServiceState.OPEN, _("Open the service")),
        ("end", (ServiceState.REQUESTED, ServiceState.AGREED, ServiceState.OPEN), ServiceState.ENDED, _("End")),
    )

    station = models.ForeignKey(Station, models.CASCADE, related_name="temporary_services", verbose_name=_("station"))
    name = models.CharField(_("service"), max_length=80)
    for_whom = models.CharField(_("who may use it"), max_length=200)
    hours_text = models.CharField(pgettext_lazy("service", "hours"), max_length=120, blank=True)
    from_on = models.DateField(_("from"))
    until_on = models.DateField(_("until"))
    partner = models.ForeignKey(
        Partner, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("outside body")
    )
    state = models.CharField(
        _("state"), max_length=10, choices=ServiceState, default=ServiceState.REQUESTED, editable=False
    )

    objects = TemporaryServiceQuerySet.as_manager()

    class Meta:
        ordering = ["-from_on", "id"]
        verbose_name = _("temporary service")
        verbose_name_plural = _("temporary services")
        constraints = [
            state_known("temporary_service_state_known", ServiceState),
            not_empty("temporary_service_says_for_whom", "name", "for_whom"),
            ends_after("temporary_service_ends_after_it_begins", "from_on", "until_on"),
        ]

    def __str__(self) -> str:
        return f"{self.name} · {self.station}"


class TenantState(models.TextChoices):
    AGREED = "agreed", pgettext_lazy("tenant", "Agreed")
    RUNNING = "running", _("Running")
    ENDED = "ended", _("Ended")


class TenantServiceQuerySet(OfStationQuerySet):
    def running_on(self, day: datetime.date) -> TenantServiceQuerySet:
        ends = models.Q(until_on=None) | models.Q(until_on__gte=day)
        return self.filter(ends, state=TenantState.RUNNING, from_on__lte=day)


class TenantService(Staged):
    """A partner's own service inside a venue: the judicial bureau's aid desk, the library's shared book room."""

    TABLE = table_of(
        "tenantservice",
        TenantState,
        ("start", (TenantState.AGREED,), TenantState.RUNNING, _("Start")),
        ("end", (TenantState.AGREED, TenantState.RUNNING), TenantState.ENDED, _("End")),
    )
    ASKS = {"end": ("until_on",)}

    station = models.ForeignKey(Station, models.CASCADE, related_name="tenant_services", verbose_name=_("venue"))
    name = models.CharField(_("service"), max_length=80)
    partner = models.ForeignKey(
        Partner, models.PROTECT, related_name="tenant_services", verbose_name=pgettext_lazy("service", "run by")
    )
    room = models.CharField(_("room"), max_length=60, blank=True)
    hours_text = models.CharField(pgettext_lazy("service", "hours"), max_length=120, blank=True)
    from_on = models.DateField(_("from"))
    until_on = models.DateField(_("until"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=TenantState, default=TenantState.AGREED, editable=False)

    objects = TenantServiceQuerySet.as_manager()

    class Meta:
        ordering = ["station", "name"]
        verbose_name = _("tenant's service")
        verbose_name_plural = _("tenants' services")
        constraints = [
            state_known("tenant_service_state_known", TenantState),
            not_empty("tenant_service_named", "name"),
            ends_after("tenant_service_ends_after_it_begins", "from_on", "until_on"),
        ]

    def __str__(self) -> str:
        return f"{self.name} · {self.partner}"
