from campaigns.models.activities import Activity, Registration
from campaigns.models.campaigns import Audience, Campaign
from campaigns.models.coupons import Coupon, Pool
from campaigns.models.jobs import JobInterest, JobPost
from campaigns.models.photos import ActivityPhoto
from campaigns.models.wishes import Wish, WishLedgerLine

__all__ = [
    "Activity",
    "ActivityPhoto",
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
