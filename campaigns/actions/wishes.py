"""The way of a wish: collected, screened, confirmed, adopted or bought, delivered, thanked."""

from __future__ import annotations

import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns import lifecycle
from campaigns.actions.rules import ByMember, require, require_reach, said_plainly
from campaigns.models import Wish, WishLedgerLine
from members.lifecycle import ENDED
from members.models import Member
from members.naming import names_member
from unionportal.audit.actions import record
from unionportal.free_text import refuse_personal_numbers
from unionportal.ledger.actions import book
from unionportal.organizations.models import Account, Organization, Partner

MOST_WAITING = 3  # wishes that a member may have handed in and nobody has looked at


@transaction.atomic
def collect(wish: Wish, *, by: Account | None = None) -> Wish:
    """Take a wish in: by its wisher (`by` None), whose union then owns it, or by a clerk for him.

    Raises PermissionDenied where the union or the wisher is out of the clerk's reach; ValidationError, also where the
    wisher is no member any more, or adds one while MOST_WAITING of his wait to be screened.
    """
    if wish.wisher.state in ENDED:
        raise ValidationError(_("Only members can do this."), code="no_member")
    if by is None:
        wish.organization = wish.wisher.organization
        _require_room(wish.wisher)
    else:
        require_reach(by, "campaigns.add_wish", wish.organization)
        require(by, "members.view_member", wish.wisher)
    wish.collected_by = by
    wish.full_clean()
    with said_plainly():
        wish.save()
    record("collect", wish, by=by or ByMember(wish.wisher))
    return wish


def _require_room(wisher: Member) -> None:
    Member.objects.select_for_update(of=("self",), no_key=True).get(pk=wisher.pk)
    waiting = Wish.objects.filter(wisher=wisher, state=lifecycle.WishState.COLLECTED, collected_by=None)
    if waiting.count() >= MOST_WAITING:
        words = _("%(count)d wishes of yours wait to be looked at. When one of them is answered you can add another.")
        raise ValidationError(words % {"count": MOST_WAITING})


def _lock(wish: Wish, verb: str, by: Any) -> tuple[Wish, str]:
    """The wish locked, and the state after `verb`. Raises TransitionRefused, PermissionDenied."""
    wish = Wish.objects.select_for_update(of=("self",)).select_related("organization", "wisher").get(pk=wish.pk)
    transition = lifecycle.WISH.transition(wish.state, verb)
    require(by, transition.permission or "campaigns.change_wish", wish)
    return wish, transition.target


def _done(wish: Wish, verb: str, state: str, by: Any, **details: Any) -> Wish:
    wish.state = state
    with said_plainly():
        wish.save()
    record(verb, wish, by=by, details=details)
    return wish


@transaction.atomic
def screen(wish: Wish, *, by: Any, reason: str, take_on: bool = True) -> Wish:
    """Take a wish on or decline it; both say why, and the wisher reads it.

    Raises TransitionRefused, PermissionDenied, ValidationError without a reason.
    """
    verb = "screen" if take_on else "decline"
    wish, state = _lock(wish, verb, by)
    if not reason.strip():
        raise ValidationError(_("Give the reason of the screening."))
    refuse_personal_numbers(reason, _("reason"))
    wish.screening_reason = reason.strip()[:200]
    return _done(wish, verb, state, by)


@transaction.atomic
def confirm(wish: Wish, *, by: Any, public_text: str = "", public_name: str = "", may_be_shown: bool = False) -> Wish:
    """Write down what was agreed with the wisher: that he wants it, and in which words it may be shown, if at all.

    Raises TransitionRefused, PermissionDenied, ValidationError where it shall be shown without words, or in words that
    name the wisher or hold a number of a person.
    """
    wish, state = _lock(wish, "confirm", by)
    wish.public_text, wish.public_name = public_text.strip()[:120], public_name.strip()[:40]
    wish.may_be_shown = may_be_shown
    for name in ("public_text", "public_name"):
        refuse_personal_numbers(getattr(wish, name), Wish._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
        if may_be_shown and names_member(wish.wisher, getattr(wish, name)):
            raise ValidationError(_("The wall shows no names: write “a courier”, “a mother of two”."), code="named")
    wish.agreed_at = timezone.now() if may_be_shown else None
    return _done(wish, "confirm", state, by, shown=may_be_shown)


@transaction.atomic
def agree_to_showing(wish: Wish, *, member: Member, may_be_shown: bool) -> Wish:
    """The wisher takes his consent back, or gives it anew to the words already agreed.

    Raises PermissionDenied for somebody else's wish, ValidationError where there are no agreed words yet.
    """
    wish = Wish.objects.select_for_update(of=("self",)).get(pk=wish.pk)
    if wish.wisher_id != member.pk:
        raise PermissionDenied(_("This wish is somebody else's."))
    wish.may_be_shown = may_be_shown
    wish.agreed_at = timezone.now() if may_be_shown else wish.agreed_at
    with said_plainly():
        wish.save()
    record("agree_to_showing", wish, by=ByMember(member), details={"shown": may_be_shown})
    return wish


@transaction.atomic
def adopt(
    wish: Wish,
    *,
    by: Any = None,
    member: Member | None = None,
    partner: Partner | None = None,
    union: Organization | None = None,
) -> Wish:
    """Somebody makes the wish his own: a partner or a union (entered by staff, `by`), or a member from the wall.

    Two who want the same wish follow one another, and the second is told.

    Raises TransitionRefused, PermissionDenied, ValidationError (also for one's own wish).
    """
    adopters = [adopter for adopter in (member, partner, union) if adopter is not None]
    if len(adopters) != 1:
        raise ValidationError(_("A wish is adopted by one: a partner, a union or a member."))
    if by is None and member is not None and not Wish.objects.on_the_wall().filter(pk=wish.pk).exists():
        raise PermissionDenied(_("This wish is not on the wall."))
    wish, state = _lock(wish, "adopt", by)
    if member is not None and not member.has_full_rights:
        raise PermissionDenied(_("Only members can do this."))
    if member is not None and member.pk == wish.wisher_id:
        raise ValidationError(_("Nobody adopts his own wish."), code="wish_not_adopted_by_wisher")
    wish.adopted_by_member, wish.adopted_by_partner, wish.adopted_by_union = member, partner, union
    return _done(wish, "adopt", state, by or (ByMember(member) if member else None))


@transaction.atomic
def buy(wish: Wish, *, by: Any, amount_fen: int, source_level: str, on: datetime.date, **line: Any) -> Wish:
    """Buy what was wished and book the money; `line` as on LedgerLine (payee, payer, payer_partner, evidence).

    Raises TransitionRefused, PermissionDenied, ValidationError.
    """
    wish, state = _lock(wish, "buy", by)
    purpose = _("Small wish no. %(number)s") % {"number": wish.pk}
    booked = book(
        organization=wish.organization,
        amount_fen=amount_fen,
        source_level=source_level,
        occurred_on=on,
        purpose=purpose,
        by=by,
        **line,
    )
    WishLedgerLine.objects.create(wish=wish, line=booked)
    return _done(wish, "buy", state, by, fen=amount_fen)


@transaction.atomic
def deliver(wish: Wish, *, by: Any, on: datetime.date, note: str = "") -> Wish:
    """Raises TransitionRefused, PermissionDenied, ValidationError for a day to come."""
    wish, state = _lock(wish, "deliver", by)
    if on > timezone.localdate():
        raise ValidationError(_("A delivery lies in the past or is of today."))
    refuse_personal_numbers(note, _("how it was delivered"))
    wish.delivered_on, wish.delivery_note = on, note.strip()[:200]
    return _done(wish, "deliver", state, by)


@transaction.atomic
def thank(wish: Wish, *, words: str, by: Any = None, member: Member | None = None) -> Wish:
    """The wisher's thanks, by himself or as a clerk heard them. Raises as `withdraw`."""
    wish, state = _of_the_wisher(wish, "thank", by, member)
    wish.thanks = words.strip()[:1000]
    return _done(wish, "thank", state, by or ByMember(wish.wisher))


@transaction.atomic
def withdraw(wish: Wish, *, by: Any = None, member: Member | None = None) -> Wish:
    """Take a wish back before it was bought; it leaves the wall.

    Raises TransitionRefused; PermissionDenied for somebody else's wish.
    """
    wish, state = _of_the_wisher(wish, "withdraw", by, member)
    wish.may_be_shown = False
    return _done(wish, "withdraw", state, by or ByMember(wish.wisher))


def _of_the_wisher(wish: Wish, verb: str, by: Any, member: Member | None) -> tuple[Wish, str]:
    if by is None and (member is None or wish.wisher_id != member.pk):
        raise PermissionDenied(_("This wish is somebody else's."))
    return _lock(wish, verb, by)
