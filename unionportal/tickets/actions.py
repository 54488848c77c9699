"""What can happen to tickets. The bulk verb `move` is the rule's home; the others call it."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from unionportal.audit.actions import record
from unionportal.organizations.models import Organization, Partner
from unionportal.scope import require_in_branch, visible
from unionportal.tickets.categories import category
from unionportal.tickets.lifecycle import OWED, TICKET, State
from unionportal.tickets.models import Referral, Ticket, TicketEvent
from unionportal.tickets.signals import moved

# What tells who reported is kept so long after the ticket was settled.
FORGET_AFTER = datetime.timedelta(days=180)


@transaction.atomic
def report(*, organization: Organization, category_key: str, by: Any, **fields: Any) -> Ticket:
    """Open a ticket that `organization` owes an answer to; `fields` as on Ticket.

    `by` is the member of staff who writes it down, None where the public reports by itself: then no address is
    recorded. A category that owes no answer (thanks) is closed at once. Raises ValidationError for fields that
    break a rule, KeyError for an unknown category, PermissionDenied outside the writer's branch.
    """
    kind = category(category_key)
    ticket = Ticket(organization=organization, category=category_key, **fields)
    ticket.due_at = ticket.reported_at + kind.answer_within if kind.answer_within else None
    ticket.state = State.OPEN if ticket.due_at else State.CLOSED
    ticket.full_clean()
    ticket.save()
    if by is not None:
        require_in_branch(Ticket.objects.all(), [ticket.pk], by, "add")
        record("report_ticket", ticket, by=by)
    TicketEvent.objects.create(ticket=ticket, verb="report", state=ticket.state, by=by, at=ticket.reported_at)
    return ticket


@transaction.atomic
def move(
    tickets: Iterable[Ticket],
    verb: str,
    *,
    by: Any,
    text: str = "",
    partner: Partner | None = None,
    answer_is_public: bool = True,
) -> list[Ticket]:
    """Do `verb` of the transition table to several tickets, all or none.

    `text` is the answer, the need, the result or the reason. Raises TransitionRefused, PermissionDenied, and
    ValidationError where a text or partner is owed.
    """
    ids = sorted(ticket.pk for ticket in tickets)
    rows = list(Ticket.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk"))
    text, now = text.strip(), timezone.now()
    _require_words(verb, text, partner, by)
    events = []
    for ticket in rows:
        transition = TICKET.transition(ticket.state, verb)
        if by is not None and not by.has_perm(transition.permission, ticket):
            raise PermissionDenied(_("Your roles do not allow this at %(name)s.") % {"name": ticket})
        if verb == "close" and ticket.state != State.ANSWERED and not text:
            raise ValidationError(_("Nobody has answered this ticket: give the reason why it is closed."))
        ticket.state = transition.target
        _CARRY_OUT.get(verb, _nothing_more)(ticket, text, now, by)
        ticket.answer_is_public = answer_is_public if verb in _ANSWERING else ticket.answer_is_public
        events.append(TicketEvent(ticket=ticket, verb=verb, state=ticket.state, by=by, text=text, at=now))
    Ticket.objects.bulk_update(rows, _MOVED)
    TicketEvent.objects.bulk_create(events)
    if partner is not None:
        Referral.objects.bulk_create([Referral(ticket=row, partner=partner, need=text[:300]) for row in rows])
    for ticket in rows:
        record(f"{verb}_ticket", ticket, by=by, details={"to": ticket.state})
    moved.send(sender=Ticket, tickets=rows, verb=verb, by=by)
    return rows


_MOVED = [
    "state",
    "answer",
    "answer_is_public",
    "answered_at",
    "answered_by",
    "due_at",
    "escalated_at",
    "times_reopened",
]
_ANSWERING = ("answer", "solve")


def _require_words(verb: str, text: str, partner: Partner | None, by: Any) -> None:
    if verb in (*_ANSWERING, "refer") and not text:
        raise ValidationError(_("Write the answer: the public reads it.") if verb != "refer" else _("Say the need."))
    if verb == "refer" and (partner is None or (by is not None and not visible(Partner, by).filter(pk=partner.pk))):
        raise ValidationError(_("Choose the partner that the need goes to."))
    if verb == "dismiss" and not text:
        raise ValidationError(_("Say what showed that the report is untrue."))


def _nothing_more(ticket: Ticket, text: str, now: datetime.datetime, by: Any) -> None:
    return None


def _answered(ticket: Ticket, text: str, now: datetime.datetime, by: Any) -> None:
    ticket.answer, ticket.answered_at, ticket.answered_by = text, now, by


def _solved(ticket: Ticket, text: str, now: datetime.datetime, by: Any) -> None:
    _answered(ticket, text, now, by)
    open_referral = ticket.referrals.filter(result="").first()
    if open_referral is not None:
        open_referral.result, open_referral.result_at = text[:300], now
        open_referral.save(update_fields=["result", "result_at"])


def _reopened(ticket: Ticket, text: str, now: datetime.datetime, by: Any) -> None:
    allowed = category(ticket.category).answer_within
    ticket.due_at = now + allowed if allowed else None
    ticket.escalated_at, ticket.times_reopened = None, ticket.times_reopened + 1


_CARRY_OUT = {"answer": _answered, "solve": _solved, "reopen": _reopened}


def take(ticket: Ticket, *, by: Any) -> Ticket:
    """Say that somebody works on it. Raises as `move`."""
    return move([ticket], "take", by=by)[0]


def answer(ticket: Ticket, *, text: str, by: Any, public: bool = True) -> Ticket:
    """Answer, in public unless said otherwise. Raises as `move`."""
    return move([ticket], "answer", by=by, text=text, answer_is_public=public)[0]


def refer(ticket: Ticket, *, partner: Partner, need: str, by: Any) -> Ticket:
    """Hand the need to a partner; the organisation still owes the answer. Raises as `move`."""
    return move([ticket], "refer", by=by, text=need, partner=partner)[0]


def solve(ticket: Ticket, *, result: str, by: Any) -> Ticket:
    """Enter what the partner did, which is the answer. Raises as `move`."""
    return move([ticket], "solve", by=by, text=result)[0]


def close(tickets: Sequence[Ticket], *, by: Any, reason: str = "") -> list[Ticket]:
    """Close: nothing more is owed. Raises as `move`."""
    return move(tickets, "close", by=by, text=reason)


def dismiss(tickets: Sequence[Ticket], *, by: Any, reason: str) -> list[Ticket]:
    """Close as untrue, with what showed it: such a report counts against nobody. Raises as `move`."""
    return move(tickets, "dismiss", by=by, text=reason)


def reopen(ticket: Ticket, *, by: Any, reason: str = "") -> Ticket:
    """Open again, with a new term. Raises as `move`."""
    return move([ticket], "reopen", by=by, text=reason)[0]


@transaction.atomic
def escalate_late(moment: datetime.datetime | None = None) -> list[Ticket]:
    """Mark what is overdue at `moment` (aware; now) for the county and write it in each ticket's log. Once each."""
    now = moment or timezone.now()
    rows = list(Ticket.objects.late(now).filter(escalated_at=None).select_for_update(skip_locked=True, of=("self",)))
    Ticket.objects.filter(pk__in=[row.pk for row in rows]).update(escalated_at=now)
    TicketEvent.objects.bulk_create(
        [TicketEvent(ticket=row, verb="escalate", state=row.state, at=now) for row in rows], batch_size=1000
    )
    return rows


@transaction.atomic
def forget_reporters(moment: datetime.datetime | None = None) -> int:
    """Delete contact, position and photo of tickets settled `FORGET_AFTER` ago. Returns how many tickets."""
    now = moment or timezone.now()
    last = now - FORGET_AFTER
    settled = Ticket.objects.exclude(state__in=OWED).filter(forgotten_at=None, events__at__lt=last)
    rows = list(settled.exclude(events__at__gte=last).distinct())
    for ticket in rows:
        if ticket.photo and ticket.photo.name:
            name, storage = ticket.photo.name, ticket.photo.storage
            transaction.on_commit(partial(storage.delete, name))
        ticket.contact, ticket.position, ticket.photo, ticket.forgotten_at = "", "", "", now
    Ticket.objects.bulk_update(rows, ["contact", "position", "photo", "forgotten_at"], batch_size=500)
    return len(rows)
