"""Booking money. Lines are added and reversed, never changed."""

from __future__ import annotations

import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from unionportal.audit.actions import record
from unionportal.ledger.models import LedgerLine
from unionportal.ledger.signals import reversed_line
from unionportal.organizations.models import Organization
from unionportal.scope import covers


@transaction.atomic
def book(*, organization: Organization, amount_fen: int, by: Any, **fields: Any) -> LedgerLine:
    """Book an amount (fen) for an organisation; `fields` as on LedgerLine.

    Raises PermissionDenied where `by` may not book there (None: the portal itself), ValidationError for fields
    that break a rule.
    """
    if not covers(by, "ledger.add_ledgerline", organization):
        raise PermissionDenied(_("%(name)s lies outside your branch.") % {"name": organization})
    if fields["occurred_on"] > timezone.localdate():
        raise ValidationError({"occurred_on": _("Money is booked once it was paid: the day is still to come.")})
    line = LedgerLine(organization=organization, amount_fen=amount_fen, booked_by=by, **fields)
    line.full_clean()
    line.save()
    record("book", line, by=by, details={"fen": amount_fen, "source": line.source_level})
    return line


@transaction.atomic
def reverse(line: LedgerLine, *, by: Any, purpose: str, on: datetime.date) -> LedgerLine:
    """Undo a line by one with the negative amount; the app whose money it was follows (`signals.reversed_line`).

    Raises ValidationError for a line reversed already, or whose app refuses.
    """
    line = LedgerLine.objects.select_for_update(of=("self",)).get(pk=line.pk)
    if line.reverses_id or LedgerLine.objects.filter(reverses=line).exists():
        raise ValidationError(_("This line is reversed already, or is itself a reversal."))
    undone = book(
        organization=line.organization,
        amount_fen=-line.amount_fen,
        source_level=line.source_level,
        payer=line.payer,
        payer_partner=line.payer_partner,
        payee=line.payee,
        purpose=purpose,
        occurred_on=on,
        reverses=line,
        by=by,
    )
    reversed_line.send(sender=LedgerLine, line=line, by=by)
    return undone
