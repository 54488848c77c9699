"""An activity's page, the two taps of a sign-up, and the door where presence is marked."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from campaigns import actions
from campaigns.lifecycle import RegistrationState
from campaigns.models import Activity, Audience, Registration
from campaigns.views.common import attempt, for_members, log_in_address, member_of
from members import cards
from members.models import Member
from unionportal.scope import covers

FURTHER_DATES = 5


def _public(pk: int) -> Activity:
    rows = Activity.objects.public().with_counts().select_related("campaign__organization", "station")
    return get_object_or_404(rows, pk=pk)


@require_GET
def activity(request: HttpRequest, pk: int) -> HttpResponse:
    shown, member = _public(pk), member_of(request)
    mine = None
    if member is not None:
        held = Registration.objects.filter(activity=shown, member=member).exclude(state=RegistrationState.CANCELLED)
        mine = held.first()
    context = {
        "activity": shown,
        "left": shown.places_left(),
        "open": shown.sign_up_is_open(timezone.now()),
        "mine": mine,
        "member": member,
        "admitted": member is None or Audience(shown.audience).admits(member, shown.organization),
        "log_in": log_in_address(shown.get_absolute_url()),
        "begun": timezone.now() >= shown.starts_at,
        "further": _further_dates(shown),
    }
    return render(request, "campaigns/activity.html", context)


def _further_dates(shown: Activity) -> list[Activity]:
    """The next dates of the series that the activity is part of."""
    if not shown.every:
        return []
    first = shown.series_id or shown.pk
    row = Activity.objects.public().coming(timezone.now()).filter(Q(pk=first) | Q(series=first))
    return list(row.exclude(pk=shown.pk).select_related("station")[:FURTHER_DATES])


@require_POST
def sign_up(request: HttpRequest, pk: int) -> HttpResponse:
    shown, member = _public(pk), member_of(request)
    if member is None:
        return redirect(log_in_address(shown.get_absolute_url()))
    found = attempt(request, lambda: actions.sign_up(shown, member=member), _("You have signed up."))
    if found is not None and found.state == RegistrationState.WAITING:
        messages.info(request, _("Every place is taken: you are on the waiting list and move up by yourself."))
    return redirect(shown)


@require_POST
@for_members
def cancel(request: HttpRequest, member: Member, pk: int) -> HttpResponse:
    """Cancel one's own sign-up; somebody else's is not there."""
    registration = get_object_or_404(Registration.objects.select_related("activity"), pk=pk, member=member)
    attempt(request, lambda: actions.cancel(registration, member=member), _("Your sign-up is cancelled."))
    return redirect(registration.activity)


# --- The door ------------------------------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "POST"])
def door(request: HttpRequest, pk: int) -> HttpResponse:
    """Staff at the entrance: by the code of a member's card, or by hand for one without a phone."""
    rows = Activity.objects.visible_to(request.user).with_counts().select_related("campaign__organization", "station")
    shown = get_object_or_404(rows, pk=pk)
    if not covers(request.user, "campaigns.attend_registration", shown.organization):
        raise PermissionDenied
    if request.method == "POST":
        _let_in(request, shown)
        return redirect("campaigns:door", pk=pk)
    expected = (
        Registration.objects.filter(activity=shown)
        .exclude(state=RegistrationState.CANCELLED)
        .select_related("member")
        .order_by("member__name_key", "id")
    )
    waiting = [row for row in expected if row.state == RegistrationState.WAITING]
    expected = [row for row in expected if row.state != RegistrationState.WAITING]
    context = {
        "activity": shown,
        "expected": expected,
        "waiting": sorted(waiting, key=lambda row: (row.signed_up_at, row.pk)),
        "came": sum(row.state == RegistrationState.ATTENDED for row in expected),
        "left": shown.places_left(),
    }
    return render(request, "campaigns/door.html", context)


def _let_in(request: HttpRequest, shown: Activity) -> None:
    if number := request.POST.get("registration"):
        if not number.isdecimal():
            raise Http404
        _mark(
            request,
            get_object_or_404(Registration.objects.select_related("member", "activity"), pk=number, activity=shown),
        )
        return
    card = cards.check(cards.token_in(request.POST.get("card", "")))
    if not card.admitted:
        messages.error(request, card.verdict.label)
        return
    attempt(
        request,
        lambda: actions.check_in(shown, member=card.member, by=request.user, proof=Registration.Proof.CARD),
        _("Come in: %s") % card.member,
    )


def _mark(request: HttpRequest, row: Registration) -> None:
    """By hand, for somebody without a phone. Who waits gets a free place, if there is one."""
    if row.state == RegistrationState.WAITING:
        proof = Registration.Proof.BY_HAND
        attempt(
            request,
            lambda: actions.check_in(row.activity, member=row.member, by=request.user, proof=proof),
            _("Come in: %s") % row.member,
        )
        return
    verb = "miss" if request.POST.get("verb") == "miss" else "attend"
    attempt(request, lambda: actions.mark_presence(row, verb, by=request.user), _("Written down: %s") % row.member)
