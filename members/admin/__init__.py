"""The staff's pages of members, applications, transfers and requests, and of the catalogues behind them."""

from members.admin.applications import ApplicationAdmin
from members.admin.catalogues import ConsentTextAdmin, OccupationGroupAdmin
from members.admin.desk import DataRequestAdmin, TransferAdmin
from members.admin.register import MemberAdmin

__all__ = [
    "ApplicationAdmin",
    "ConsentTextAdmin",
    "DataRequestAdmin",
    "MemberAdmin",
    "OccupationGroupAdmin",
    "TransferAdmin",
]
