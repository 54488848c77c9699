"""The life of a ticket as a transition table. Late and escalated are no states: they come beside any open one."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from unionportal.states import StateTable, Transition


class State(models.TextChoices):
    OPEN = "open", pgettext_lazy("ticket", "Open")
    TAKEN = "taken", _("Being worked on")
    REFERRED = "referred", _("Referred to a partner")
    ANSWERED = "answered", _("Answered")
    CLOSED = "closed", pgettext_lazy("state", "Closed")


# States in which an answer is still owed.
OWED = (State.OPEN, State.TAKEN, State.REFERRED)

TICKET = StateTable(
    State,
    [
        Transition("take", {State.OPEN}, State.TAKEN, "tickets.answer_ticket", pgettext_lazy("ticket", "Take on")),
        Transition("answer", set(OWED), State.ANSWERED, "tickets.answer_ticket", _("Answer")),
        Transition("refer", set(OWED), State.REFERRED, "tickets.refer_ticket", _("Refer to a partner")),
        Transition("solve", {State.REFERRED}, State.ANSWERED, "tickets.refer_ticket", _("Enter the partner's result")),
        Transition(
            "close",
            {State.OPEN, State.TAKEN, State.ANSWERED},
            State.CLOSED,
            "tickets.close_ticket",
            pgettext_lazy("ticket", "Close"),
        ),
        Transition(
            "dismiss",
            {State.OPEN, State.TAKEN, State.ANSWERED},
            State.CLOSED,
            "tickets.dismiss_ticket",
            _("Found untrue"),
        ),
        Transition("reopen", {State.ANSWERED, State.CLOSED}, State.OPEN, "tickets.answer_ticket", _("Reopen")),
    ],
    initial=[State.OPEN],
)
