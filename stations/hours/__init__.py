"""Opening hours as Chinese station lists write them: reading, and writing back.

>>> read_hours("周一至周五 8:30-11:30，13:00-17:00").periods[0]
Period(days=(1, 2, 3, 4, 5), opens='08:30', closes='11:30', access=None, area='', season=None)
"""

from .describe import describe, describe_days
from .model import ACCESS_MODES, HoursReading, Period, Season, clock, minutes_of
from .reader import read_hours
from .remarks import follows_host, stated_holidays

__all__ = [
    "ACCESS_MODES",
    "HoursReading",
    "Period",
    "Season",
    "clock",
    "describe",
    "describe_days",
    "follows_host",
    "minutes_of",
    "read_hours",
    "stated_holidays",
]
