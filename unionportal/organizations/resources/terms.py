"""What a list says of a union and the portal keeps in another form: the end of a term, the figures of a return."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

# How far the end of a term may lie from a whole number of years after its beginning.
TERM_SLACK_DAYS = 45


def whole_years(begin: datetime.date, end: datetime.date) -> int | None:
    """The length of a term; None where it is no whole number of one to five years."""
    years = round((end - begin).days / 365.25)
    is_whole = abs((end - begin).days - years * 365.25) <= TERM_SLACK_DAYS
    return years if is_whole and 1 <= years <= 5 else None


def years_before(end: datetime.date, years: int) -> datetime.date:
    """The same day of an earlier year; of 29 February the 28th."""
    day = 28 if (end.month, end.day) == (2, 29) else end.day
    return end.replace(year=end.year - years, day=day)


def with_kept(remarks: str, kept: Sequence[tuple[str, str]]) -> str:
    """Remarks with each figure once, as the latest list states it: 重点企业；会员人数：120."""
    stated = dict(kept)
    pieces = [piece for piece in remarks.split("；") if piece and piece.split("：")[0] not in stated]
    return "；".join([*pieces, *(f"{heading}：{text}" for heading, text in stated.items())])
