from campaigns.models.activities import Activity, Registration
from campaigns.models.campaigns import Audience, Campaign
from campaigns.models.coupons import Coupon, Pool
from campaigns.models.jobs import JobInterest, JobPost
from campaigns.models.wishes import Wish, WishLedgerLine

__all__ = [
    "Activity",
    "Audience",
    "Campaign",
    "Coupon",
    "JobInterest",
    "JobPost",
    "Pool",
    "Registration",
    "Wish",
    "WishLedgerLine",
]
