"""Everything that can happen to campaigns and what they bring. Views, the admin and imports come through here."""

from campaigns.actions.activities import (
    cancel,
    change_activity_state,
    check_in,
    give_back_places,
    mark_presence,
    move_up,
    save_activity,
    sign_up,
)
from campaigns.actions.campaigns import change_campaign_state, save_campaign
from campaigns.actions.coupons import change_pool_state, claim, redeem, renew_merchant_link, save_pool
from campaigns.actions.jobs import (
    change_post_state,
    save_posts,
    settle_interest,
    show_interested_phone,
    tell_interest,
    withdraw_interest,
)
from campaigns.actions.rules import ByMember, said_plainly
from campaigns.actions.series import repeat_activity, report_activity
from campaigns.actions.wishes import adopt, agree_to_showing, buy, collect, confirm, deliver, screen, thank, withdraw

__all__ = [
    "ByMember",
    "adopt",
    "agree_to_showing",
    "buy",
    "cancel",
    "change_activity_state",
    "change_campaign_state",
    "change_pool_state",
    "change_post_state",
    "check_in",
    "claim",
    "collect",
    "confirm",
    "deliver",
    "give_back_places",
    "mark_presence",
    "move_up",
    "redeem",
    "renew_merchant_link",
    "repeat_activity",
    "report_activity",
    "said_plainly",
    "save_activity",
    "save_campaign",
    "save_pool",
    "save_posts",
    "screen",
    "settle_interest",
    "show_interested_phone",
    "sign_up",
    "tell_interest",
    "thank",
    "withdraw",
    "withdraw_interest",
]
