"""The member's page: my application, my card, what is held about me, who looked at it, what I can do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from members import actions, cards, lifecycle
from members.forms import CodeForm, DataRequestForm, JoinForm, LeaveForm, PhoneForm, TransferForm, WhoForm
from members.models import Application, Member, Transfer
from members.personal import field_name, looks_about
from members.sessions import (
    Visitor,
    application_of,
    applications_of,
    log_in,
    log_out,
    member_required,
    person_required,
    visitor_of,
)
from members.views import phones
from unionportal.audit.models import AuditEvent
from unionportal.organizations.models import Account
from unionportal.organizations.roles import Role
from unionportal.privacy import lookup_hash
from unionportal.states import TransitionRefused

_ENTER = "enter"
_NEXT = "enter-next"
_LOOKS_SHOWN = 50


# --- Logging in and out --------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """A phone; the code is sent whether the phone is known or not. Afterwards back to the page named by `next`."""
    if visitor_of(request) is not None:
        return redirect("members:me")
    if "next" in request.GET:
        request.session[_NEXT] = request.GET["next"][:500]
    form = PhoneForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            phones.begin(request, _ENTER, form.cleaned_data["phone"])
            return redirect("members:log-in-code")
        except ValidationError as refusal:
            form.add_error("phone", refusal)
    return render(request, "members/log_in.html", {"form": form})


@never_cache
@require_http_methods(["GET", "POST"])
def enter_code(request: HttpRequest) -> HttpResponse:
    """The code; then the record of this phone. Several people with one phone are told apart by the ID number."""
    phone = phones.phone_of(request, _ENTER)
    if not phone:
        return redirect("members:log-in")
    if phones.is_proved(request, _ENTER):
        return _choose(request, phone)
    form = CodeForm(request.POST or None)
    try:
        if form.is_valid():
            if phones.prove(request, _ENTER, form.cleaned_data["code"]):
                return _choose(request, phone)
            form.add_error("code", _("This is not the code, or it has run out."))
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    return render(request, "members/code.html", {"form": form, **phones.shown(request, _ENTER)})


def _people_with(phone: str) -> list[Member | Application]:
    """Who stands behind a phone: members, and applicants who are not members under it."""
    phone_hash = lookup_hash(phone, "phone")
    members: list[Any] = list(Member.objects.with_phone(phone).order_by("pk"))
    known = Q(pk__in=[])
    for member in members:
        known |= Q(id_type=member.id_type, id_hash=member.id_hash) | Q(member=member)
    people: dict[Any, Any] = {}
    for application in Application.objects.filter(phone_hash=phone_hash, member=None).exclude(known):
        people.setdefault((application.id_type, application.id_hash), application)
    return [*members, *people.values()]


def _choose(request: HttpRequest, phone: str) -> HttpResponse:
    people = _people_with(phone)
    form = None
    if len(people) > 1:
        form = WhoForm(request.POST if "id_number" in request.POST else None)
        if not form.is_valid():
            return render(request, "members/who.html", {"form": form})
        people = [person for person in people if (person.id_type, person.id_number) == form.cleaned_data["id_number"]]
    if not people:
        request.session.pop(_ENTER, None)
        messages.info(request, _("No membership and no application is known under this phone and number."))
        return redirect("members:log-in")
    request.session.pop(_ENTER, None)
    person = people[0]
    if isinstance(person, Member):
        log_in(request, member=person)
    else:
        log_in(request, application=person)
    return redirect(_way_back(request))


def _way_back(request: HttpRequest) -> str:
    """The page that sent here, where it is one of ours; else the member's own."""
    target = request.session.pop(_NEXT, "")
    ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if ours else reverse("members:me")


@require_POST
def leave_session(request: HttpRequest) -> HttpResponse:
    log_out(request)
    messages.info(request, _("You are logged out."))
    return redirect("members:log-in")


# --- The page ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Look:
    """One look at a number or a wish, as the person sees it: the union and role of who looked, not his name."""

    at: Any
    union: str
    roles: str
    field: str
    purpose: str


def looks_at(visitor: Visitor) -> list[Look]:
    """The latest looks at the person's numbers and wishes, newest first (PIPL art. 44)."""
    about = Q(pk__in=[])
    if visitor.member is not None:
        about |= looks_about(visitor.member)
        for pk in applications_of(visitor.member).values_list("pk", flat=True):
            about |= Q(subject_type=Application._meta.label, subject_id=str(pk))
    if visitor.application is not None:
        about |= Q(subject_type=Application._meta.label, subject_id=str(visitor.application.pk))
    events = list(AuditEvent.objects.looks().filter(about).select_related("organization")[:_LOOKS_SHOWN])
    accounts = (
        Account.objects.select_related("organization")
        .prefetch_related("role_assignments")
        .in_bulk({event.actor_id for event in events} - {None})
    )
    shown = []
    for event in events:
        account = accounts.get(event.actor_id)
        roles = sorted({str(Role(held.role).label) for held in account.role_assignments.all()}) if account else []
        union = str(account.organization) if account else ""
        field = field_name(event.subject_type, event.details.get("field", ""))
        shown.append(Look(event.at, union, "、".join(roles), field, event.purpose))
    return shown


@never_cache
@require_GET
@person_required
def me(request: HttpRequest) -> HttpResponse:
    """Everything about me on one page."""
    visitor: Visitor = request.visitor  # type: ignore[attr-defined]
    member, application = visitor.member, application_of(visitor)
    context = {
        "member": member,
        "application": application,
        "held": member or application,
        "can_withdraw": application is not None and application.state in lifecycle.WAITING,
        "can_complete": application is not None and application.state == lifecycle.ApplicationState.MORE_ASKED,
        "again": application is not None and member is None and application.state in ("refused", "withdrawn"),
        "looks": looks_at(visitor),
        "spells": member.spells.select_related("organization") if member else [],
        "requests": member.data_requests.all()[:10] if member else [],
        "transfer": member.transfers.filter(state="asked").select_related("to_organization").first()
        if member
        else None,
        "can_leave": member is not None and member.state not in lifecycle.ENDED,
        "shows_card": member is not None and member.state not in lifecycle.ENDED,
        "card_seconds": int(cards.CHANGES_EVERY.total_seconds()),
    }
    return render(request, "members/me.html", context)


@never_cache
@require_GET
@member_required
def card(request: HttpRequest) -> HttpResponse:
    """The card's QR code as it is at this moment, SVG."""
    member: Member = request.visitor.member  # type: ignore[attr-defined]
    if member.state in lifecycle.ENDED:
        return HttpResponse(status=404)
    address = request.build_absolute_uri(f"{reverse('members:card-check')}?card={cards.token_for(member)}")
    return HttpResponse(cards.qr_svg(address), content_type="image/svg+xml")


# --- What I can do -------------------------------------------------------------------------------------------


@require_POST
@person_required
def withdraw(request: HttpRequest) -> HttpResponse:
    """Take the application, and the consent with it, back: one press, as easy as giving it (PIPL art. 15)."""
    application = application_of(request.visitor)  # type: ignore[attr-defined]
    if application is not None:
        try:
            actions.withdraw(application)
            messages.success(request, _("Your application and your consent are withdrawn."))
        except TransitionRefused as refusal:
            messages.error(request, refusal.message)
    return redirect("members:me")


@never_cache
@person_required
@require_http_methods(["GET", "POST"])
def complete(request: HttpRequest) -> HttpResponse:
    """Put in what the union asked for."""
    application = application_of(request.visitor)  # type: ignore[attr-defined]
    if application is None or application.state != lifecycle.ApplicationState.MORE_ASKED:
        return redirect("members:me")
    initial = {
        "name": application.name,
        "occupation_group": application.occupation_group_id,
        "employer_name": application.employer_name,
        "division": application.division_id,
    }
    form = JoinForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.complete(application, form.answers(application.phone))
        except (TransitionRefused, IntegrityError):
            form.add_error(
                None,
                _("This cannot be settled on the web. Please bring your card to the union, or call the hotline below."),
            )
        else:
            messages.success(request, _("Thank you. Your application waits for its decision again."))
            return redirect("members:me")
    return render(request, "members/complete.html", {"form": form, "application": application})


@never_cache
@member_required
@require_http_methods(["GET", "POST"])
def leave(request: HttpRequest) -> HttpResponse:
    """Leave the union, after saying so twice."""
    member: Member = request.visitor.member  # type: ignore[attr-defined]
    form = LeaveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_membership(member, "leave", by=actions.HIMSELF)
            messages.success(request, _("You have left the union. Your numbers are deleted after three years."))
        except TransitionRefused as refusal:
            messages.error(request, refusal.message)
        return redirect("members:me")
    return render(request, "members/leave.html", {"form": form, "member": member})


@never_cache
@member_required
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for a correction, a copy, a deletion or an explanation."""
    form = DataRequestForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.ask_about_data(request.visitor.member, **form.cleaned_data)  # type: ignore[attr-defined]
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, _("Your request has reached your union."))
            return redirect("members:me")
    return render(request, "members/ask.html", {"form": form})


@never_cache
@member_required
@require_http_methods(["GET", "POST"])
def transfer(request: HttpRequest) -> HttpResponse:
    """Ask to be taken over by another union: one step for the member, one for the union."""
    member: Member = request.visitor.member  # type: ignore[attr-defined]
    form = TransferForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.ask_transfer(
                member, to=form.cleaned_data["organization"], by=actions.HIMSELF, reason=form.cleaned_data["reason"]
            )
        except ValidationError as refusal:
            form.add_error("organization", refusal)
        except TransitionRefused as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, _("Your wish has reached the new union."))
            return redirect("members:me")
    return render(request, "members/transfer.html", {"form": form, "member": member})


@require_POST
@member_required
def withdraw_transfer(request: HttpRequest) -> HttpResponse:
    """Take the wish to go back before the other union has settled it."""
    member: Member = request.visitor.member  # type: ignore[attr-defined]
    asked = member.transfers.filter(state=Transfer.State.ASKED).first()
    if asked is not None:
        try:
            actions.withdraw_transfer(asked)
            messages.success(request, _("Your transfer is withdrawn; you stay with your union."))
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
    return redirect("members:me")
