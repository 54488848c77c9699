"""The demonstration's campaigns, composed from ``fixtures/demo/campaigns.json`` with the members already there.

Dates count from the day of loading, so that a demonstration always has something on. Everything goes through the
verbs of `actions`, but that their moment may lie in the past.
"""

from __future__ import annotations

import datetime
import json
import random
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from campaigns import actions
from campaigns.lifecycle import CouponState, RegistrationState
from campaigns.models import Activity, Audience, Campaign, Coupon, Pool, Registration, Wish
from members.models import Member
from stations.models import Station
from unionportal.organizations.models import Organization, Partner
from unionportal.sheets.actions import apply_run, hand_in


@transaction.atomic
def load(folder: Path | None = None) -> None:
    """Load the campaigns once: one that is there by its title is left as it is."""
    folder = folder or Path(settings.BASE_DIR) / "fixtures" / "demo"
    parts = json.loads((folder / "campaigns.json").read_text("utf-8"))
    draw = random.Random(parts["seed"])
    members = list(
        Member.objects.in_good_standing().select_related("organization", "occupation_group").order_by("pk")[:1500]
    )
    draw.shuffle(members)
    given = parts["merchant"]
    owner = Organization.objects.get(code=given["organization"])
    merchant, _new = Partner.objects.get_or_create(
        organization=owner, name=given["name"], defaults={"kind": given["kind"], "is_shared": True}
    )
    for told in parts["campaigns"]:
        organization = Organization.objects.get(code=told["organization"])
        if Campaign.objects.filter(organization=organization, title=told["title"]).exists():
            continue
        campaign = _campaign(organization, told)
        for one in told.get("activities", ()):
            _activity(campaign, one, members)
        for one in told.get("pools", ()):
            _pool(campaign, one, merchant, members)
        if "posts" in told:
            _posts(campaign, folder / told["posts"])
        if campaign.kind == Campaign.Kind.WISHES and members:
            _wishes(campaign, parts["wishes"], members, draw)


def _day(days: int) -> datetime.date:
    return timezone.localdate() + datetime.timedelta(days=days)


def _campaign(organization: Organization, told: dict[str, Any]) -> Campaign:
    campaign = actions.save_campaign(
        Campaign(
            organization=organization,
            title=told["title"],
            kind=told["kind"],
            season=told["season"],
            summary=told["summary"],
            starts_on=_day(told["from"]),
            ends_on=_day(told["until"]),
        ),
        by=None,
    )
    return campaign if told.get("draft") else actions.change_campaign_state(campaign, "publish", by=None)


def _activity(campaign: Campaign, told: dict[str, Any], members: list[Member]) -> None:
    starts = timezone.make_aware(datetime.datetime.combine(_day(told["days"]), datetime.time(told["hour"])))
    station = Station.objects.filter(name=told["station"]).first() if "station" in told else None
    activity = actions.save_activity(
        Activity(
            campaign=campaign,
            title=told["title"],
            starts_at=starts,
            ends_at=starts + datetime.timedelta(hours=told["length"]),
            station=station,
            place=told.get("place") or ("" if station else campaign.organization.name),
            capacity=told["capacity"],
            audience=told["audience"],
            led_by=told.get("led_by", ""),
        ),
        by=None,
    )
    who = Audience(activity.audience)
    coming = [member for member in members if who.admits(member, campaign.organization)][: told["sign_ups"]]
    if not told.get("held"):
        for member in coming:
            actions.sign_up(activity, member=member)
        return
    # A class of the past: nobody can sign up for it any more.
    Registration.objects.bulk_create(
        Registration(
            activity=activity,
            member=member,
            state=RegistrationState.ATTENDED,
            signed_up_at=starts - datetime.timedelta(days=3),
            attended_at=starts,
            proof=Registration.Proof.CARD,
        )
        for member in coming
    )
    actions.change_activity_state(activity, "hold", by=None)


def _pool(campaign: Campaign, told: dict[str, Any], merchant: Partner, members: list[Member]) -> None:
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    moments = {name: now + datetime.timedelta(hours=told[name]) for name in ("opens", "closes", "valid")}
    pool = actions.save_pool(
        Pool(
            campaign=campaign,
            title=told["title"],
            terms=told["terms"],
            merchant=merchant,
            size=told["size"],
            value_fen=told["value_fen"],
            value_up_to_fen=told.get("value_up_to_fen"),
            opens_at=moments["opens"],
            closes_at=moments["closes"],
            valid_until=moments["valid"],
        ),
        by=None,
    )
    pool = actions.change_pool_state(pool, "announce", by=None)
    verified = [member for member in members if Audience.VERIFIED.admits(member, campaign.organization)]
    # Some hundred claims of the last day, written in one go: each verb by itself would take seconds.
    free = list(Coupon.objects.filter(pool=pool).free().order_by("serial")[: told["claims"]])
    claimed = list(zip(free, verified, strict=False))
    for number, (coupon, member) in enumerate(claimed):
        coupon.state, coupon.member, coupon.turn = CouponState.CLAIMED, member, 1
        coupon.claimed_at = moments["opens"] + datetime.timedelta(seconds=2 * number)
        if number < told["redeemed"]:
            coupon.state, coupon.redeemed_with = CouponState.REDEEMED, merchant
            coupon.redeemed_at = coupon.claimed_at + datetime.timedelta(hours=5)
    fields = ["state", "member", "turn", "claimed_at", "redeemed_at", "redeemed_with"]
    Coupon.objects.bulk_update([coupon for coupon, _member in claimed], fields)


def _posts(campaign: Campaign, file: Path) -> None:
    """The list of posts, by the way every list takes."""
    run, _found = hand_in(
        file.read_bytes(), filename=file.name, kind="jobs", organization=campaign.organization, by=None
    )
    apply_run(run, by=None, good_rows_only=True)
    campaign.organization.job_posts.filter(campaign=None).update(campaign=campaign)


def _wishes(campaign: Campaign, told: dict[str, Any], members: list[Member], draw: random.Random) -> None:
    """Near 60 wishes along their way, and 6万多元 for those that came true."""
    states = [state for state, number in told["states"].items() for _one in range(number)]
    wishers = islice(cycle(members), told["count"])
    for number, (state, wisher) in enumerate(zip(states, wishers, strict=False)):
        wished_for, text, shown = told["texts"][number % len(told["texts"])]
        wish = actions.collect(Wish(wisher=wisher, campaign=campaign, wished_for=wished_for, text=text))
        steps = ["collected", "screened", "confirmed", "adopted", "bought", "delivered", "thanked"]
        reached = steps[: steps.index(state) + 1]
        if "screened" in reached:
            wish = actions.screen(wish, by=None, reason=draw.choice(told["reasons"]))
        if "confirmed" in reached:
            wish = actions.confirm(
                wish, by=None, may_be_shown=True, public_text=shown, public_name=draw.choice(told["names"])
            )
        # The union buys most of them without an adopter.
        if "adopted" in reached and number % 3 == 0:
            wish = actions.adopt(wish, member=members[-1 - number])
        elif state == "adopted":
            wish = actions.adopt(wish, union=campaign.organization)
        if "bought" in reached:
            fen = draw.randrange(*told["cost_fen"], 100)
            wish = actions.buy(
                wish,
                by=None,
                amount_fen=fen,
                source_level="city",
                on=_day(-12),
                payee="演示供应商",
                payer=campaign.organization,
            )
        if "delivered" in reached:
            wish = actions.deliver(wish, by=None, on=_day(-8), note="送到就近驿站")
        if "thanked" in reached:
            actions.thank(wish, member=wish.wisher, words="收到了，谢谢工会。")
