"""Settles what several ranges of one text mean together. Entries are changed in place."""

from dataclasses import replace

from .clauses import ALL_DAYS, Clause, Entry, Remarks, overlap
from .model import DAY_MINUTES, Season

# Days (None: all), start and end in minutes, and the clause that says so.
Closure = tuple[frozenset[int] | None, int, int, Clause]


def settle_seasons(entries: list[Entry]) -> Season | None:
    """One season goes to the reading; hours of a season beside ordinary hours are remarks."""
    plain = [entry for entry in entries if not entry.aside]
    seasons = {entry.season for entry in plain}
    if len(seasons) > 1 and None in seasons:
        for entry in plain:
            entry.aside = entry.season is not None
    elif len(seasons) == 1 and (season := seasons.pop()) is not None:
        for entry in plain:
            entry.season = None
        return season if season.start or season.end else None
    return None


def _rivals(entries: list[Entry], entry: Entry) -> list[Entry]:
    """The other entries that speak of the same area and season."""
    return [
        other for other in entries
        if other is not entry and not other.aside
        and (other.area, other.season) == (entry.area, entry.season)
    ]  # fmt: skip


def settle_days(entries: list[Entry]) -> None:
    """Ranges without days, or of every day, give way on the days that have hours of their own."""
    for entry in entries:
        others = [other for other in _rivals(entries, entry) if other.group != entry.group]
        if entry.days is None:
            special = frozenset().union(*(other.days or frozenset() for other in others))
        elif entry.days == ALL_DAYS:
            special = frozenset().union(
                *(o.days for o in others if o.days and o.days != ALL_DAYS and overlap(o, entry) and not entry.all_day)
            )
        else:
            continue
        entry.days = (ALL_DAYS - special) or ALL_DAYS


def settle_all_day(entries: list[Entry]) -> None:
    """24小时 with ranges inside it: the ranges if they fill the day, else the whole day and a remark."""
    for whole in [entry for entry in entries if entry.all_day and not entry.access and not entry.aside]:
        parts = [
            o for o in _rivals(entries, whole) if not o.all_day and (o.days or ALL_DAYS) & (whole.days or ALL_DAYS)
        ]
        if not parts:
            continue
        if any((part.start, part.end) == (whole.start, whole.end) for part in parts):
            entries.remove(whole)  # 00:00-24:00（24小时）
            continue
        if all(part.access for part in parts) and sum(p.end - p.start for p in parts) == DAY_MINUTES:
            entries.remove(whole)
        else:
            for part in parts:
                part.aside = True


def close(entries: list[Entry], closures: list[Closure], remarks: Remarks) -> None:
    """Takes closed days and breaks out of the ranges."""
    for days, start, end, clause in closures:
        touched = False
        for entry in [e for e in entries if not e.aside]:
            shut = (entry.days or ALL_DAYS) & (days or ALL_DAYS)
            whole = end - start >= DAY_MINUTES
            if not shut or not (whole or (entry.start < end and start < entry.end)):
                continue
            touched = True
            place = entries.index(entry)
            pieces = [replace(entry, days=(entry.days or ALL_DAYS) - shut)]
            if not whole:
                spans = ((entry.start, min(start, entry.end)), (max(end, entry.start), entry.end))
                pieces += [replace(entry, days=shut, start=a, end=b) for a, b in spans if a < b]
            entries[place : place + 1] = [piece for piece in pieces if piece.days]
        if not entries or not (touched or end - start >= DAY_MINUTES):
            remarks.clause(clause, unread=bool(entries))


def refuse_overlaps(entries: list[Entry], remarks: Remarks) -> None:
    """Two plain ranges at once contradict each other: both are left unread."""
    for entry in [e for e in entries if not e.aside]:
        rivals = [o for o in _rivals(entries, entry) if o.access == entry.access and overlap(o, entry)]
        clashing = [o for o in rivals if (o.days or ALL_DAYS) & (entry.days or ALL_DAYS)]
        if any((o.start, o.end, o.days) != (entry.start, entry.end, entry.days) for o in clashing):
            for wrong in (entry, *clashing):
                wrong.aside = True
                remarks.clause(wrong.clause, unread=True)
