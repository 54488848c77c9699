"""The staff's pages of stations and of the catalogues behind them."""

from stations.admin.assessments import StationAssessmentAdmin
from stations.admin.building import BuildingProjectAdmin, InvestmentLineAdmin, SubsidyAdmin, SubsidyStandardAdmin
from stations.admin.catalogues import FacilityAdmin, HostKindAdmin, StationKindAdmin
from stations.admin.honours import AppealAdmin, HonourAdmin
from stations.admin.offers import HostOfferAdmin
from stations.admin.rectifications import RectificationAdmin
from stations.admin.shop import FundSpendingAdmin, ShopGoodAdmin, ShopMonthAdmin
from stations.admin.stations import StationAdmin
from stations.admin.venue_life import (
    AssetAdmin,
    BaseAdmin,
    DutyShiftAdmin,
    ExhibitAdmin,
    ExhibitionAdmin,
    GroupCodeAdmin,
    GroupVisitAdmin,
    GuideAdmin,
    StationPostAdmin,
    SupplyAdmin,
    TemporaryServiceAdmin,
    TenantServiceAdmin,
    VolunteerHoursAdmin,
)

__all__ = [
    "AppealAdmin",
    "AssetAdmin",
    "BaseAdmin",
    "BuildingProjectAdmin",
    "DutyShiftAdmin",
    "ExhibitAdmin",
    "ExhibitionAdmin",
    "FacilityAdmin",
    "FundSpendingAdmin",
    "GroupCodeAdmin",
    "GroupVisitAdmin",
    "GuideAdmin",
    "HonourAdmin",
    "HostKindAdmin",
    "HostOfferAdmin",
    "InvestmentLineAdmin",
    "RectificationAdmin",
    "ShopGoodAdmin",
    "ShopMonthAdmin",
    "StationAdmin",
    "StationAssessmentAdmin",
    "StationKindAdmin",
    "StationPostAdmin",
    "SubsidyAdmin",
    "SubsidyStandardAdmin",
    "SupplyAdmin",
    "TemporaryServiceAdmin",
    "TenantServiceAdmin",
    "VolunteerHoursAdmin",
]
