"""Activities and sign-ups: every verb that takes or frees a place locks the activity first, and a member, where it
locks one, before that: as the end of a membership does, so that none waits for the other in a circle.

So the triggers that guard the capacity (see `models.activities`) never fire in the portal's own life; they are
there for whatever comes another way.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns import lifecycle
from campaigns.actions.rules import ByMember, require, require_reach, said_plainly
from campaigns.lifecycle import RegistrationState
from campaigns.models import Activity, Audience, Campaign, Registration
from campaigns.tasks import send_moved_up
from members.models import Member
from unionportal.audit.actions import record
from unionportal.free_text import refuse_personal_numbers
from unionportal.organizations.models import Account


def lock(activity: Activity) -> Activity:
    """The activity as it stands, locked against other sign-ups and changes until the transaction ends."""
    return (
        Activity.objects.select_for_update(of=("self",), no_key=True)
        .select_related("campaign__organization", "station")
        .get(pk=activity.pk)
    )


# --- Activities ----------------------------------------------------------------------------------------------


@transaction.atomic
def save_activity(activity: Activity, *, by: Any) -> Activity:
    """Create an activity or correct it. More places move the waiting list up, in the order of sign-up.

    Raises PermissionDenied; ValidationError where a rule is broken, or where more places are taken than would be
    left: the message says how many.
    """
    if activity.pk is None:
        require(by, "campaigns.change_campaign", Campaign.objects.get(pk=activity.campaign_id))
        activity.full_clean()
        with said_plainly():
            activity.save()
        record("add", activity, by=by)
        return activity
    held = lock(activity)
    require(by, "campaigns.change_activity", held)
    # A form is filled in from what stood when it was opened; that it was held or called off since then is kept.
    activity.state, activity.state_reason = held.state, held.state_reason
    if held.campaign_id != activity.campaign_id:
        require(by, "campaigns.change_campaign", activity.campaign)
    taken = held.places_taken()
    if activity.capacity is not None and activity.capacity < taken:
        raise ValidationError(
            {
                "capacity": ValidationError(
                    _("%(taken)d places are taken already: there cannot be fewer than that."),
                    code="activity_capacity_covers_taken",
                    params={"taken": taken},
                )
            }
        )
    activity.full_clean()
    with said_plainly():
        activity.save()
    record("change", activity, by=by)
    move_up(activity, by=by)
    return activity


@transaction.atomic
def change_activity_state(activity: Activity, verb: str, *, by: Any, reason: str = "") -> Activity:
    """Do `verb` of ``lifecycle.ACTIVITY``; who is signed up reads the reason of a calling off.

    Raises TransitionRefused, PermissionDenied, ValidationError where a reason is owed.
    """
    activity = lock(activity)
    transition = lifecycle.ACTIVITY.transition(activity.state, verb)
    require(by, transition.permission, activity)
    if verb == "call_off" and not reason.strip():
        raise ValidationError(_("Give the reason: it is shown to who has signed up."))
    refuse_personal_numbers(reason, _("reason"))
    activity.state, activity.state_reason = transition.target, reason.strip()[:200]
    activity.save(update_fields=["state", "state_reason"])
    record(verb, activity, by=by, details={"reason": activity.state_reason})
    return activity


# --- Sign-ups ------------------------------------------------------------------------------------------------


@transaction.atomic
def sign_up(activity: Activity, *, member: Member, by: Account | None = None) -> Registration:
    """Give `member` a place, or one on the waiting list where all are taken. Asked twice, it answers the same.

    `by` is the clerk who enters it for a member without a phone; None means the member himself.

    Raises PermissionDenied where the activity is not for this member, or out of the clerk's reach;
    ValidationError where the sign-up is not open.
    """
    member = (
        Member.objects.select_for_update(of=("self",), no_key=True)
        .select_related("organization", "occupation_group")
        .get(pk=member.pk)
    )
    activity = lock(activity)
    if by is not None:
        require_reach(by, "campaigns.attend_registration", activity.organization)
    held = Registration.objects.filter(activity=activity, member=member).exclude(state=RegistrationState.CANCELLED)
    if standing := held.first():
        return standing
    _refuse_sign_up(activity, member, timezone.now(), at_desk=by is not None)
    left = activity.places_left()
    registration = Registration(
        activity=activity,
        member=member,
        state=RegistrationState.WAITING if left == 0 else RegistrationState.CONFIRMED,
        signed_up_at=timezone.now(),
        channel=Registration.Channel.DESK if by else Registration.Channel.PHONE,
        entered_by=by,
    )
    with said_plainly():
        registration.save()
    record("sign_up", registration, by=by or ByMember(member), details={"state": registration.state})
    return registration


def _refuse_sign_up(activity: Activity, member: Member, now: datetime.datetime, *, at_desk: bool) -> None:
    if not activity.campaign.is_public:
        raise ValidationError(_("This activity is not announced yet."), code="not_announced")
    if not Audience(activity.audience).admits(member, activity.organization):
        raise PermissionDenied(_("This activity is for: %(audience)s.") % {"audience": activity.get_audience_display()})
    open_at_desk = at_desk and activity.state == lifecycle.ActivityState.PLANNED and now < activity.ends_at
    if not (activity.sign_up_is_open(now) or open_at_desk):
        raise ValidationError(_("The sign-up is not open."), code="sign_up_closed")


@transaction.atomic
def cancel(registration: Registration, *, member: Member | None = None, by: Account | None = None) -> Registration:
    """Give a place back, by the member himself or by a clerk (`by`); the next in line moves up.

    Raises PermissionDenied for somebody else's sign-up, TransitionRefused, ValidationError once it has begun.
    """
    activity = lock(registration.activity)
    registration = Registration.objects.select_for_update(of=("self",)).get(pk=registration.pk)
    if by is not None:
        require(by, "campaigns.change_registration", registration)
    elif member is None or registration.member_id != member.pk:
        raise PermissionDenied(_("This sign-up is somebody else's."))
    if by is None and timezone.now() >= activity.starts_at:
        raise ValidationError(_("The activity has begun; speak to the staff."), code="begun")
    _give_back(registration, by=by or ByMember(registration.member))
    move_up(activity, by=None)
    return registration


def _give_back(registration: Registration, *, by: Any, **details: Any) -> None:
    registration.state = lifecycle.REGISTRATION.target(registration.state, "cancel")
    registration.save(update_fields=["state"])
    record("cancel", registration, by=by, details=details)


@transaction.atomic
def give_back_places(members: Sequence[Member], by: Any) -> None:
    """Members have left: their sign-ups for what is not over end, and who waits moves up. What was is kept."""
    ahead = (
        Registration.objects.standing()
        .filter(
            member__in=members, activity__state=lifecycle.ActivityState.PLANNED, activity__ends_at__gt=timezone.now()
        )
        .order_by()
    )
    # In one order, so that two who leave at once do not wait for each other.
    for activity in Activity.objects.filter(pk__in=ahead.values("activity")).order_by("pk"):
        locked = lock(activity)
        for registration in ahead.filter(activity=locked).select_for_update(of=("self",)).select_related("member"):
            _give_back(registration, by=by, membership=registration.member.state)
        move_up(locked, by=None)


@transaction.atomic
def move_up(activity: Activity, *, by: Any) -> list[Registration]:
    """Give free places to the waiting list, in the order of sign-up. Nobody moves up once it has begun."""
    activity = lock(activity)
    if activity.state != lifecycle.ActivityState.PLANNED or timezone.now() >= activity.starts_at:
        return []
    line = Registration.objects.filter(activity=activity).in_line().select_for_update(of=("self",))
    left = activity.places_left()
    lucky = list(line if left is None else line[:left])
    for registration in lucky:
        _move_up_one(registration, activity, by=by)
        # The job stands in the same transaction: sent if this is committed, and only then.
        send_moved_up.defer(registration_id=registration.pk)
    return lucky


def _move_up_one(registration: Registration, activity: Activity, *, by: Any) -> None:
    registration.state = lifecycle.REGISTRATION.target(registration.state, "move_up")
    registration.moved_up_at = timezone.now()
    registration.save(update_fields=["state", "moved_up_at"])
    record("move_up", registration, by=by, organization=activity.organization)


@transaction.atomic
def mark_presence(
    registration: Registration, verb: str, *, by: Any, proof: str = Registration.Proof.BY_HAND
) -> Registration:
    """Write down that a member came (`attend`) or did not (`miss`).

    An absence marked before it begins gives the place to who waits. Somebody who is no member any more is not let
    in; that he came is still written down afterwards.

    Raises TransitionRefused; PermissionDenied; ValidationError before the day of the activity, for somebody without
    the rights of a member, or where a member who was marked absent comes after his place was given away.
    """
    activity = lock(registration.activity)
    registration = Registration.objects.select_for_update(of=("self",)).select_related("member").get(pk=registration.pk)
    transition = lifecycle.REGISTRATION.transition(registration.state, verb)
    require(by, transition.permission, registration)
    if timezone.localdate() < timezone.localdate(activity.starts_at):
        raise ValidationError(_("Presence is marked on the day, not before."), code="too_early")
    if verb == "attend" and not registration.member.has_full_rights and timezone.now() < activity.ends_at:
        membership = registration.member.get_state_display()
        raise ValidationError(_("Not admitted: %(state)s.") % {"state": membership}, code="no_member")
    registration.state = transition.target
    if verb == "attend":
        registration.attended_at, registration.attended_by, registration.proof = timezone.now(), by, proof
    else:
        registration.attended_at, registration.attended_by, registration.proof = None, None, ""
    with said_plainly():
        registration.save(update_fields=["state", "attended_at", "attended_by", "proof"])
    record(verb, registration, by=by, details={"proof": registration.proof})
    if verb == "miss":
        move_up(activity, by=None)
    return registration


@transaction.atomic
def check_in(activity: Activity, *, member: Member, by: Account, proof: str) -> Registration:
    """A member stands at the door. One without a sign-up, or on the waiting list, gets a free place on the spot.

    Before it begins the waiting list goes first; afterwards whoever is there takes what is free.

    Raises PermissionDenied, TransitionRefused, ValidationError where every place is taken.
    """
    registration = sign_up(activity, member=member, by=by)
    if registration.state == RegistrationState.ATTENDED:
        return registration
    if registration.state == RegistrationState.WAITING:
        registration = _place_at_the_door(registration, by=by)
    return mark_presence(registration, "attend", by=by, proof=proof)


def _place_at_the_door(registration: Registration, *, by: Account) -> Registration:
    """A confirmed place for a member who waits: by his turn, or the free one at hand once it has begun."""
    activity = lock(registration.activity)
    require_reach(by, "campaigns.attend_registration", activity.organization)
    move_up(activity, by=None)
    registration = Registration.objects.select_for_update(of=("self",)).get(pk=registration.pk)
    if registration.state == RegistrationState.WAITING:
        if timezone.now() < activity.starts_at or activity.places_left() == 0:
            raise ValidationError(_("Every place is taken already."), code="full")
        _move_up_one(registration, activity, by=by)
    return registration
