"""An activity's page, the two taps of a sign-up, and the door where presence is marked."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from campaigns import actions
from campaigns.lifecycle import RegistrationState
from campaigns.models import Activity, Audience, Registration
from campaigns.views.common import attempt, for_members, log_in_address, member_of
from members.cards import check as check_card
from members.models import Member


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
    }
    return render(request, "campaigns/activity.html", context)


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
    reach = request.user.reach("campaigns.attend_registration")
    if not any(shown.organization.path.startswith(path) for path in reach):
        raise PermissionDenied
    if request.method == "POST":
        _let_in(request, shown)
        return redirect("campaigns:door", pk=pk)
    expected = (
        Registration.objects.filter(activity=shown)
        .exclude(state__in=[RegistrationState.CANCELLED, RegistrationState.WAITING])
        .select_related("member")
        .order_by("member__name_key", "id")
    )
    came = sum(row.state == RegistrationState.ATTENDED for row in expected)
    return render(request, "campaigns/door.html", {"activity": shown, "expected": expected, "came": came})


def _let_in(request: HttpRequest, shown: Activity) -> None:
    if request.POST.get("registration"):
        row = get_object_or_404(Registration, pk=request.POST["registration"], activity=shown)
        verb = "miss" if request.POST.get("verb") == "miss" else "attend"
        attempt(request, lambda: actions.mark_presence(row, verb, by=request.user), _("Written down: %s") % row.member)
        return
    card = check_card(token_in(request.POST.get("card", "")))
    if not card.admitted:
        messages.error(request, card.verdict.label)
        return
    attempt(
        request,
        lambda: actions.check_in(shown, member=card.member, by=request.user, proof=Registration.Proof.CARD),
        _("Come in: %s") % card.member,
    )


def token_in(scanned: str) -> str:
    """The token of a card from what a scanner types: the token itself, or the address that holds it."""
    held = parse_qs(urlsplit(scanned.strip()).query).get("card")
    return held[0] if held else scanned.strip()
