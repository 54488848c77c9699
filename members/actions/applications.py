"""Applications to join, from submission to the member they become."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from members import lifecycle
from members.actions.people import HIMSELF, account_of, require_reach
from members.actions.register import MemberDraft, write_members
from members.models import Application, ConsentText, Member, OccupationGroup, Transfer
from members.routing import Route, partners_named, require_members_there, route
from unionportal.audit.actions import record
from unionportal.free_text import refuse_personal_numbers
from unionportal.names import identity_key
from unionportal.organizations.models import Division, Organization
from unionportal.organizations.models.calendar import overrides
from unionportal.workdays import Rule, Unit, due

# Tianjin's union brought the review down to less than three working days; the portal takes it as its rule.
REVIEW = Rule("review of an application to join", 3, Unit.WORKING_DAYS, "submission")


class AlreadyMember(Exception):
    """The applicant is on record as a member, under this very phone and number."""

    def __init__(self, member: Member) -> None:
        super().__init__("already a member")
        self.member = member


class NotOnline(Exception):
    """This application cannot be taken on the web; why is for the union's desk, not for the page."""


@dataclass(frozen=True)
class Answers:
    """What an applicant states, cleaned: `id_number` and `phone` in their one form, `id_number` never empty."""

    name: str
    id_type: str
    id_number: str
    phone: str = ""
    occupation_group: OccupationGroup | None = None
    employer_name: str = ""
    division: Division | None = None
    # The union whose QR code was scanned, or whose clerk enters the application.
    organization: Organization | None = None


def due_on(day: datetime.date) -> datetime.date:
    """The day by which an application of `day` is to be decided; where holidays are not announced, the earliest."""
    return due(REVIEW, day, overrides()).earliest


def _open(answers: Answers) -> Application | None:
    hashed = Application._meta.get_field("id_hash").hash_of(answers.id_number)  # type: ignore[union-attr]
    return Application.objects.filter(id_type=answers.id_type, id_hash=hashed, state__in=lifecycle.WAITING).first()


def _already_open(found: Application, answers: Answers, by: Any) -> Application:
    """The applicant's own open application; somebody else's phone is told nothing of it, the union is."""
    if by is not None or (answers.phone and found.phone == answers.phone):
        return found
    record("second_application", found, by=HIMSELF)
    raise NotOnline


def submit_application(
    answers: Answers,
    *,
    consent: ConsentText,
    consented_at: datetime.datetime | None = None,
    channel: str = Application.Channel.WEB,
    by: Any = None,
) -> Application:
    """Hand in an application; it finds its union by itself. `by` is the clerk who enters it for somebody.

    One person has one open application: a second one, even at the same moment, is answered with the first.
    Without `by` the caller has proved that `answers.phone` is in the applicant's hand.

    Raises AlreadyMember (same phone and number), NotOnline (open under another phone), PermissionDenied.
    """
    known = Member.objects.with_id_number(answers.id_number, answers.id_type).first()
    current = known is not None and known.state not in lifecycle.ENDED
    if known is not None and current and (by is not None or (answers.phone and known.phone == answers.phone)):
        raise AlreadyMember(known)
    found = _open(answers)
    if found is not None:
        return _already_open(found, answers, by)
    way = route(
        scanned=answers.organization,
        employer_name=answers.employer_name,
        division=answers.division,
        occupation_group=answers.occupation_group,
    )
    try:
        with transaction.atomic():
            return _create(answers, way, consent, consented_at, channel, by)
    except IntegrityError:
        found = _open(answers)
        if found is None:
            raise
        return _already_open(found, answers, by)


def _create(
    answers: Answers,
    way: Route,
    consent: ConsentText,
    consented_at: datetime.datetime | None,
    channel: str,
    by: Any,
) -> Application:
    now = timezone.now()
    application = Application(
        organization=way.organization,
        routed_by=Application.RoutedBy.STAFF if by is not None else way.routed_by,
        name=answers.name,
        id_type=answers.id_type,
        id_number=answers.id_number,
        phone=answers.phone,
        occupation_group=answers.occupation_group,
        employer=way.employer,
        platform=way.platform,
        employer_name=answers.employer_name,
        division=answers.division,
        channel=channel,
        consent=consent,
        consented_at=consented_at or now,
        entered_by=by,
        submitted_at=now,
        due_on=due_on(timezone.localdate(now)),
    )
    application.save()
    require_reach(Application.objects.all(), [application], by, "add")
    record("submit", application, by=by or HIMSELF, details={"channel": channel, "consent": consent.version})
    return application


# --- Deciding ------------------------------------------------------------------------------------------------


def _locked(applications: Sequence[Application]) -> list[Application]:
    return list(
        Application.objects.select_for_update(of=("self",))
        .select_related("organization", "occupation_group", "employer", "platform")
        .filter(pk__in=[application.pk for application in applications])
        .order_by("pk")
    )


def _decide(application: Application, verb: str, message: str, by: Any) -> None:
    refuse_personal_numbers(message, _("message to the applicant"))
    application.state = lifecycle.JOINING.target(application.state, verb)
    application.message = message.strip()[:300]
    if application.state in lifecycle.WAITING:
        application.decided_at = application.decided_by = None
    else:
        application.decided_at, application.decided_by = timezone.now(), account_of(by)


@transaction.atomic
def accept_applications(
    applications: Sequence[Application], *, by: Any, method: str = Member.VerificationMethod.NONE
) -> list[Member]:
    """Accept applications, all or none. Each becomes a member from today, with a card; somebody on record already
    comes back to his own record: resumed, or transferred here.

    `method` says how the identity was checked; none leaves it unverified. Raises TransitionRefused (decided
    already), PermissionDenied, ValidationError (expelled before).
    """
    locked = _locked(applications)
    require_reach(Application.objects.all(), locked, by, "accept")
    for application in locked:
        lifecycle.JOINING.transition(application.state, "accept")
    drafts = [_draft(application, method, by) for application in locked]
    members = write_members(drafts)
    for application, member in zip(locked, members, strict=True):
        _decide(application, "accept", "", by)
        application.member = member
        application.save()
        record("accept", application, by=by, details={"member": member.pk, "verified_by": method})
    return members


def accept_application(application: Application, *, by: Any, method: str = Member.VerificationMethod.NONE) -> Member:
    """`accept_applications` for one."""
    return accept_applications([application], by=by, method=method)[0]


def _draft(application: Application, method: str, by: Any) -> MemberDraft:
    """The member as the application makes him. Membership counts from the approval (会籍管理办法 2016, arts 2-5)."""
    today = timezone.localdate()
    member = (
        Member.objects.select_for_update(of=("self",))
        .select_related("organization")
        .filter(id_type=application.id_type, id_hash=application.id_hash)
        .first()
    )
    reason = "joined"
    if member is None:
        member = Member(id_type=application.id_type, id_number=application.id_number, joined_on=today)
        member.name = application.name
    else:
        _refuse_another_name(member, application)
        reason = _come_back(member, application, by)
    member.organization = application.organization
    # Whoever knows somebody's number could else have his card sent to a phone of his own: a phone on record gives
    # way only to a person whose document was checked.
    if application.phone and (method or not member.phone):
        member.phone = application.phone
    member.occupation_group = application.occupation_group or member.occupation_group
    if application.employer_name:
        member.employer, member.platform = application.employer, application.platform
        member.employer_name = application.employer_name
    if method:
        member.verification = Member.Verification.VERIFIED
        member.verification_method, member.verified_on = method, today
    return MemberDraft(member, reason=reason)


def _refuse_another_name(member: Member, application: Application) -> None:
    if identity_key(member.name) != identity_key(application.name):
        raise ValidationError(
            _("The ID number of %(name)s is on record under another name. Check the document, then correct or refuse.")
            % {"name": application.name}
        )


def _come_back(member: Member, application: Application, by: Any) -> str:
    """Bring somebody on record back to full membership, in the union he applied to. Returns how."""
    if member.state == lifecycle.State.EXPELLED:
        raise ValidationError(
            _("%(name)s was expelled; a new admission is decided outside the portal.") % {"name": member}
        )
    if member.state in lifecycle.FULL_RIGHTS:
        member.transfers.filter(state=Transfer.State.ASKED).update(
            state=Transfer.State.WITHDRAWN, settled_at=timezone.now()
        )
        if member.organization_id != application.organization_id:
            Transfer.objects.create(
                member=member,
                from_organization=member.organization,
                to_organization=application.organization,
                state=Transfer.State.ACCEPTED,
                former_state=lifecycle.State.ACTIVE,
                settled_at=timezone.now(),
                settled_by=account_of(by),
            )
        member.state = lifecycle.State.ACTIVE
        return "transferred"
    member.state = lifecycle.MEMBERSHIP.target(member.state, "resume")
    member.state_reason = ""
    return "resumed"


@transaction.atomic
def ask_more(application: Application, *, message: str, by: Any) -> Application:
    """Ask the applicant for more; he sees `message`. Raises TransitionRefused, PermissionDenied, ValidationError."""
    if not message.strip():
        raise ValidationError(_("Tell the applicant what is missing."))
    (application,) = _locked([application])
    require_reach(Application.objects.all(), [application], by, "accept")
    _decide(application, "ask_more", message, by)
    application.save()
    record("ask_more", application, by=by)
    return application


@transaction.atomic
def refuse_applications(applications: Sequence[Application], *, reason: str, by: Any) -> list[Application]:
    """Refuse applications, all or none; the applicants see `reason`.

    Raises TransitionRefused, PermissionDenied, ValidationError without a reason.
    """
    if not reason.strip():
        raise ValidationError(_("Give the reason: the applicant is shown it."))
    locked = _locked(applications)
    require_reach(Application.objects.all(), locked, by, "accept")
    for application in locked:
        _decide(application, "refuse", reason, by)
        application.save()
        record("refuse", application, by=by, details={"reason": application.message})
    return locked


@transaction.atomic
def complete(application: Application, answers: Answers, *, by: Any = HIMSELF) -> Application:
    """Put in what was missing; the application waits again, with a new term.

    Raises TransitionRefused, and IntegrityError where the corrected number has an open application already.
    """
    (application,) = _locked([application])
    _decide(application, "complete", "", by)
    for name in ("name", "id_type", "id_number", "occupation_group", "employer_name", "division"):
        setattr(application, name, getattr(answers, name))
    application.employer, application.platform = partners_named(answers.employer_name)
    application.due_on = due_on(timezone.localdate())
    application.save()
    record("complete", application, by=by)
    return application


@transaction.atomic
def withdraw(application: Application, *, by: Any = HIMSELF) -> Application:
    """Take an application back, and with it the consent. Raises TransitionRefused once it was decided."""
    (application,) = _locked([application])
    _decide(application, "withdraw", "", by)
    application.save()
    record("withdraw", application, by=by)
    return application


@transaction.atomic
def reroute(application: Application, *, to: Organization, by: Any) -> Application:
    """Hand an application on to the union it should have reached. Raises PermissionDenied, ValidationError."""
    require_members_there(to)
    (application,) = _locked([application])
    require_reach(Application.objects.all(), [application], by, "accept")
    if application.state not in lifecycle.WAITING:
        raise ValidationError(_("This application has been decided."))
    before, application.organization = application.organization, to
    application.routed_by = Application.RoutedBy.STAFF
    application.save()
    record("reroute", application, by=by, details={"from": before.code, "to": to.code})
    return application
