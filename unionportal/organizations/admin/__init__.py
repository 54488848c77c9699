"""The staff's pages of organisations, accounts, roles, divisions and partners."""

from unionportal.organizations.admin.accounts import AccountAdmin
from unionportal.organizations.admin.calendar import CalendarDayAdmin, CalendarYearAdmin
from unionportal.organizations.admin.organizations import DivisionAdmin, OrganizationAdmin
from unionportal.organizations.admin.partners import PartnerAdmin

__all__ = [
    "AccountAdmin",
    "CalendarDayAdmin",
    "CalendarYearAdmin",
    "DivisionAdmin",
    "OrganizationAdmin",
    "PartnerAdmin",
]
