"""Members on the way from one union to another: asked for by the member or either union, taken by the receiver."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from members import lifecycle
from members.actions.people import HIMSELF, account_of, require_reach
from members.actions.register import MemberDraft, write_members
from members.models import Member, Transfer
from members.routing import require_members_there
from unionportal.audit.actions import record
from unionportal.free_text import refuse_personal_numbers
from unionportal.organizations.models import Organization
from unionportal.scope import covers, within


def _reaches(by: Any, organization: Organization) -> bool:
    return covers(by, "members.transfer_member", organization)


@transaction.atomic
def ask_transfer(member: Member, *, to: Organization, by: Any, reason: str = "") -> Transfer:
    """Ask that a member be taken over by another union. His rights go on meanwhile.

    `by` is HIMSELF, an account of either union, or None. Raises TransitionRefused, PermissionDenied,
    ValidationError where he is there already, or where `to` takes in no members.
    """
    require_members_there(to)
    refuse_personal_numbers(reason, _("reason"))
    member = Member.objects.select_for_update(of=("self",)).select_related("organization").get(pk=member.pk)
    if by not in (None, HIMSELF) and not (_reaches(by, member.organization) or _reaches(by, to)):
        raise PermissionDenied(_("%(name)s lies outside your branch.") % {"name": member})
    if member.organization_id == to.pk:
        raise ValidationError(_("%(name)s belongs to this union already.") % {"name": member})
    former, member.state = member.state, lifecycle.MEMBERSHIP.target(member.state, "ask_transfer")
    member.save(update_fields=["state", "updated_at"])
    transfer = Transfer.objects.create(
        member=member,
        from_organization=member.organization,
        to_organization=to,
        former_state=former,
        reason=reason.strip()[:200],
    )
    record("ask_transfer", member, by=by, details={"to": to.code, "transfer": transfer.pk})
    return transfer


def _locked(transfers: Sequence[Transfer]) -> list[Transfer]:
    rows = list(
        Transfer.objects.select_for_update(of=("self",))
        .select_related("to_organization", "from_organization", "member__organization")
        .filter(pk__in=[transfer.pk for transfer in transfers])
        .order_by("pk")
    )
    if any(row.state != Transfer.State.ASKED for row in rows):
        raise ValidationError(_("One of these transfers is settled already."))
    return rows


def _settle(transfer: Transfer, state: str, by: Any) -> None:
    transfer.state, transfer.settled_at, transfer.settled_by = state, timezone.now(), account_of(by)
    transfer.save(update_fields=["state", "settled_at", "settled_by", "reason"])


@transaction.atomic
def accept_transfers(transfers: Sequence[Transfer], *, by: Any) -> list[Member]:
    """Take members over: one step, by the receiving union. Raises PermissionDenied, ValidationError (settled)."""
    rows = _locked(transfers)
    require_reach(Transfer.objects.all(), rows, by, "change")
    drafts = []
    for transfer in rows:
        member = transfer.member
        member.state = lifecycle.MEMBERSHIP.target(member.state, "settle_transfer")
        member.organization = transfer.to_organization
        drafts.append(MemberDraft(member, reason="transferred"))
        _settle(transfer, Transfer.State.ACCEPTED, by)
    members = write_members(drafts)
    for transfer, member in zip(rows, members, strict=True):
        codes = {"from": transfer.from_organization.code, "to": transfer.to_organization.code}
        record("accept_transfer", member, by=by, details=codes)
    return members


@transaction.atomic
def refuse_transfer(transfer: Transfer, *, by: Any, reason: str) -> Transfer:
    """Refuse to take a member over; he stays what and where he was. Raises as `accept_transfers`."""
    if not reason.strip():
        raise ValidationError(_("Give the reason: the member is shown it."))
    refuse_personal_numbers(reason, _("reason"))
    (transfer,) = _locked([transfer])
    require_reach(Transfer.objects.all(), [transfer], by, "change")
    transfer.reason = reason.strip()[:200]
    _settle(transfer, Transfer.State.REFUSED, by)
    _fall_back(transfer)
    record("refuse_transfer", transfer.member, by=by, details={"reason": transfer.reason})
    return transfer


@transaction.atomic
def withdraw_transfer(transfer: Transfer, *, by: Any = HIMSELF) -> Transfer:
    """Take the wish back before it is settled. Raises ValidationError."""
    (transfer,) = _locked([transfer])
    _settle(transfer, Transfer.State.WITHDRAWN, by)
    _fall_back(transfer)
    record("withdraw_transfer", transfer.member, by=by)
    return transfer


def _fall_back(transfer: Transfer) -> None:
    member = transfer.member
    member.state = lifecycle.MEMBERSHIP.target(member.state, "settle_transfer")
    if transfer.former_state == lifecycle.State.RETAINED:
        member.state = lifecycle.MEMBERSHIP.target(member.state, "retain")
    member.save(update_fields=["state", "updated_at"])


@transaction.atomic
def transfer_members(members: Sequence[Member], *, to: Organization, by: Any, reason: str = "") -> list[Member]:
    """Move members at once, by somebody who reaches both unions. Raises as asking and accepting do."""
    if by is not None:
        reached = Member.objects.filter(within(by.reach("members.transfer_member"), "organization__path"))
        if reached.filter(pk__in=[m.pk for m in members]).count() != len(members) or not _reaches(by, to):
            raise PermissionDenied(_("Both unions must lie in your branch; else ask for the transfer."))
    return accept_transfers([ask_transfer(member, to=to, by=by, reason=reason) for member in members], by=by)
