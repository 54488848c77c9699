from unionportal.organizations.models.accounts import Account, RoleAssignment
from unionportal.organizations.models.calendar import CalendarDay, CalendarYear
from unionportal.organizations.models.divisions import Division
from unionportal.organizations.models.organizations import Organization
from unionportal.organizations.models.partners import Partner, PartnerAgreement

__all__ = [
    "Account",
    "CalendarDay",
    "CalendarYear",
    "Division",
    "Organization",
    "Partner",
    "PartnerAgreement",
    "RoleAssignment",
]
