"""Panels of the ground floor: the system administrator's, the auditor's, and the clerk's waiting sheets."""

from __future__ import annotations

import datetime

from django.http import HttpRequest
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from unionportal.audit.models import AuditEvent
from unionportal.audit.words import actor_of, details_of, register_words
from unionportal.organizations.models import Account, Organization
from unionportal.organizations.roles import Role
from unionportal.organizations.terms import terms_ending
from unionportal.sheets.models import SheetRun
from unionportal.workplace import (
    ACCOUNTS,
    AUDIT,
    REFERENCE,
    SHEETS,
    Count,
    Entry,
    Panel,
    changelist,
    place,
    register_panel,
)

RECENT_DAYS = 30


def _holds(request: HttpRequest, *roles: Role) -> bool:
    return isinstance(request.user, Account) and request.user.has_role(*roles)


def _when(moment: datetime.datetime) -> str:
    return formats.date_format(timezone.localtime(moment), "Y-m-d H:i")


def accounts_panel(request: HttpRequest) -> Panel | None:
    """For a system administrator: accounts just opened, organisations without any, terms that end."""
    if not _holds(request, Role.SYSTEM_ADMINISTRATOR):
        return None
    accounts = Account.objects.visible_to(request.user)
    organizations = Organization.objects.visible_to(request.user)
    since = timezone.now() - datetime.timedelta(days=RECENT_DAYS)
    without = organizations.active().exclude(pk__in=Account.objects.active().values("organization"))
    ending = terms_ending(organizations)
    return Panel(
        _("Accounts and organizations"),
        counts=[
            Count(_("Accounts"), accounts.active().count(), changelist("organizations.account", is_active__exact="1")),
            Count(
                _("Organizations without an account"),
                without.count(),
                changelist("organizations.organization", accounts="none"),
            ),
            Count(
                _("Terms of office over, or ending within 90 days"),
                ending.count(),
                changelist("organizations.organization", term="ending"),
                late=True,
            ),
        ],
        entries=[
            Entry(
                account.display_name,
                _("opened %(when)s at %(organization)s")
                % {"when": _when(account.created_at), "organization": account.organization},
                reverse("admin:organizations_account_change", args=[account.pk]),
            )
            for account in accounts.filter(created_at__gte=since)
            .select_related("organization")
            .order_by("-created_at")[:5]
        ],
    )


def audit_panel(request: HttpRequest) -> Panel | None:
    """For an auditor: the last looks at personal data, the last moves of organisations."""
    if not _holds(request, Role.AUDITOR):
        return None
    events = AuditEvent.objects.visible_to(request.user)
    week = timezone.now() - datetime.timedelta(days=7)
    shown = [*events.looks()[:5], *events.filter(verb="move")[:5]]
    return Panel(
        _("Looks at personal data and moves"),
        counts=[
            Count(
                _("Looks at personal data in 7 days"),
                events.looks().filter(at__gte=week).count(),
                changelist("audit.auditevent", looks="only"),
            ),
            Count(
                _("Everything recorded in 7 days"),
                events.filter(at__gte=week).count(),
                changelist("audit.auditevent"),
            ),
        ],
        entries=[
            Entry(
                f"{actor_of(event)} · {event.subject}",
                f"{_when(event.at)} · {details_of(event)}",
                reverse("admin:audit_auditevent_change", args=[event.pk]),
            )
            for event in shown
        ],
        empty=_("Nobody has looked at personal data."),
    )


def sheets_panel(request: HttpRequest) -> Panel | None:
    """Sheets that were checked and wait to be applied; for an auditor the last ones applied."""
    if not request.user.has_perm("sheets.view_sheetrun"):
        return None
    runs = SheetRun.objects.visible_to(request.user)
    waiting = runs.filter(state=SheetRun.State.CHECKED)
    shown = waiting if request.user.has_perm("sheets.change_sheetrun") else runs
    # What the worker does, or has done, for this clerk: until he has looked.
    mine = runs.filter(asked_by=request.user.pk, is_noticed=False)
    rows = [*mine[:5], *shown.exclude(pk__in=mine)[:5]]
    return Panel(
        _("Sheets"),
        counts=[
            Count(
                _("Sheets waiting to be applied"),
                waiting.count(),
                changelist("sheets.sheetrun", state__exact=SheetRun.State.CHECKED.value),
            )
        ],
        entries=[
            Entry(
                run.filename,
                _("%(when)s, %(rows)d rows, %(state)s")
                % {"when": _when(run.handed_in_at), "rows": run.rows, "state": run.get_state_display()},
                changelist("sheets.sheetrun") and f"{changelist('sheets.sheetrun')}{run.pk}/change/",
            )
            for run in rows
        ],
        empty=_("No sheet waits."),
    )


def reader_panel(request: HttpRequest) -> Panel | None:
    """For those who read: a plain sentence and how much there is."""
    if not _holds(request, Role.READ_ONLY, Role.ADVISER, Role.MEDIATOR):
        return None
    organizations = Organization.objects.visible_to(request.user)
    return Panel(
        _("What you can read"),
        counts=[Count(_("Organizations"), organizations.count(), changelist("organizations.organization"))],
        empty=_("You can look up what is listed at the left; nothing waits for you."),
    )


def register() -> None:
    """Called once when the apps are ready."""
    register_panel(sheets_panel, order=30)
    register_panel(accounts_panel, order=40)
    register_panel(audit_panel, order=50)
    register_panel(reader_panel, order=60)
    register_words(
        verbs={
            "apply_sheet": gettext_lazy("Wrote a list"),
            "discard_sheet": gettext_lazy("Discarded a list"),
            "undo_sheet": gettext_lazy("Undid a list"),
            "export_sheet": gettext_lazy("Exported a list"),
        }
    )
    register_words(values={role.value: role.label for role in Role})
    place("organizations.organization", ACCOUNTS, order=10, icon="account_tree")
    place("organizations.account", ACCOUNTS, order=20, icon="badge")
    place("organizations.partner", ACCOUNTS, order=30, icon="handshake")
    place("sheets.sheetrun", SHEETS, icon="upload_file")
    place("audit.auditevent", AUDIT, icon="policy")
    place("organizations.division", REFERENCE, icon="map")
    place("organizations.calendarday", REFERENCE, order=51, icon="event")
    place("organizations.calendaryear", REFERENCE, order=52, icon="calendar_month")
