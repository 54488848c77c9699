"""Writes periods in the notation of Chinese station lists, which the reader reads back unchanged."""

from collections.abc import Iterable
from itertools import groupby

from .model import DAY_MINUTES, EVERY_DAY, Period, Season, minutes_of

_NAMES = dict(zip(EVERY_DAY, "一二三四五六日", strict=True))
_ACCESS = {
    "staffed": "有人值守",
    "self-service": "自助",
    "qr": "扫码进入",
    "id-card": "刷身份证进入",
    "door-open": "自由进出",
}


def describe_days(days: Iterable[int]) -> str:
    """周一至周五、周日; all seven are 每天. Runs of three days and more are written with 至."""
    ordered = sorted(days)
    if tuple(ordered) == EVERY_DAY:
        return "每天"
    parts: list[str] = []
    for _, run in groupby(enumerate(ordered), key=lambda pair: pair[1] - pair[0]):
        names = [f"周{_NAMES[day]}" for _, day in run]
        parts += [f"{names[0]}至{names[-1]}"] if len(names) > 2 else names
    return "、".join(parts)


def _clock(minutes: int) -> str:
    if minutes > DAY_MINUTES:
        return f"次日{_clock(minutes - DAY_MINUTES)}"
    return f"{minutes // 60}:{minutes % 60:02d}"


def _range(period: Period) -> str:
    opens, closes = minutes_of(period.opens), minutes_of(period.closes)
    whole = (opens, closes) == (0, DAY_MINUTES)
    text = "24小时" if whole else f"{_clock(opens)}–{_clock(closes)}"
    return text + (f"（{_ACCESS[period.access]}）" if period.access else "")


def _season(season: Season | None) -> str:
    if season is None:
        return ""
    ends = [f"{int(end[:2])}月{int(end[3:])}日" for end in (season.start, season.end) if end]
    dates = "至".join(ends)
    return f"{season.name}（{dates}）" if season.name and dates else season.name or dates


def describe(periods: Iterable[Period]) -> str:
    """周一至周五 8:30–11:30、13:00–17:00；周六 9:00–12:00 (Chinese whatever the interface language is)."""
    groups = groupby(periods, key=lambda period: (period.season, period.area, tuple(period.days)))
    lines = []
    for (season, area, days), members in groups:
        words = (_season(season), area, describe_days(days), "、".join(_range(member) for member in members))
        lines.append(" ".join(word for word in words if word))
    return "；".join(lines)
