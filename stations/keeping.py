"""The people around a station: how its tickets are tied to the ground floor's, what waits on the staff's home, and
what its public page shows of what lives in it.
"""

from __future__ import annotations

import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stations.actions import building, shop
from stations.actions.feedback import follow_tickets
from stations.loops import put_right
from stations.models import (
    Asset,
    Base,
    Exhibit,
    Exhibition,
    GroupCode,
    GroupVisit,
    Guide,
    Station,
    Supply,
    TemporaryService,
    TenantService,
)
from stations.models.duty import DUTY
from stations.models.feedback import Feedback, tickets_of_kept_stations
from stations.models.visits import days_counted_for
from stations.page_parts import register_part
from stations.panels import STATIONS
from unionportal.audit.words import register_words
from unionportal.ledger.signals import reversed_line
from unionportal.organizations.roles import Role
from unionportal.tickets import categories
from unionportal.tickets.models import also_reached
from unionportal.tickets.signals import moved
from unionportal.workplace import Count, Entry, NavGroup, Panel, changelist, place, register_panel

VENUES = NavGroup(22, gettext_lazy("What lives in a station"))

_ANSWER_WITHIN = {
    Feedback.LOCKED: datetime.timedelta(days=1),
    Feedback.BROKEN: datetime.timedelta(days=3),
    Feedback.WRONG: datetime.timedelta(days=7),
    Feedback.THANKS: None,
}
_PLACES = {
    "supply": "inventory_2",
    "dutyshift": "badge",
    "groupcode": "qr_code_2",
    "temporaryservice": "bolt",
    "tenantservice": "storefront",
    "base": "flag",
    "exhibition": "museum",
    "exhibit": "photo_library",
    "guide": "record_voice_over",
    "groupvisit": "groups",
    "asset": "chair",
    "stationpost": "person",
    "volunteerhours": "volunteer_activism",
    "shopgood": "shopping_basket",
    "shopmonth": "calendar_month",
    "fundspending": "savings",
}


# --- The staff's home -----------------------------------------------------------------------------------------


def keeping_panel(request: HttpRequest) -> Panel | None:
    """For who keeps stations: the keeper's page, what runs low, codes that have expired, stations found locked."""
    if not request.user.has_role(Role.CLERK, Role.STATION_KEEPER):
        return None
    stations = Station.objects.reached_by(request.user, "record")
    supplies = Supply.objects.editable_by(request.user)
    codes = GroupCode.objects.editable_by(request.user).expired(timezone.localdate())
    locked = stations.exclude(reported_locked_at=None)
    return Panel(
        _("Keeping the stations"),
        counts=[
            Count(_("Reported locked"), locked.count(), late=True),
            Count(
                _("Supplies running low"), supplies.low().count(), changelist("stations.supply", low="yes"), late=True
            ),
            Count(
                _("Group codes that have expired"),
                codes.count(),
                changelist("stations.groupcode", expired="yes"),
                late=True,
            ),
        ],
        entries=[
            Entry(_("The keeper's page"), _("Tickets, door, supplies, duty"), reverse("stations:keeper-home")),
            *(Entry(row.name, _("reported locked"), reverse("stations:keep", args=[row.code])) for row in locked[:5]),
        ],
    )


def visits_panel(request: HttpRequest) -> Panel | None:
    """For who sees the counters: visits today and yesterday, with the way to the figures."""
    if not request.user.has_perm("stations.view_visithour"):
        return None
    today = timezone.localdate()
    days = days_counted_for(request.user).filter(day__gte=today - datetime.timedelta(days=1)).by("day")
    address = reverse("stations:visits")
    return Panel(
        _("Visits"),
        counts=[
            Count(_("today"), days.get(today, 0), address),
            Count(_("yesterday"), days.get(today - datetime.timedelta(days=1), 0), address),
        ],
    )


# --- The station's page ---------------------------------------------------------------------------------------


def what_lives_here(request: HttpRequest, station: Station) -> tuple[str, dict[str, Any]] | None:
    """Services for a while, tenants, exhibitions and group codes that a visitor can use today."""
    today = timezone.localdate()
    context = {
        "services": list(station.temporary_services.open_on(today)),
        "tenants": list(station.tenant_services.running_on(today).select_related("partner")),
        "exhibitions": list(station.exhibitions.on_show_on(today)),
        "codes": list(station.group_codes.valid_on(today)),
    }
    return ("stations/_lives_here.html", {"station": station, **context}) if any(context.values()) else None


# --- Registering ----------------------------------------------------------------------------------------------


def register() -> None:
    """Called once when the app is ready."""
    categories.register(
        *(categories.Category(kind.value, kind.label, within) for kind, within in _ANSWER_WITHIN.items())
    )
    also_reached(tickets_of_kept_stations)
    moved.connect(follow_tickets, dispatch_uid="stations-follow-tickets")
    reversed_line.connect(building.follow_reversal, dispatch_uid="stations-follow-subsidies")
    reversed_line.connect(shop.follow_reversal, dispatch_uid="stations-follow-shop-months")
    register_part("put-right", put_right)
    register_part("what-lives-here", what_lives_here)
    register_panel(keeping_panel, order=12)
    register_panel(visits_panel, order=65)
    place("stations.supply", STATIONS, order=20, icon=_PLACES["supply"])
    place("stations.dutyshift", STATIONS, order=21, icon=_PLACES["dutyshift"])
    for order, (name, icon) in enumerate(_PLACES.items()):
        if name not in ("supply", "dutyshift"):
            place(f"stations.{name}", VENUES, order=order, icon=icon)
    _register_words()


def _register_words() -> None:
    staged = (GroupCode, TemporaryService, TenantService, Base, Exhibition, Exhibit, Guide, GroupVisit, Asset)
    verbs = {
        f"{step.verb}_{model._meta.model_name}": step.label for model in staged for step in model.TABLE.transitions
    }
    verbs |= {f"{step.verb}_duty": step.label for step in DUTY.transitions}
    register_words(of="stations", verbs={**verbs, "close_month": gettext_lazy("Closed a month of the shop")})
