"""What the staff's home shows of tickets: what waits, what is late, what came up from below."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from unionportal.audit.words import register_words
from unionportal.tickets.lifecycle import TICKET, State
from unionportal.tickets.models import Ticket
from unionportal.workplace import Count, Entry, NavGroup, Panel, changelist, place, register_panel

TICKETS = NavGroup(15, gettext_lazy("Tickets"))
SHOWN = 5


def tickets_panel(request: HttpRequest) -> Panel | None:
    """For who answers: the tickets of his branch or stations, the longest overdue first."""
    if not request.user.has_perm("tickets.answer_ticket"):
        return None
    rows = Ticket.objects.reached_by(request.user, "answer")
    owed = rows.owed()
    return Panel(
        _("Tickets that wait for an answer"),
        counts=[
            Count(_("Waiting"), owed.count(), changelist("tickets.ticket", todo="owed")),
            Count(_("Overdue"), rows.late().count(), changelist("tickets.ticket", todo="late"), late=True),
            Count(_("Escalated"), rows.escalated().count(), changelist("tickets.ticket", todo="escalated"), late=True),
        ],
        entries=[
            Entry(
                str(ticket),
                _("due %(when)s") % {"when": date_format(timezone.localtime(ticket.due_at), "Y-m-d H:i")},
                reverse("admin:tickets_ticket_change", args=[ticket.pk]),
            )
            for ticket in owed.most_urgent_first()[:SHOWN]
        ],
        empty=_("No ticket waits."),
    )


def register() -> None:
    """Called once when the app is ready."""
    register_panel(tickets_panel, order=15)
    place("tickets.ticket", TICKETS, icon="forum")
    register_words(
        of="tickets",
        verbs={
            "report_ticket": gettext_lazy("Wrote down a ticket"),
            **{f"{transition.verb}_ticket": transition.label for transition in TICKET.transitions},
        },
        values={state.value: state.label for state in State},
    )
