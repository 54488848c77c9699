"""What the staff's home shows of campaigns, where they stand in the sidebar, and the words of their record."""

from __future__ import annotations

import datetime

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from campaigns import lifecycle
from campaigns.lifecycle import InterestState, Phase, WishState
from campaigns.models import Activity, Campaign, JobInterest, Pool, Wish
from unionportal.audit.words import register_words
from unionportal.organizations.roles import Role
from unionportal.workplace import Count, Entry, NavGroup, Panel, changelist, place, register_panel

CAMPAIGNS = NavGroup(40, gettext_lazy("Campaigns"))
_SOON = datetime.timedelta(days=7)
# Wishes in these states wait for the desk.
_WISHES_WAITING = (
    WishState.COLLECTED,
    WishState.SCREENED,
    WishState.CONFIRMED,
    WishState.ADOPTED,
    WishState.BOUGHT,
)


def wishes_panel(request: HttpRequest) -> Panel | None:
    """For the desk: wishes by what comes next, and interest in posts that nobody has passed on."""
    if not request.user.has_role(Role.CLERK, Role.REVIEWER):
        return None
    wishes = Wish.objects.editable_by(request.user).order_by()
    found = {state: wishes.filter(state=state).count() for state in _WISHES_WAITING}
    interests = JobInterest.objects.editable_by(request.user).filter(state=InterestState.INTERESTED).count()
    counts = [
        Count(
            state.label,
            number,
            changelist("campaigns.wish", state__exact=state.value),
            late=state == WishState.COLLECTED,
        )
        for state, number in found.items()
        if number
    ]
    if interests:
        counts.append(
            Count(
                _("Interest in posts, not passed on"),
                interests,
                changelist("campaigns.jobinterest", state__exact=InterestState.INTERESTED.value),
                late=True,
            )
        )
    return Panel(_("Wishes and jobs"), counts=counts, empty=_("No wish waits."))


def activities_panel(request: HttpRequest) -> Panel | None:
    """For the desk: what is on in the next seven days, and the giveaways that are open."""
    if not request.user.has_role(Role.CLERK, Role.REVIEWER):
        return None
    now = timezone.now()
    rows = Activity.objects.editable_by(request.user)
    coming = rows.coming(now).filter(starts_at__lt=now + _SOON).with_counts().select_related("station")
    entries = [
        Entry(
            activity.title,
            _("%(time)s, %(taken)d of %(capacity)s places taken")
            % {
                "time": timezone.localtime(activity.starts_at).strftime("%m-%d %H:%M"),
                "taken": activity.taken,
                "capacity": activity.capacity or "∞",
            },
            reverse("admin:campaigns_activity_change", args=[activity.pk]),
        )
        for activity in coming[:8]
    ]
    pools = Pool.objects.editable_by(request.user).filter(state=lifecycle.PoolState.ANNOUNCED, closes_at__gt=now)
    entries += [
        Entry(
            pool.title,
            _("%(claimed)d of %(size)d coupons claimed") % {"claimed": pool.claimed, "size": pool.size},
            reverse("admin:campaigns_pool_change", args=[pool.pk]),
        )
        for pool in pools.with_counts()[:4]
        if pool.phase(now) in (Phase.OPEN, Phase.EXHAUSTED)
    ]
    drafts = Campaign.objects.editable_by(request.user).filter(state=lifecycle.CampaignState.DRAFT).count()
    counts = [Count(_("Drafts"), drafts, changelist("campaigns.campaign", state__exact="draft"))] if drafts else []
    return Panel(_("Activities of the week"), counts=counts, entries=entries, empty=_("Nothing is on this week."))


_VERBS = {
    "sign_up": gettext_lazy("Signed up"),
    "move_up": gettext_lazy("Moved up from the waiting list"),
    "cancel": gettext_lazy("Cancelled the sign-up"),
    "attend": gettext_lazy("Marked as present"),
    "miss": gettext_lazy("Marked as absent"),
    "hold": gettext_lazy("Marked as held"),
    "call_off": gettext_lazy("Called off"),
    "report": gettext_lazy("Reported on it"),
    "repeat": gettext_lazy("Added further dates"),
    "publish": pgettext_lazy("campaign", "Published"),
    "unpublish": gettext_lazy("Took off the site"),
    "finish": gettext_lazy("Finished"),
    "announce": gettext_lazy("Announced"),
    "claim": gettext_lazy("Claimed a coupon"),
    "redeem": gettext_lazy("Redeemed a coupon"),
    "renew_merchant_link": gettext_lazy("Renewed the merchant's link"),
    "collect": gettext_lazy("Took in a wish"),
    "screen": gettext_lazy("Took on a wish"),
    "decline": gettext_lazy("Declined a wish"),
    "agree_to_showing": gettext_lazy("Decided on showing the wish"),
    "adopt": gettext_lazy("Adopted a wish"),
    "buy": gettext_lazy("Bought what was wished"),
    "deliver": gettext_lazy("Delivered"),
    "thank": gettext_lazy("Thanked"),
    "fill": gettext_lazy("Filled the post"),
    "tell_interest": gettext_lazy("Told interest in a post"),
    "withdraw_interest": gettext_lazy("Withdrew the interest"),
    "refer": gettext_lazy("Referred to the employer"),
    "close": gettext_lazy("Finished"),
    "hire": gettext_lazy("Hired"),
    "pass_over": gettext_lazy("Not hired"),
    "book": gettext_lazy("Booked"),
}


def register() -> None:
    """Called once when the app is ready."""
    register_panel(activities_panel, order=40)
    register_panel(wishes_panel, order=45)
    tables = (lifecycle.CAMPAIGN, lifecycle.WISH, lifecycle.POST)
    labels = {transition.verb: transition.label for table in tables for transition in table.transitions}
    register_words(of="campaigns", verbs={**labels, **_VERBS})
    place("campaigns.campaign", CAMPAIGNS, order=10, icon="campaign")
    place("campaigns.activity", CAMPAIGNS, order=20, icon="event")
    place("campaigns.registration", CAMPAIGNS, order=30, icon="how_to_reg")
    place("campaigns.pool", CAMPAIGNS, order=40, icon="redeem")
    place("campaigns.coupon", CAMPAIGNS, order=50, icon="confirmation_number")
    place("campaigns.wish", CAMPAIGNS, order=60, icon="favorite")
    place("campaigns.jobpost", CAMPAIGNS, order=70, icon="work")
    place("campaigns.jobinterest", CAMPAIGNS, order=80, icon="handshake")
    place("ledger.ledgerline", CAMPAIGNS, order=90, icon="payments")
