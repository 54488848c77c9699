from stations.models.catalogues import Facility, HostKind, StationKind
from stations.models.details import (
    OpeningPeriod,
    PositionDoubt,
    StationFacility,
    StationKeeper,
    StationPhoto,
    StationPurpose,
)
from stations.models.stations import Station, StationSerial

__all__ = [
    "Facility",
    "HostKind",
    "OpeningPeriod",
    "PositionDoubt",
    "Station",
    "StationFacility",
    "StationKeeper",
    "StationKind",
    "StationPhoto",
    "StationPurpose",
    "StationSerial",
]
