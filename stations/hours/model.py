"""What a reading of an opening-hours phrase is made of."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

DAY_MINUTES = 24 * 60
EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
ACCESS_MODES = ("staffed", "self-service", "qr", "id-card", "door-open")


def clock(minutes: int) -> str:
    """Minutes after midnight of the opening day as "HH:MM"; past midnight it goes on to "32:00"."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def minutes_of(text: str) -> int:
    """The reverse of :func:`clock`. Raises ValueError when the text is not "HH:MM"."""
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


@dataclass(frozen=True, slots=True)
class Season:
    """A part of the year, both ends included.

    `start` and `end` are "MM-DD" or None (not stated); a season with `start` after `end` runs over the new
    year. The last day of February is "02-29", so compare as text, not as dates. `name` is the word of the
    list (夏季) when there is one: a named season without dates is never given dates by guess.
    """

    start: str | None = None
    end: str | None = None
    name: str = ""

    def as_dict(self) -> dict[str, str | None]:
        return {"from": self.start, "to": self.end}


def rest_of_year(seasons: list[Season]) -> list[Season]:
    """The parts of the year outside the seasons, each of which has both ends; the last may run over New Year."""
    year = [date(2024, 1, 1) + timedelta(days=n) for n in range(366)]  # a leap year: 29 February has its place
    names = [day.strftime("%m-%d") for day in year]
    taken = [any(_holds(season, name) for season in seasons) for name in names]
    starts = [n for n in range(366) if taken[n - 1] and not taken[n]]
    ends = [n for n in range(366) if not taken[n] and taken[(n + 1) % 366]]
    if starts and ends[0] < starts[0]:
        ends = ends[1:] + ends[:1]
    return [Season(names[first], names[last]) for first, last in zip(starts, ends, strict=True)]


def _holds(season: Season, name: str) -> bool:
    start, end = season.start or "", season.end or ""
    end = "02-29" if end == "02-28" else end  # who says 28 February means the end of the month
    return start <= name <= end if start <= end else name >= start or name <= end


@dataclass(frozen=True, slots=True)
class Period:
    """Open on `days` (1 Monday … 7 Sunday) from `opens` to `closes`, "HH:MM" local time.

    `closes` past midnight is counted on from the opening day: 22:00 to 08:00 closes at "32:00". `access` is
    one of ACCESS_MODES or None. `area` is set when the phrase gives hours of its own to a part of the place.
    `season` is set only when the phrase has two or more seasons with hours of their own.
    """

    days: tuple[int, ...]
    opens: str
    closes: str
    access: str | None = None
    area: str = ""
    season: Season | None = None

    def as_dict(self) -> dict[str, Any]:
        found: dict[str, Any] = {"days": list(self.days), "opens": self.opens, "closes": self.closes}
        if self.access:
            found["access"] = self.access
        if self.season:
            found["season"] = self.season.as_dict()
        return found


@dataclass(frozen=True, slots=True)
class HoursReading:
    """The result of reading one phrase.

    `understood` says that the phrase states hours and they are in `periods`; a phrase that names only a
    season, or only "工作日开放", states no hours. `notes` are remarks in the words of the list (weather,
    holidays, bookings), `unread` are stated times that could not be turned into periods without guessing. Unless
    `certain`, the periods are not the whole: others hold in a season without dates (8:00-20:00, in winter to 18:00), or
    one gets in, or does not, at times that are not stated (18:00后刷身份证进入, 午休1小时).
    """

    understood: bool
    periods: list[Period] = field(default_factory=list)
    season: Season | None = None
    notes: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    certain: bool = True

    def as_dict(self) -> dict[str, Any]:
        return {
            "understood": self.understood,
            "periods": [period.as_dict() for period in self.periods],
            "season": self.season.as_dict() if self.season else None,
            "notes": [*self.notes, *(f"{p.area} {p.opens}-{p.closes}" for p in self.periods if p.area)],
            "unread": list(self.unread),
        }
