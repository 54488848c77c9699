"""A member's own activities, coupons, wishes and interest in posts."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from campaigns import lifecycle
from campaigns.models import Coupon, JobInterest, Registration, Wish
from campaigns.views.common import for_members
from members.models import Member

SHOWN = 50


@require_GET
@for_members
def mine(request: HttpRequest, member: Member) -> HttpResponse:
    now = timezone.now()
    signed_up = Registration.objects.filter(member=member).select_related("activity__campaign", "activity__station")
    coming = signed_up.standing().with_line().filter(activity__ends_at__gt=now).order_by("activity__starts_at", "id")
    past = signed_up.exclude(pk__in=coming.values("pk")).order_by("-activity__starts_at", "-id")
    coupons = Coupon.objects.filter(member=member).select_related("pool").order_by("-claimed_at")
    wishes = Wish.objects.filter(wisher=member)
    context = {
        "member": member,
        "coming": coming[:SHOWN],
        "past": past[:SHOWN],
        "coupons": [(coupon, coupon.is_expired(now)) for coupon in coupons[:SHOWN]],
        "wishes": [
            (wish, {transition.verb for transition in lifecycle.WISH.allowed(wish.state)}) for wish in wishes[:SHOWN]
        ],
        "interests": JobInterest.objects.filter(member=member).select_related("post__employer")[:SHOWN],
        "live": lifecycle.LIVE_INTEREST,
    }
    return render(request, "campaigns/mine.html", context)
