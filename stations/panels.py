"""What the staff's home shows of stations, where they stand in the sidebar, and the words of their record."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stations.lifecycle import LIFECYCLE, State
from stations.models import Station
from stations.todo import INCOMPLETE, incomplete, unconfirmed
from unionportal.audit.words import register_words
from unionportal.organizations.roles import Role
from unionportal.workplace import REFERENCE, Count, Entry, NavGroup, Panel, changelist, place, register_panel

STATIONS = NavGroup(20, gettext_lazy("Stations"))


def clerk_panel(request: HttpRequest) -> Panel | None:
    """For a clerk: what is missing of his stations, and whose page has gone stale."""
    if not request.user.has_role(Role.CLERK):
        return None
    rows = Station.objects.editable_by(request.user).order_by()
    counts = [
        Count(label, incomplete(rows, key).count(), changelist("stations.station", todo=key), late=key == "doubts")
        for key, (label, _condition) in INCOMPLETE.items()
    ]
    stale = Count(
        _("Not confirmed for 90 days"),
        unconfirmed(rows).count(),
        changelist("stations.station", todo="unconfirmed"),
        late=True,
    )
    return Panel(_("Stations to complete"), counts=[*counts, stale])


def reviewer_panel(request: HttpRequest) -> Panel | None:
    """For a reviewer: stations that wait for acceptance, and those out of service."""
    if not request.user.has_role(Role.REVIEWER):
        return None
    rows = Station.objects.reached_by(request.user, "accept")
    waiting = rows.filter(status=State.ACCEPTANCE)
    states = ((State.ACCEPTANCE, True), (State.RECTIFYING, True), (State.SUSPENDED, False))
    return Panel(
        _("Stations to review"),
        counts=[
            Count(
                state.label,
                rows.filter(status=state).count(),
                changelist("stations.station", status__exact=state.value),
                late=late,
            )
            for state, late in states
        ],
        entries=[
            Entry(
                station.name,
                str(station.organization),
                reverse("admin:stations_station_change", args=[station.pk]),
            )
            for station in waiting.select_related("organization")[:10]
        ],
        empty=_("No station waits for acceptance."),
    )


def keeper_panel(request: HttpRequest) -> Panel | None:
    """For a station keeper: his stations, each with the button that confirms it."""
    if not request.user.has_role(Role.STATION_KEEPER):
        return None
    rows = Station.objects.filter(station_keepers__account=request.user).visible_to(request.user)
    return Panel(
        _("My stations"),
        entries=[
            Entry(
                station.name,
                _("last confirmed on %(day)s") % {"day": station.last_confirmed_on}
                if station.last_confirmed_on
                else _("never confirmed"),
                reverse("admin:stations_station_change", args=[station.pk]),
                post=reverse("admin:stations_station_confirm", args=[station.pk]),
                button=_("What is shown is true"),
            )
            for station in rows.exclude(status=State.CLOSED)
        ],
        empty=_("You are not named keeper of any station yet: ask your union's clerk."),
    )


def reader_panel(request: HttpRequest) -> Panel | None:
    """For those who read: how many stations there are."""
    if not request.user.has_role(Role.READ_ONLY, Role.ADVISER, Role.MEDIATOR, Role.SYSTEM_ADMINISTRATOR, Role.AUDITOR):
        return None
    rows = Station.objects.visible_to(request.user)
    return Panel(
        _("Stations"),
        counts=[
            Count(_("All stations"), rows.count(), changelist("stations.station")),
            Count(
                State.OPEN.label,
                rows.filter(status=State.OPEN).count(),
                changelist("stations.station", status__exact=State.OPEN.value),
            ),
        ],
    )


def register() -> None:
    """Called once when the app is ready."""
    register_panel(keeper_panel, order=10)
    register_panel(clerk_panel, order=10)
    register_panel(reviewer_panel, order=20)
    register_panel(reader_panel, order=70)
    place("stations.station", STATIONS, order=10, icon="home_pin")
    place("stations.stationkind", REFERENCE, order=60, icon="category")
    place("stations.hostkind", REFERENCE, order=70, icon="apartment")
    place("stations.facility", REFERENCE, order=80, icon="charger")
    register_words(
        of="stations",
        verbs={
            **{transition.verb: transition.label for transition in LIFECYCLE.transitions},
            "confirm": gettext_lazy("Confirmed"),
            "name_keepers": gettext_lazy("Named the keepers"),
            "settle_doubt": gettext_lazy("Settled a doubt about the position"),
            "except_hours": gettext_lazy("Entered a closure or an extra opening"),
            "end_exception": gettext_lazy("Ended a closure or an extra opening"),
        },
        details={
            "kind": gettext_lazy("kind"),
            "begins": gettext_lazy("begins"),
            "ends": gettext_lazy("ends"),
        },
        values={state.value: state.label for state in State},
    )
