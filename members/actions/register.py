"""The register of members: saving, verifying, and what can happen to a membership."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from members import lifecycle
from members.actions.endings import settle_endings
from members.actions.people import HIMSELF, account_of, require_reach
from members.models import Member, MembershipSpell, Transfer
from unionportal.audit.actions import record
from unionportal.bulk import insert_rows, insert_values, update_rows
from unionportal.codes import IdKind, check_character, check_resident_id
from unionportal.free_text import refuse_personal_numbers
from unionportal.scope import require_editable

# Columns that `save_members` may change on a member on record.
WRITABLE = (
    "organization",
    "name",
    "id_type",
    "id_number",
    "phone",
    "gender",
    "birth_date",
    "ethnic_group",
    "household",
    "occupation_group",
    "platform",
    "employer",
    "employer_name",
    "verification",
    "verification_method",
    "verified_on",
    "state",
    "state_reason",
    "joined_on",
    "card_number",
    "remarks",
)
_DERIVED = ("id_hash", "phone_hash", "name_key", "initials", "updated_at")
# Cards whose number is built as in GB 11643.
NUMBERED_CARDS = (Member.IdType.RESIDENT_ID, Member.IdType.HMT_RESIDENCE, Member.IdType.FOREIGN_RESIDENCE)
_ID_TYPES = {
    IdKind.RESIDENT: Member.IdType.RESIDENT_ID,
    IdKind.HONG_KONG: Member.IdType.HMT_RESIDENCE,
    IdKind.MACAO: Member.IdType.HMT_RESIDENCE,
    IdKind.TAIWAN: Member.IdType.HMT_RESIDENCE,
    IdKind.FOREIGNER: Member.IdType.FOREIGN_RESIDENCE,
}


@dataclass
class MemberDraft:
    """A member as he shall be, and how his time in a new union began."""

    member: Member
    reason: str = ""


def read_card_number(
    value: object, *, today: datetime.date | None = None
) -> tuple[Member.IdType, str, str, datetime.date]:
    """(type of document, number, gender, birth date) of an 18-character card. Raises CodeError."""
    found = check_resident_id(value, today=today)
    return _ID_TYPES[found.kind], found.number, found.gender, found.birth_date


def give_card_numbers(members: Iterable[Member]) -> None:
    """Give each a number: division (6) + serial (8) + check character (ISO 7064 MOD 37,36).

    The division is the union's, of the day the number was given; it does not change with a transfer.
    """
    prefixed = [((member.organization.division_id or "000000")[:6], member) for member in members]
    serials = {}
    for prefix, count in sorted(Counter(prefix for prefix, _member in prefixed).items()):
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO members_cardserial (prefix, last) VALUES (%s, %s) ON CONFLICT (prefix) "
                "DO UPDATE SET last = members_cardserial.last + EXCLUDED.last RETURNING last",
                [prefix, count],
            )
            serials[prefix] = cursor.fetchone()[0] - count
    for prefix, member in prefixed:
        serials[prefix] += 1
        body = f"{prefix}{serials[prefix]:08d}"
        member.card_number = body + check_character(body)


# How many members of a long list are in memory at once.
BATCH = 5000


@transaction.atomic
def save_many_members(drafts: Iterable[MemberDraft], *, by: Any, wrote: Callable[[int], None] | None = None) -> int:
    """`save_members` for as many as a list may hold, none of which is kept in memory. All are saved, or none.

    `wrote` is told after each batch how many there are so far. Returns their number.
    """
    count, left = 0, iter(drafts)
    while batch := list(islice(left, BATCH)):
        count += len(save_members(batch, by=by))
        if wrote is not None:
            wrote(count)
    return count


@transaction.atomic
def save_members(drafts: Sequence[MemberDraft], *, by: Any) -> list[Member]:
    """Create and change members, many at once: the home of the register's rules, for forms and imports alike.

    Numbers must have been normalised before. A second record of one person raises IntegrityError and nothing is
    written. Every saved row is checked to lie inside the writer's reach, before and after (`by` None: the command
    line). Raises PermissionDenied, IntegrityError.
    """
    old = [draft.member.pk for draft in drafts if draft.member.pk]
    if by is not None:
        require_editable(Member.objects.all(), old, by)
    before = dict(Member.objects.filter(pk__in=old).values_list("pk", "organization_id"))
    saved = write_members(drafts)
    _record_moves(saved, before, by)
    if by is not None:
        require_editable(Member.objects.all(), [member.pk for member in saved], by)
    return saved


def _record_moves(members: Sequence[Member], before: dict[int, int], by: Any) -> None:
    """A member saved into another union has been transferred; the record says so."""
    moved = [member for member in members if before.get(member.pk, member.organization_id) != member.organization_id]
    insert_rows(
        [
            Transfer(
                member=member,
                from_organization_id=before[member.pk],
                to_organization=member.organization,
                state=Transfer.State.ACCEPTED,
                settled_at=timezone.now(),
                settled_by=account_of(by),
            )
            for member in moved
        ]
    )


def write_members(drafts: Sequence[MemberDraft]) -> list[Member]:
    """Write without asking who does: for verbs that have asked, inside their transaction."""
    members = [draft.member for draft in drafts]
    old = [member for member in members if member.pk]
    before = dict(
        Member.objects.select_for_update()
        .filter(pk__in=[member.pk for member in old])
        .order_by("pk")
        .values_list("pk", "organization_id")
    )
    for member in members:
        member.prepare()
        _derive(member)
    for member in old:
        _hash(member)
    give_card_numbers([m for m in members if m.state not in lifecycle.ENDED and not m.card_number])
    insert_rows([member for member in members if not member.pk])
    update_rows(old, [*WRITABLE, *_DERIVED])
    _settle_spells(drafts, before)
    return members


def _derive(member: Member) -> None:
    """What the ID number tells of its holder."""
    if member.id_number and member.id_type in NUMBERED_CARDS and not (member.gender and member.birth_date):
        _type, _number, gender, born = read_card_number(member.id_number)
        member.gender = member.gender or gender
        member.birth_date = member.birth_date or born


def _hash(member: Member) -> None:
    """The keyed hashes, which an update of many passes by."""
    for name in ("id_hash", "phone_hash"):
        field = Member._meta.get_field(name)
        setattr(member, name, field.hash_of(getattr(member, field.source)))  # type: ignore[union-attr]


def _settle_spells(drafts: Sequence[MemberDraft], before: dict[int, int]) -> None:
    """Open a spell where a membership begins, close and open at a change of union, close where it ends."""
    today = timezone.localdate()
    open_spells = {
        spell.member_id: spell for spell in MembershipSpell.objects.filter(member__in=before, until_day=None)
    }
    closed, opened = [], []
    for draft in drafts:
        member, spell = draft.member, open_spells.get(draft.member.pk)
        ended = member.state in lifecycle.ENDED
        if spell is not None and (ended or spell.organization_id != member.organization_id):
            spell.until_day = max(today, spell.from_day)
            closed.append(spell)
            spell = None
        if spell is None and not ended:
            start = today if member.pk in before else member.joined_on or today
            opened.append((member.pk, member.organization_id, start, draft.reason[:60]))
    update_rows(closed, ["until_day"])
    insert_values(MembershipSpell, ["member", "organization", "from_day", "reason"], opened)


# --- Membership ----------------------------------------------------------------------------------------------

NEED_REASON = {"retain", "lapse", "expel"}


@transaction.atomic
def change_memberships(members: Sequence[Member], verb: str, *, by: Any, reason: str = "") -> list[Member]:
    """Do `verb` of `lifecycle.MEMBERSHIP` (retain, resume, leave, lapse, expel) to members, all or none.

    Raises TransitionRefused, PermissionDenied, and ValidationError where a reason is owed.
    """
    if verb in NEED_REASON and not reason.strip():
        raise ValidationError(_("Give the reason: the member is shown it."))
    refuse_personal_numbers(reason, _("reason"))
    locked = list(
        Member.objects.select_for_update(of=("self",))
        .select_related("organization")
        .filter(pk__in=[member.pk for member in members])
        .order_by("pk")
    )
    transitions = {member: lifecycle.MEMBERSHIP.transition(member.state, verb) for member in locked}
    if by is not HIMSELF:
        for permission in {t.permission for t in transitions.values()}:
            right = permission.split(".")[1].removesuffix("_member")
            require_reach(Member.objects.all(), locked, by, right)
    for member, transition in transitions.items():
        before, member.state = member.state, transition.target
        member.state_reason = reason.strip()[:200]
        record(verb, member, by=by, details={"from": before, "to": member.state, "reason": member.state_reason})
    write_members([MemberDraft(member, reason=verb) for member in locked])
    if verb in ("leave", "lapse", "expel"):
        for member in locked:
            member.transfers.filter(state="asked").update(state="withdrawn", settled_at=timezone.now())
        settle_endings(locked, by=by)
    return locked


def change_membership(member: Member, verb: str, *, by: Any, reason: str = "") -> Member:
    """`change_memberships` for one."""
    return change_memberships([member], verb, by=by, reason=reason)[0]


@transaction.atomic
def verify(members: Sequence[Member], *, method: str, by: Any, failed: bool = False) -> list[Member]:
    """Say how the real name of members was checked, and with what result (实名认证).

    Raises PermissionDenied; ValidationError without a method.
    """
    if method not in Member.VerificationMethod.values or not method:
        raise ValidationError(_("Say how the identity was checked."))
    require_reach(Member.objects.all(), members, by, "change")
    for member in members:
        member.verification = Member.Verification.FAILED if failed else Member.Verification.VERIFIED
        member.verification_method, member.verified_on = method, timezone.localdate()
        member.save(update_fields=["verification", "verification_method", "verified_on", "updated_at"])
        record("verify", member, by=by, details={"method": method, "result": member.verification})
    return list(members)
