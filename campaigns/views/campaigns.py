"""What is on, what comes, and a campaign's own page."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from campaigns.lifecycle import Phase
from campaigns.models import Activity, Campaign, JobPost, Pool, Wish
from campaigns.printed import in_round_words
from campaigns.views.common import member_of


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Open for sign-up first, then what is on and what comes."""
    now, today = timezone.now(), timezone.localdate()
    campaigns = Campaign.objects.select_related("organization")
    activities = (
        Activity.objects.public()
        .open_for_sign_up(now)
        .with_counts()
        .select_related("campaign__organization", "station")
    )
    pools = Pool.objects.announced().filter(closes_at__gt=now).with_counts().select_related("campaign")[:6]
    context = {
        "activities": activities[:12],
        "pools": with_phases(pools),
        "on_now": campaigns.on_at(today)[:20],
        "coming": campaigns.coming_after(today)[:10],
        "over": campaigns.over_by(today)[:10],
    }
    return render(request, "campaigns/home.html", context)


def with_phases(pools: Any) -> list[tuple[Pool, Phase]]:
    """Each pool with where it stands now."""
    now = timezone.now()
    return [(pool, pool.phase(now)) for pool in pools]


@require_GET
def campaign(request: HttpRequest, pk: int) -> HttpResponse:
    activities = Activity.objects.with_counts().select_related("station")
    shown = get_object_or_404(
        Campaign.objects.public()
        .select_related("organization")
        .prefetch_related(Prefetch("activities", activities.order_by("starts_at", "id"))),
        pk=pk,
    )
    now = timezone.now()
    dated = list(shown.activities.all())
    wishes = Wish.objects.filter(campaign=shown)
    context = {
        "campaign": shown,
        "coming": [activity for activity in dated if activity.ends_at > now],
        "past": [activity for activity in dated if activity.ends_at <= now],
        "pools": with_phases(Pool.objects.announced().filter(campaign=shown).with_counts()),
        "posts": JobPost.objects.open().filter(campaign=shown).select_related("employer")[:20],
        "wish_figures": wish_figures(wishes) if shown.kind == Campaign.Kind.WISHES else None,
        "member": member_of(request),
    }
    return render(request, "campaigns/campaign.html", context)


def wish_figures(wishes: Any) -> dict[str, str]:
    """How many wishes came true and what they cost, as a report prints it: 近60个, 6万多元."""
    fulfilled = wishes.fulfilled()
    booked = fulfilled.aggregate(
        paid=Sum("ledger_links__line__amount_fen"), back=Sum("ledger_links__line__reversed_by__amount_fen")
    )
    fen = (booked["paid"] or 0) + (booked["back"] or 0)
    return {
        "fulfilled": in_round_words(fulfilled.count(), "个"),
        "spent": in_round_words(fen // 100, "元"),
    }
