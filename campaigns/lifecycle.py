"""What can happen to campaigns, activities, sign-ups, pools, coupons, wishes, posts and interest in posts.

Each is a transition table; the verbs in `actions` ask the table and nobody compares states by hand.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from unionportal.states import StateTable, Transition


class CampaignState(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("campaign", "Draft")
    PUBLISHED = "published", pgettext_lazy("campaign", "Published")
    FINISHED = "finished", _("Finished")


PUBLIC_CAMPAIGN = (CampaignState.PUBLISHED, CampaignState.FINISHED)

CAMPAIGN = StateTable(
    CampaignState,
    [
        Transition(
            "publish",
            {CampaignState.DRAFT},
            CampaignState.PUBLISHED,
            "campaigns.publish_campaign",
            pgettext_lazy("campaign", "Publish"),
        ),
        Transition(
            "unpublish",
            {CampaignState.PUBLISHED},
            CampaignState.DRAFT,
            "campaigns.publish_campaign",
            _("Take off the site"),
        ),
        Transition(
            "finish", {CampaignState.PUBLISHED}, CampaignState.FINISHED, "campaigns.publish_campaign", _("Finish")
        ),
        Transition(
            "resume", {CampaignState.FINISHED}, CampaignState.PUBLISHED, "campaigns.publish_campaign", _("Resume")
        ),
    ],
    initial=[CampaignState.DRAFT],
)


class ActivityState(models.TextChoices):
    PLANNED = "planned", pgettext_lazy("activity", "Planned")
    HELD = "held", _("Held")
    REPORTED = "reported", pgettext_lazy("activity", "Held and reported")
    CALLED_OFF = "called_off", _("Called off")


ACTIVITY = StateTable(
    ActivityState,
    [
        Transition("hold", {ActivityState.PLANNED}, ActivityState.HELD, "campaigns.change_activity", _("Mark as held")),
        Transition(
            "call_off", {ActivityState.PLANNED}, ActivityState.CALLED_OFF, "campaigns.change_activity", _("Call off")
        ),
        Transition(
            "report",
            {ActivityState.HELD, ActivityState.REPORTED},
            ActivityState.REPORTED,
            "campaigns.change_activity",
            pgettext_lazy("activity", "Report on it"),
        ),
    ],
    initial=[ActivityState.PLANNED],
)


class RegistrationState(models.TextChoices):
    CONFIRMED = "confirmed", pgettext_lazy("sign-up", "Place confirmed")
    WAITING = "waiting", _("On the waiting list")
    CANCELLED = "cancelled", pgettext_lazy("sign-up", "Cancelled")
    ATTENDED = "attended", _("Attended")
    NO_SHOW = "no_show", _("Did not come")


# Who takes a place; the capacity of an activity counts these. The database triggers name the same two.
TAKES_A_PLACE = (RegistrationState.CONFIRMED, RegistrationState.ATTENDED)
STANDING = (RegistrationState.CONFIRMED, RegistrationState.WAITING)

REGISTRATION = StateTable(
    RegistrationState,
    [
        Transition("move_up", {RegistrationState.WAITING}, RegistrationState.CONFIRMED, "", _("Move up")),
        Transition("cancel", set(STANDING), RegistrationState.CANCELLED, "", _("Cancel the sign-up")),
        Transition(
            "attend",
            {RegistrationState.CONFIRMED, RegistrationState.NO_SHOW},
            RegistrationState.ATTENDED,
            "campaigns.attend_registration",
            _("Mark as present"),
        ),
        Transition(
            "miss",
            {RegistrationState.CONFIRMED, RegistrationState.ATTENDED},
            RegistrationState.NO_SHOW,
            "campaigns.attend_registration",
            _("Mark as absent"),
        ),
    ],
    initial=[RegistrationState.CONFIRMED, RegistrationState.WAITING],
)


class PoolState(models.TextChoices):
    """What staff decided. What a visitor sees besides (open, exhausted) follows from the clock and the coupons."""

    DRAFT = "draft", pgettext_lazy("campaign", "Draft")
    ANNOUNCED = "announced", _("Announced")
    CLOSED = "closed", pgettext_lazy("giveaway", "Closed")


POOL = StateTable(
    PoolState,
    [
        Transition("announce", {PoolState.DRAFT}, PoolState.ANNOUNCED, "campaigns.announce_pool", _("Announce")),
        Transition(
            "close",
            {PoolState.ANNOUNCED},
            PoolState.CLOSED,
            "campaigns.announce_pool",
            pgettext_lazy("giveaway", "Close"),
        ),
    ],
    initial=[PoolState.DRAFT],
)


class Phase(models.TextChoices):
    """Where a giveaway stands at a moment."""

    DRAFT = "draft", pgettext_lazy("campaign", "Draft")
    ANNOUNCED = "announced", _("Announced")
    OPEN = "open", pgettext_lazy("giveaway", "Open")
    EXHAUSTED = "exhausted", _("All gone")
    CLOSED = "closed", pgettext_lazy("giveaway", "Closed")


class CouponState(models.TextChoices):
    FREE = "free", _("Free")
    CLAIMED = "claimed", _("Claimed")
    REDEEMED = "redeemed", _("Redeemed")


COUPON = StateTable(
    CouponState,
    [
        Transition("claim", {CouponState.FREE}, CouponState.CLAIMED, "", _("Claim")),
        Transition("redeem", {CouponState.CLAIMED}, CouponState.REDEEMED, "campaigns.redeem_coupon", _("Redeem")),
    ],
    initial=[CouponState.FREE],
)


class WishState(models.TextChoices):
    COLLECTED = "collected", _("Collected")
    SCREENED = "screened", _("Screened")
    DECLINED = "declined", _("Declined")
    CONFIRMED = "confirmed", _("Confirmed with the wisher")
    ADOPTED = "adopted", _("Adopted")
    BOUGHT = "bought", _("Bought")
    DELIVERED = "delivered", _("Delivered")
    THANKED = "thanked", _("Thanked")
    WITHDRAWN = "withdrawn", _("Withdrawn")


ON_THE_WALL = (
    WishState.CONFIRMED,
    WishState.ADOPTED,
    WishState.BOUGHT,
    WishState.DELIVERED,
    WishState.THANKED,
)
FULFILLED = (WishState.DELIVERED, WishState.THANKED)

WISH = StateTable(
    WishState,
    [
        Transition("screen", {WishState.COLLECTED}, WishState.SCREENED, "campaigns.screen_wish", _("Take on")),
        Transition(
            "decline",
            {WishState.COLLECTED, WishState.SCREENED},
            WishState.DECLINED,
            "campaigns.screen_wish",
            _("Decline"),
        ),
        Transition(
            "confirm", {WishState.SCREENED}, WishState.CONFIRMED, "campaigns.change_wish", _("Confirm with the wisher")
        ),
        Transition("adopt", {WishState.CONFIRMED}, WishState.ADOPTED, "", _("Adopt")),
        Transition(
            "buy", {WishState.CONFIRMED, WishState.ADOPTED}, WishState.BOUGHT, "campaigns.change_wish", _("Buy")
        ),
        Transition(
            "deliver", {WishState.ADOPTED, WishState.BOUGHT}, WishState.DELIVERED, "campaigns.change_wish", _("Deliver")
        ),
        Transition("thank", {WishState.DELIVERED}, WishState.THANKED, "", _("Write down thanks")),
        Transition(
            "withdraw",
            {WishState.COLLECTED, WishState.SCREENED, WishState.CONFIRMED, WishState.ADOPTED},
            WishState.WITHDRAWN,
            "",
            _("Withdraw"),
        ),
    ],
    initial=[WishState.COLLECTED],
)


class PostState(models.TextChoices):
    OPEN = "open", pgettext_lazy("job post", "Open")
    FILLED = "filled", _("Filled")
    CLOSED = "closed", pgettext_lazy("job post", "Closed")


POST = StateTable(
    PostState,
    [
        Transition("fill", {PostState.OPEN}, PostState.FILLED, "campaigns.change_jobpost", _("Mark as filled")),
        Transition(
            "close", {PostState.OPEN}, PostState.CLOSED, "campaigns.change_jobpost", pgettext_lazy("job post", "Close")
        ),
        Transition(
            "reopen",
            {PostState.FILLED, PostState.CLOSED},
            PostState.OPEN,
            "campaigns.change_jobpost",
            _("Open again"),
        ),
    ],
    initial=[PostState.OPEN],
)


class InterestState(models.TextChoices):
    INTERESTED = "interested", _("Interested")
    REFERRED = "referred", _("Referred to the employer")
    HIRED = "hired", _("Hired")
    NOT_HIRED = "not_hired", _("Not hired")
    WITHDRAWN = "withdrawn", _("Withdrawn")


LIVE_INTEREST = (InterestState.INTERESTED, InterestState.REFERRED)

INTEREST = StateTable(
    InterestState,
    [
        Transition(
            "refer",
            {InterestState.INTERESTED},
            InterestState.REFERRED,
            "campaigns.change_jobinterest",
            _("Refer to the employer"),
        ),
        Transition(
            "hire", set(LIVE_INTEREST), InterestState.HIRED, "campaigns.change_jobinterest", _("Write down: hired")
        ),
        Transition(
            "pass_over",
            set(LIVE_INTEREST),
            InterestState.NOT_HIRED,
            "campaigns.change_jobinterest",
            _("Write down: not hired"),
        ),
        Transition("withdraw", set(LIVE_INTEREST), InterestState.WITHDRAWN, "", _("Withdraw")),
    ],
    initial=[InterestState.INTERESTED],
)
