"""Joining in three steps: notice and phone, code, who you are."""

from __future__ import annotations

import datetime

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from members import lifecycle
from members.actions import AlreadyMember, NotOnline, submit_application
from members.forms import CodeForm, ConsentForm, JoinForm
from members.models import Application, ConsentText
from members.routing import takes_members
from members.sessions import JOIN_KEY, Visitor, application_of, log_in, visitor_of
from members.views import phones
from unionportal.limits import Limit, first_exceeded
from unionportal.organizations.models import Organization

SUBMISSIONS_PER_PHONE = Limit("join-phone-day", 10, datetime.timedelta(days=1))
SUBMISSIONS_PER_ADDRESS = Limit("join-address-hour", 60, datetime.timedelta(hours=1))


def _notice() -> ConsentText:
    """The notice in force today. Raises Http404 where none is."""
    notice = ConsentText.objects.filter(in_force_from__lte=timezone.localdate()).first()
    if notice is None:
        raise Http404("no notice is in force")
    return notice


def _elsewhere(request: HttpRequest, code: str) -> HttpResponse:
    """For a QR code that leads nowhere (any more): how to join all the same.

    A union that was merged or dissolved is named; its posters hang on for years.
    """
    union = Organization.objects.filter(code=code[:32].upper()).first()
    gone = union is not None and union.status in (Organization.Status.MERGED, Organization.Status.DISSOLVED)
    return render(request, "members/elsewhere.html", {"union": union if gone else None}, status=404)


def _is_settled(visitor: Visitor) -> bool:
    """Whether there is nothing to apply for: a member, or somebody whose application waits."""
    if visitor.member is not None and visitor.member.state not in lifecycle.ENDED:
        return True
    application = application_of(visitor)
    return application is not None and application.state in lifecycle.WAITING


@never_cache
@require_http_methods(["GET", "POST"])
def begin(request: HttpRequest, code: str = "") -> HttpResponse:
    """Step 1. Nothing is asked and nothing kept before the notice is agreed to."""
    union = Organization.objects.active().filter(code=code.upper()).first() if code else None
    if code and (union is None or not takes_members(union)):
        return _elsewhere(request, code)
    notice = _notice()
    visitor = visitor_of(request)
    if visitor is not None and _is_settled(visitor):
        return redirect("members:me")
    form = ConsentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        # Somebody who left the page open over a change of the notice agrees to what he saw, or not at all.
        if request.POST.get("version") != notice.version:
            form.add_error("agreed", _("The notice has changed meanwhile. Please read it again."))
        else:
            try:
                phones.begin(
                    request,
                    JOIN_KEY,
                    form.cleaned_data["phone"],
                    organization=union.code if union else "",
                    consent=notice.version,
                    consented_at=timezone.now().isoformat(),
                )
                return redirect("members:join-code")
            except ValidationError as refusal:
                form.add_error("phone", refusal)
    return render(request, "members/join.html", {"form": form, "notice": notice, "union": union, "step": 1})


@never_cache
@require_http_methods(["GET", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Step 2: the code; it can be sent again."""
    if not phones.phone_of(request, JOIN_KEY):
        return redirect("members:join")
    if phones.is_proved(request, JOIN_KEY):
        return redirect("members:join-details")
    again = "again" in request.POST
    form = CodeForm(None if again else request.POST or None)
    try:
        if again:
            held = request.session[JOIN_KEY]
            kept = {name: held[name] for name in ("organization", "consent", "consented_at")}
            phones.begin(request, JOIN_KEY, phones.phone_of(request, JOIN_KEY), **kept)
            messages.info(request, _("A new code has been sent."))
            return redirect("members:join-code")
        if form.is_valid():
            if phones.prove(request, JOIN_KEY, form.cleaned_data["code"]):
                return redirect("members:join-details")
            form.add_error("code", _("This is not the code, or it has run out."))
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    context = {"form": form, "step": 2, **phones.shown(request, JOIN_KEY)}
    return render(request, "members/code.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def details(request: HttpRequest) -> HttpResponse:
    """Step 3: the fewest fields, then the application stands, or leads back to the record that exists."""
    if not phones.is_proved(request, JOIN_KEY):
        return redirect("members:join")
    held = request.session[JOIN_KEY]
    # A union dissolved since the first step is as if none had been scanned: the street is asked.
    union = Organization.objects.active().filter(code=held["organization"]).first() if held["organization"] else None
    form = JoinForm(request.POST or None, organization=union)
    if request.method == "POST" and form.is_valid():
        answer = _submit(request, form, held)
        if answer is not None:
            return answer
    return render(request, "members/details.html", {"form": form, "union": union, "step": 3})


def _submit(request: HttpRequest, form: JoinForm, held: dict[str, str]) -> HttpResponse | None:
    phone = phones.phone_of(request, JOIN_KEY)
    hits = [(SUBMISSIONS_PER_PHONE, phone), (SUBMISSIONS_PER_ADDRESS, phones.address(request))]
    if first_exceeded(hits) is not None:
        form.add_error(None, _("Too many attempts. Try again tomorrow, or go to your union."))
        return None
    try:
        application = submit_application(
            form.answers(phone),
            consent=ConsentText.objects.get(pk=held["consent"]),
            consented_at=parse_datetime(held["consented_at"]),
            channel=Application.Channel.QR if form.organization else Application.Channel.WEB,
        )
    except AlreadyMember as known:
        log_in(request, member=known.member)
        messages.info(request, _("You are a member already. This is your record."))
        return redirect("members:me")
    except NotOnline:
        form.add_error(
            None,
            _("This cannot be settled on the web. Please bring your card to the union, or call the hotline below."),
        )
        return None
    log_in(request, application=application)
    messages.success(request, _("Your application has been handed in."))
    return redirect("members:me")
