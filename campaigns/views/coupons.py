"""Giveaways: what is given, the claim, the coupon on the phone, and the counter where it is redeemed."""

from __future__ import annotations

from typing import Any

import segno
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from campaigns import actions
from campaigns.lifecycle import CouponState, Phase
from campaigns.models import Audience, Coupon, Pool
from campaigns.views.campaigns import with_phases
from campaigns.views.common import attempt, for_members, log_in_address, member_of, page_of
from members.models import Member

_MERCHANT_KEY = "merchant_key"


@require_GET
def pools(request: HttpRequest) -> HttpResponse:
    rows = Pool.objects.announced().with_counts().select_related("campaign__organization", "merchant")
    page = page_of(request, rows)
    return render(request, "campaigns/pools.html", {"page": page, "pools": with_phases(page)})


def _announced(pk: int) -> Pool:
    rows = Pool.objects.announced().with_counts().select_related("campaign__organization", "merchant")
    return get_object_or_404(rows, pk=pk)


@require_GET
def pool(request: HttpRequest, pk: int) -> HttpResponse:
    shown, member = _announced(pk), member_of(request)
    mine = list(Coupon.objects.filter(pool=shown, member=member).order_by("turn")) if member else []
    context = {
        "pool": shown,
        "phase": shown.phase(timezone.now()),
        "phases": Phase,
        "member": member,
        "mine": mine,
        "turn": len(mine) + 1,
        "may_claim": len(mine) < shown.per_member,
        "admitted": member is None or Audience(shown.audience).admits(member, shown.organization),
        "log_in": log_in_address(shown.get_absolute_url()),
    }
    return render(request, "campaigns/pool.html", context)


@require_POST
def claim(request: HttpRequest, pk: int) -> HttpResponse:
    """The form says which coupon of the member's it asks for, so that a click made twice brings the same one."""
    shown, member = _announced(pk), member_of(request)
    if member is None:
        return redirect(log_in_address(shown.get_absolute_url()))
    try:
        turn = int(request.POST.get("turn", "1"))
    except ValueError:
        turn = 1
    found = attempt(request, lambda: actions.claim(shown, member=member, turn=turn), _("The coupon is yours."))
    return redirect("campaigns:coupon", pk=found.pk) if found else redirect(shown)


@require_GET
@for_members
def coupon(request: HttpRequest, member: Member, pk: int) -> HttpResponse:
    """One's own coupon with its QR code; somebody else's is not there."""
    rows = Coupon.objects.select_related("pool__campaign", "pool__merchant")
    shown = get_object_or_404(rows, pk=pk, member=member)
    address = request.build_absolute_uri(f"{reverse('campaigns:redeem')}?code={shown.code}")
    usable = shown.state == CouponState.CLAIMED and not shown.is_expired()
    qr = segno.make(address, error="m", micro=False).svg_data_uri(scale=6, border=3, light="#fff") if usable else ""
    return render(request, "campaigns/coupon.html", {"coupon": shown, "qr": qr, "expired": shown.is_expired()})


# --- The counter ---------------------------------------------------------------------------------------------


@require_GET
@never_cache
def merchant(request: HttpRequest, key: str) -> HttpResponse:
    """The merchant's link: remembers on this device for which giveaway coupons are taken in."""
    try:
        Pool.for_merchant_key(key)
    except Pool.DoesNotExist:
        raise Http404
    request.session[_MERCHANT_KEY] = key
    return redirect("campaigns:redeem")


def _counter(request: HttpRequest) -> Pool | None:
    """The giveaway whose merchant stands at this device; None where the link is none, or an old one."""
    try:
        return Pool.for_merchant_key(request.session.get(_MERCHANT_KEY, ""))
    except Pool.DoesNotExist:
        return None


@require_http_methods(["GET", "POST"])
@never_cache
def redeem(request: HttpRequest) -> HttpResponse:
    """Staff, or a merchant with a link: look a coupon up by its code, then take it in."""
    counter = _counter(request)
    if counter is None and not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    rows = Coupon.objects.select_related("pool__campaign", "pool__merchant")
    reached = rows.filter(pool=counter) if counter else rows.reached_by(request.user, "redeem")
    code = (request.POST.get("code") or request.GET.get("code") or "").strip()
    found = reached.with_code(code).exclude(state=CouponState.FREE).first() if code else None
    if request.method == "POST" and found is not None:
        who: dict[str, Any] = {"merchant_of": counter} if counter else {"by": request.user}
        attempt(request, lambda: actions.redeem(found, **who), _("Redeemed."))
        return redirect(f"{reverse('campaigns:redeem')}?code={found.code}")
    context = {"counter": counter, "coupon": found, "code": code, "expired": bool(found and found.is_expired())}
    return render(request, "campaigns/redeem.html", context)
