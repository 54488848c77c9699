"""What waits for the members' desk on the staff's home, where its pages stand, and the words of its record."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members import lifecycle
from members.models import Application, DataRequest, Member, Transfer
from unionportal.audit.words import register_words
from unionportal.organizations.roles import Role
from unionportal.workplace import REFERENCE, Count, Entry, NavGroup, Panel, changelist, place, register_panel

MEMBERS = NavGroup(10, gettext_lazy("Members"))


def desk_panel(request: HttpRequest) -> Panel | None:
    """For clerks and reviewers: applications, the overdue ones by name, transfers and requests to settle."""
    user = request.user
    if not user.has_role(Role.CLERK, Role.REVIEWER):  # type: ignore[union-attr]
        return None
    applications = Application.objects.reached_by(user, "accept")
    overdue = applications.overdue()
    transfers = Transfer.objects.editable_by(user).filter(state=Transfer.State.ASKED)
    requests = DataRequest.objects.editable_by(user).waiting()
    waiting = [
        Entry(
            application.name,
            _("%(union)s, due %(day)s") % {"union": application.organization, "day": application.due_on},
            reverse("admin:members_application_change", args=[application.pk]),
        )
        for application in overdue.select_related("organization")[:5]
    ]
    union = user.organization  # type: ignore[union-attr]
    poster = Entry(_("QR code for joining"), union.name, reverse("members:union-code", args=[union.code]))
    return Panel(
        _("People who wait"),
        counts=[
            Count(_("Overdue"), overdue.count(), changelist("members.application", queue="overdue"), late=True),
            Count(
                _("Applications to decide"),
                applications.filter(state=lifecycle.ApplicationState.SUBMITTED).count(),
                changelist("members.application", queue="waiting"),
            ),
            Count(_("Transfers to take over"), transfers.count(), changelist("members.transfer", state__exact="asked")),
            Count(
                _("Requests about data"),
                requests.count(),
                changelist("members.datarequest", state__exact="waiting"),
            ),
        ],
        entries=[*waiting, poster],
        empty=_("Nobody waits."),
    )


def reader_panel(request: HttpRequest) -> Panel | None:
    """For those who only read: how many members there are."""
    if not request.user.has_role(Role.READ_ONLY):  # type: ignore[union-attr]
        return None
    members = Member.objects.visible_to(request.user).in_good_standing()  # type: ignore[attr-defined]
    return Panel(
        _("Members"),
        counts=[
            Count(_("Members"), members.count(), changelist("members.member")),
            Count(_("The four key groups"), members.key_groups().count(), changelist("members.member", group="key")),
        ],
    )


def register() -> None:
    """Called once when the app is ready."""
    register_panel(desk_panel, order=5)
    register_panel(reader_panel, order=75)
    place("members.application", MEMBERS, order=10, icon="how_to_reg")
    place("members.member", MEMBERS, order=20, icon="badge")
    place("members.transfer", MEMBERS, order=30, icon="sync_alt")
    place("members.datarequest", MEMBERS, order=40, icon="contact_support")
    place("members.occupationgroup", REFERENCE, order=40, icon="work")
    place("members.consenttext", REFERENCE, order=50, icon="gavel")
    register_words(
        of="members",
        verbs={
            **{
                transition.verb: transition.label
                for table in (lifecycle.JOINING, lifecycle.MEMBERSHIP)
                for transition in table.transitions
            },
            "submit": gettext_lazy("Applied to join"),
            "second_application": gettext_lazy("Another phone applied for the same person"),
            "ask_more": gettext_lazy("Asked for more"),
            "complete": gettext_lazy("Completed the application"),
            "withdraw": gettext_lazy("Withdrew the application"),
            "reroute": gettext_lazy("Handed the application on"),
            "verify": gettext_lazy("Verified the identity"),
            "accept_transfer": gettext_lazy("Took the member over"),
            "refuse_transfer": gettext_lazy("Refused the transfer"),
            "withdraw_transfer": gettext_lazy("Withdrew the transfer"),
            "ask_about_data": gettext_lazy("Asked about his data"),
            "answer_request": gettext_lazy("Answered a request about data"),
            "forget": gettext_lazy("Deleted the numbers at the end of their term"),
        },
        details={
            "channel": gettext_lazy("channel"),
            "consent": gettext_lazy("notice agreed to"),
            "member": gettext_lazy("member"),
            "verified_by": gettext_lazy("verified by"),
            "method": gettext_lazy("method"),
            "result": gettext_lazy("result"),
            "transfer": gettext_lazy("transfer"),
            "state": gettext_lazy("state"),
            "kind": gettext_lazy("kind"),
        },
    )
