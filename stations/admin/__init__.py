"""The staff's pages of stations and of the catalogues behind them."""

from stations.admin.catalogues import FacilityAdmin, HostKindAdmin, StationKindAdmin
from stations.admin.stations import StationAdmin

__all__ = ["FacilityAdmin", "HostKindAdmin", "StationAdmin", "StationKindAdmin"]
