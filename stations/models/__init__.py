from stations.models.assessments import AnswerPhoto, Rectification, StationAssessment
from stations.models.bases import Base, Exhibit, Exhibition, GroupVisit, Guide
from stations.models.building import (
    BuildingProject,
    InvestmentLine,
    StationTarget,
    Subsidy,
    SubsidyStandard,
)
from stations.models.catalogues import Facility, HostKind, StationKind
from stations.models.details import (
    OpeningPeriod,
    PositionDoubt,
    StationFacility,
    StationKeeper,
    StationPhoto,
    StationPurpose,
)
from stations.models.duty import DutyShift, DutyState
from stations.models.feedback import Feedback, StationTicket
from stations.models.finder import FinderRow
from stations.models.honours import Appeal, Honour, HonourDecision
from stations.models.offers import HostOffer
from stations.models.openings import OpeningException
from stations.models.services import GroupCode, TemporaryService, TenantService
from stations.models.shop import FundSpending, ShopGood, ShopMonth
from stations.models.stations import Station, StationSerial
from stations.models.supplies import Supply, SupplyMove
from stations.models.upkeep import Asset, StationPost, VolunteerHours
from stations.models.visits import Channel, VisitDay, VisitHour, VisitSalt, VisitTap

__all__ = [
    "AnswerPhoto",
    "Appeal",
    "Asset",
    "Base",
    "BuildingProject",
    "Channel",
    "DutyShift",
    "DutyState",
    "Exhibit",
    "Exhibition",
    "Facility",
    "Feedback",
    "FinderRow",
    "FundSpending",
    "GroupCode",
    "GroupVisit",
    "Guide",
    "Honour",
    "HonourDecision",
    "HostKind",
    "HostOffer",
    "InvestmentLine",
    "OpeningException",
    "OpeningPeriod",
    "PositionDoubt",
    "Rectification",
    "ShopGood",
    "ShopMonth",
    "Station",
    "StationAssessment",
    "StationFacility",
    "StationKeeper",
    "StationKind",
    "StationPhoto",
    "StationPost",
    "StationPurpose",
    "StationSerial",
    "StationTarget",
    "StationTicket",
    "Subsidy",
    "SubsidyStandard",
    "Supply",
    "SupplyMove",
    "TemporaryService",
    "TenantService",
    "VisitDay",
    "VisitHour",
    "VisitSalt",
    "VisitTap",
    "VolunteerHours",
]
