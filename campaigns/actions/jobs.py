"""Job posts and members' interest in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns import lifecycle
from campaigns.actions.rules import ByMember, require, require_reach, said_plainly
from campaigns.consent import job_interest_consent
from campaigns.models import JobInterest, JobPost
from campaigns.printed import read_headcount, read_pay
from members.actions.looks import look
from members.models import Member
from unionportal.audit.actions import record
from unionportal.bulk import create_in_pieces, update_in_pieces
from unionportal.free_text import refuse_personal_numbers
from unionportal.scope import require_editable

# Columns that `save_posts` may change on a post that exists.
WRITABLE = (
    "organization",
    "campaign",
    "employer",
    "employer_name",
    "title",
    "headcount_text",
    "place",
    "pay_text",
    "requirements",
    "sign_up_text",
    "source",
)
_DERIVED = (
    "headcount",
    "headcount_qualifier",
    "pay_from_fen",
    "pay_to_fen",
    "pay_per",
    "identity",
)


def read_figures(post: JobPost) -> None:
    """Read number and pay from what was printed; what cannot be read is left open."""
    headcount = read_headcount(post.headcount_text)
    post.headcount, post.headcount_qualifier = headcount.number, headcount.qualifier
    pay = read_pay(post.pay_text)
    post.pay_from_fen, post.pay_to_fen, post.pay_per = pay.from_fen, pay.to_fen, pay.per


@transaction.atomic
def save_posts(posts: Sequence[JobPost], *, by: Any, wrote: Callable[[int], None] | None = None) -> list[JobPost]:
    """Create and change posts, many at once: the home of their rules, for forms and imports alike.

    Fields must have been cleaned before. Afterwards every saved row is checked to lie inside the writer's reach
    (`by` None: the command line). `wrote` is told from time to time how many there are so far. Raises
    PermissionDenied, ValidationError where a rule is broken.
    """
    new = [post for post in posts if post.pk is None]
    old = [post for post in posts if post.pk is not None]
    if by is not None and old:
        require_editable(JobPost.objects.all(), [post.pk for post in old], by)
    for post in new:
        require_reach(by, "campaigns.add_jobpost", post.organization)
    for post in posts:
        read_figures(post)
        post.prepare()
    with said_plainly(), transaction.atomic():
        create_in_pieces(new, wrote)
        update_in_pieces(old, [*WRITABLE, *_DERIVED], wrote, done=len(new))
    if by is not None and posts:
        require_editable(JobPost.objects.all(), [post.pk for post in posts], by)
    return list(posts)


@transaction.atomic
def change_post_state(post: JobPost, verb: str, *, by: Any) -> JobPost:
    """Do `verb` of ``lifecycle.POST``. Raises TransitionRefused, PermissionDenied, ValidationError."""
    post = JobPost.objects.select_for_update(of=("self",)).get(pk=post.pk)
    transition = lifecycle.POST.transition(post.state, verb)
    require(by, transition.permission, post)
    post.state = transition.target
    with said_plainly():
        post.save()
    record(verb, post, by=by)
    return post


@transaction.atomic
def tell_interest(post: JobPost, *, member: Member, agreed_version: str) -> JobInterest:
    """A member would like the post and agrees to the words of `agreed_version`. Told twice, it is one interest.

    Raises ValidationError where the post is not open, the consent was not given or its words have changed since;
    PermissionDenied for somebody who is no member any more.
    """
    rows = JobPost.objects.select_for_update(of=("self",), no_key=True)
    post = rows.select_related("organization", "campaign").get(pk=post.pk)
    held = JobInterest.objects.filter(post=post, member=member).exclude(state=lifecycle.InterestState.WITHDRAWN)
    if told := held.first():
        return told
    if not member.has_full_rights:
        raise PermissionDenied(_("Only members can do this."))
    if post.state != lifecycle.PostState.OPEN or not post.is_public:
        raise ValidationError(_("This post is no longer open."), code="post_closed")
    consent = job_interest_consent()
    if agreed_version != consent.version:
        raise ValidationError(_("Please read and agree that the employer learns your name and phone number."))
    interest = JobInterest(post=post, member=member, consent_version=consent.version, consent_text=str(consent.text))
    with said_plainly():
        interest.save()
    record("tell_interest", interest, by=ByMember(member), details={"consent": consent.version})
    return interest


@transaction.atomic
def withdraw_interest(interest: JobInterest, *, member: Member) -> JobInterest:
    """Take interest and consent back. Raises PermissionDenied for somebody else's, TransitionRefused once settled."""
    interest = JobInterest.objects.select_for_update(of=("self",)).get(pk=interest.pk)
    if interest.member_id != member.pk:
        raise PermissionDenied(_("This interest is somebody else's."))
    interest.state = lifecycle.INTEREST.target(interest.state, "withdraw")
    interest.withdrawn_at = timezone.now()
    interest.save(update_fields=["state", "withdrawn_at"])
    record("withdraw_interest", interest, by=ByMember(member))
    return interest


@transaction.atomic
def settle_interest(interest: JobInterest, verb: str, *, by: Any, reason: str = "") -> JobInterest:
    """Refer a member to the employer, or write down how it ended; "not hired" says why.

    Raises TransitionRefused, PermissionDenied, ValidationError without a reason.
    """
    interest = JobInterest.objects.select_for_update(of=("self",)).get(pk=interest.pk)
    transition = lifecycle.INTEREST.transition(interest.state, verb)
    require(by, transition.permission or "campaigns.change_jobinterest", interest)
    if verb == "pass_over" and not reason.strip():
        raise ValidationError(_("Say why: it decides what guidance the member needs."))
    refuse_personal_numbers(reason, _("reason"))
    interest.state, interest.settled_by = transition.target, by
    interest.outcome_reason = reason.strip()[:200]
    interest.save(update_fields=["state", "settled_by", "outcome_reason"])
    record(verb, interest, by=by, details={"reason": interest.outcome_reason})
    return interest


@transaction.atomic
def show_interested_phone(interest: JobInterest, *, by: Any, purpose: str) -> str:
    """The phone number of a member who agreed to be introduced to this employer, for whoever looks after the post.

    The look is recorded with the member, who sees it. Raises PermissionDenied, ValidationError without a purpose or
    after the consent was withdrawn (Personal Information Protection Law arts 6, 15, 51).
    """
    interest = JobInterest.objects.select_for_update(of=("self",)).select_related("member").get(pk=interest.pk)
    require(by, "campaigns.change_jobinterest", interest)
    if interest.withdrawn_at:
        raise ValidationError(_("The member has withdrawn the consent: the number is not shown any more."))
    return look(interest.member, "phone", by=by, purpose=purpose)
