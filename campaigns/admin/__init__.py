"""The staff's pages of campaigns: what is planned, who comes, what is given, whose wish comes next."""

from campaigns.admin.activities import ActivityAdmin, RegistrationAdmin
from campaigns.admin.campaigns import CampaignAdmin
from campaigns.admin.coupons import CouponAdmin, PoolAdmin
from campaigns.admin.jobs import JobInterestAdmin, JobPostAdmin
from campaigns.admin.wishes import WishAdmin

__all__ = [
    "ActivityAdmin",
    "CampaignAdmin",
    "CouponAdmin",
    "JobInterestAdmin",
    "JobPostAdmin",
    "PoolAdmin",
    "RegistrationAdmin",
    "WishAdmin",
]
