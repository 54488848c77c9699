"""What the staff's home shows of bargaining, where it stands in the sidebar, and the words of its record."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bargaining.lifecycle import LIFECYCLE, State
from bargaining.models import Agreement, Negotiation
from unionportal.audit.words import register_words
from unionportal.organizations.roles import Role
from unionportal.workplace import REFERENCE, Count, Entry, NavGroup, Panel, changelist, place, register_panel

BARGAINING = NavGroup(30, gettext_lazy("Collective bargaining"))
SHOWN = 8
# States whose words mean the same in every app's record.
_OWN_STATES = frozenset(State) - {State.SUSPENDED, State.REFUSED, State.PUBLISHED, State.ENDED}


def bargaining_panel(request: HttpRequest) -> Panel | None:
    """For who leads or confirms negotiations: what is late, due this week, or waits for a confirmation."""
    user = request.user
    if not user.has_role(Role.CLERK, Role.ADVISER, Role.REVIEWER):
        return None
    rows = Negotiation.objects.visible_to(user)
    late, week, confirm = rows.late(), rows.due_within(7), rows.to_confirm()
    label = "bargaining.negotiation"
    urgent = (late | week).order_by("next_due_latest").select_related("organization")[:SHOWN]
    return Panel(
        _("Collective bargaining"),
        counts=[
            Count(_("Late"), late.count(), changelist(label, due="late"), late=True),
            Count(_("Due this week"), week.count(), changelist(label, due="week")),
            Count(_("To be confirmed or published"), confirm.count(), changelist(label, due="confirm")),
            Count(
                _("Agreements ending within 90 days"),
                Agreement.objects.visible_to(user).running_out(90).count(),
                changelist("bargaining.agreement", ends="90"),
            ),
        ],
        entries=[
            Entry(
                negotiation.title,
                f"{negotiation.next_due_step} {negotiation.next_due_latest:%Y-%m-%d}",
                reverse("admin:bargaining_negotiation_change", args=[negotiation.pk]),
            )
            for negotiation in urgent
        ],
        empty=_("Nothing is due this week."),
    )


def register() -> None:
    """Called once when the app is ready."""
    register_panel(bargaining_panel, order=25)
    place("bargaining.negotiation", BARGAINING, order=10, icon="handshake")
    place("bargaining.agreement", BARGAINING, order=20, icon="contract")
    place("bargaining.round", BARGAINING, order=30, icon="campaign")
    place("bargaining.ruleset", REFERENCE, order=40, icon="gavel")
    register_words(
        of="bargaining",
        verbs={
            **{f"bargaining.{transition.verb}": transition.label for transition in LIFECYCLE.transitions},
            "bargaining.check_stage": gettext_lazy("Check a stage"),
            "bargaining.publish_agreement": gettext_lazy("Publish the agreement"),
        },
        details={"on": gettext_lazy("date"), "stage": gettext_lazy("stage")},
        values={state.value: state.label for state in _OWN_STATES},
    )
