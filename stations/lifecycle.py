"""The life of a station as a transition table: planned, built, accepted, open, and what may befall it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from unionportal.states import StateTable, Transition


class State(models.TextChoices):
    PLANNED = "planned", _("Planned")
    BUILDING = "building", _("Being built")
    ACCEPTANCE = "acceptance", _("Awaiting acceptance")
    OPEN = "open", _("In service")
    RECTIFYING = "rectifying", _("Being rectified")
    SUSPENDED = "suspended", _("Suspended")
    CLOSED = "closed", _("Closed for good")


# What a visitor may see: a suspended station is shown as such, so that nobody walks there in vain.
PUBLIC_STATES = (State.OPEN, State.RECTIFYING, State.SUSPENDED)

LIFECYCLE = StateTable(
    State,
    [
        Transition(
            "start_building",
            {State.PLANNED},
            State.BUILDING,
            "stations.progress_station",
            _("Start building"),
        ),
        Transition(
            "submit_for_acceptance",
            {State.PLANNED, State.BUILDING, State.RECTIFYING},
            State.ACCEPTANCE,
            "stations.progress_station",
            _("Submit for acceptance"),
        ),
        Transition("accept", {State.ACCEPTANCE}, State.OPEN, "stations.accept_station", _("Accept and open")),
        Transition(
            "require_rectification",
            {State.ACCEPTANCE, State.OPEN},
            State.RECTIFYING,
            "stations.accept_station",
            _("Require rectification"),
        ),
        Transition(
            "suspend",
            # Not from rectification, or suspending and resuming would pass by the acceptance.
            {State.OPEN},
            State.SUSPENDED,
            "stations.suspend_station",
            _("Suspend"),
        ),
        Transition("resume", {State.SUSPENDED}, State.OPEN, "stations.suspend_station", _("Resume service")),
        Transition(
            "close",
            {State.PLANNED, State.BUILDING, State.ACCEPTANCE, State.OPEN, State.RECTIFYING, State.SUSPENDED},
            State.CLOSED,
            "stations.close_station",
            _("Close for good"),
        ),
    ],
    initial=[State.PLANNED],
)

# Verbs after which the register must say why.
NEED_REASON = frozenset({"require_rectification", "suspend", "close"})
