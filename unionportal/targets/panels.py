"""Targets on the staff's home, and where plans stand in the sidebar."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from unionportal.audit.words import register_words
from unionportal.organizations.roles import Role
from unionportal.targets.lifecycle import TARGETS, TargetState
from unionportal.targets.models import Target
from unionportal.workplace import Count, Entry, NavGroup, Panel, changelist, place, register_panel

PLANS = NavGroup(25, gettext_lazy("Plans and building"))


def targets_panel(request: HttpRequest) -> Panel | None:
    """For the desk: targets that are overdue, owed, and reached ones that wait for a reviewer."""
    if not request.user.is_authenticated or not request.user.has_role(Role.CLERK, Role.REVIEWER):
        return None
    rows = Target.objects.visible_to(request.user)
    if not rows.exists():
        return None
    late = rows.overdue().select_related("organization").order_by("due_on")
    return Panel(
        _("Targets"),
        counts=[
            Count(_("Overdue"), late.count(), changelist("targets.target", due="overdue"), late=True),
            Count(_("Owed"), rows.owed().count(), changelist("targets.target", due="owed")),
            Count(
                _("Reached, to be verified"),
                rows.filter(state=TargetState.REACHED).count(),
                changelist("targets.target", state__exact=TargetState.REACHED.value),
            ),
        ],
        entries=[
            Entry(
                str(target),
                _("%(unit)s, due on %(day)s, %(share)d %% done")
                % {"unit": target.organization, "day": target.due_on, "share": target.share_done},
                reverse("admin:targets_target_change", args=[target.pk]),
            )
            for target in late.prefetch_related("checks")[:5]
        ],
        empty=_("No target is overdue."),
    )


def register() -> None:
    """Called once when the app is ready."""
    register_panel(targets_panel, order=35)
    place("targets.plan", PLANS, order=10, icon="flag")
    place("targets.target", PLANS, order=20, icon="target")
    register_words(
        of="targets",
        verbs={
            **{transition.verb: transition.label for transition in TARGETS.transitions},
            "report": gettext_lazy("Handed in a quarter's figure"),
        },
        values={state.value: state.label for state in TargetState},
    )
