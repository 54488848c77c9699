"""Settles what several ranges of one text mean together. Entries are changed in place."""

from dataclasses import replace

from .clauses import ALL_DAYS, Clause, Entry, Remarks, overlap
from .model import DAY_MINUTES, Season, rest_of_year

_NOON = 12 * 60 + 30

# Days (None: all), start and end in minutes, and the clause that says so.
Closure = tuple[frozenset[int] | None, int, int, Clause]
# Months in which the place is shut every year, and the clause that says so.
ClosedMonths = tuple[Season, Clause]
# From a minute of the day on one gets in otherwise: the minute (None: "at night"), the way in (None: by none that is
# known here), and the clause that says so.
Later = tuple[int | None, str | None, Clause]
# The season of "the other months", until all seasons have been read.
REST_OF_YEAR = Season(name="其他月份")


def settle_seasons(entries: list[Entry], closed: list[ClosedMonths], remarks: Remarks) -> tuple[Season | None, bool]:
    """The season of the whole reading, and whether it is certain when the periods hold.

    Among several seasons those without dates are left unread: nobody knows when they begin. One dated season beside
    ordinary hours takes the place of the ordinary hours that it overlaps.
    """
    _share_mornings(entries)
    certain = _settle_rest_of_year(entries, closed, remarks)
    certain = _settle_days_of_seasons(entries, remarks) and certain
    plain = [entry for entry in entries if not entry.aside]
    if len({entry.season for entry in plain}) > 1:
        for entry in plain:
            if entry.season and not (entry.season.start and entry.season.end):
                remarks.aside(entry, unread=True)
                certain = False
        plain = [entry for entry in plain if not entry.aside]
        if any(entry.season is None for entry in plain) and not _settle_dated(plain):
            for entry in plain:
                if entry.season:
                    remarks.aside(entry, unread=True)
                    certain = False
            plain = [entry for entry in plain if not entry.aside]
    seasons = {entry.season for entry in plain}
    if len(seasons) == 1 and (season := seasons.pop()) is not None:
        for entry in plain:
            entry.season = None
        dated = bool(season.start or season.end)
        return (season if dated else None), certain and dated
    return None, certain


def _settle_dated(plain: list[Entry]) -> bool:
    """8:00-18:00（7-8月8:00-20:00）: the ordinary hours hold in the rest of the year. False where that is not sure."""
    dated = [entry for entry in plain if entry.season]
    ordinary = [entry for entry in plain if entry.season is None]
    if len({entry.season for entry in dated}) > 1:
        return _settle_beside_seasons(ordinary, dated)
    season = dated[0].season if dated else None
    days = {entry.days for entry in plain}
    if season is None or len(days) > 1 or any(entry.season != season or entry.area for entry in dated):
        return season is None
    replaced = [entry for entry in ordinary if any(overlap(entry, other) for other in dated)]
    if any(not any(overlap(entry, other) for other in ordinary) for entry in dated):
        return False
    rest = rest_of_year([season])
    if len(rest) != 1:
        return False
    for entry in replaced:
        entry.season = rest[0]
    return True


def _settle_beside_seasons(ordinary: list[Entry], dated: list[Entry]) -> bool:
    """周一至周五8:30-12:00，5-9月14:30-18:00，10-4月14:00-17:30: the mornings are those of all seasons, and their days
    hold for the afternoons. False where that is not sure.
    """
    days = {entry.days for entry in ordinary}
    if len(days) > 1 or any(overlap(entry, other) for entry in ordinary for other in dated):
        return False
    if any(entry.days not in (None, *days) or entry.area for entry in dated):
        return False
    if rest_of_year([entry.season for entry in dated if entry.season]):
        return False
    for entry in dated:
        entry.days = entry.days or ordinary[0].days
    return True


def _share_mornings(entries: list[Entry]) -> None:
    """上午8:30-12:00，下午14:30-18:00（5-9月），14:00-17:30（10-4月）: brackets behind the first afternoon do not speak
    of the morning when the other seasons, which fill the year with it, have afternoons only.
    """
    plain = [entry for entry in entries if not entry.aside]
    dated = [entry.season for entry in plain if entry.season and entry.season.start and entry.season.end]
    mornings = [entry for entry in plain if entry.end <= _NOON]
    said = any("上午" in entry.clause.text for entry in mornings)
    if len(dated) < len(plain) or len(set(dated)) < 2 or rest_of_year(dated) or not said:
        return
    if len({entry.season for entry in mornings}) == 1 and mornings[0] is plain[0]:
        for entry in mornings:
            entry.season = None


def _settle_rest_of_year(entries: list[Entry], closed: list[ClosedMonths], remarks: Remarks) -> bool:
    """5-9月8:00-20:00，其他月份8:30-18:00 · 9:00-17:00（7、8月不开放): the other months are those that nothing else
    is said of.

    Unread where a season has no dates, or days of its own that may or may not hold in the other months. Returns
    whether all was read.
    """
    plain = [entry for entry in entries if not entry.aside]
    resting = [entry for entry in plain if entry.season == REST_OF_YEAR]
    seasonal = [entry for entry in plain if entry.season != REST_OF_YEAR and not (closed and entry.season is None)]
    if closed and not seasonal:
        resting = plain
    elif closed and not resting:
        for _, clause in closed:
            remarks.clause(clause, unread=True)
        return False
    dated = [entry.season for entry in seasonal if entry.season and entry.season.start and entry.season.end]
    dated += [season for season, _ in closed]
    gaps = rest_of_year(dated) if len(dated) == len(seasonal) + len(closed) else []
    partial = any((entry.days or ALL_DAYS) != ALL_DAYS for entry in seasonal)
    read = True
    for entry in resting:
        if not gaps or (partial and entry.days is None):
            remarks.aside(entry, unread=True)
            read = False
            continue
        place = entries.index(entry)
        entries[place : place + 1] = [replace(entry, season=gap) for gap in gaps]
    return read


def _settle_days_of_seasons(entries: list[Entry], remarks: Remarks) -> bool:
    """5-9月周一至周五8:00-18:00，10-4月8:30-17:30: nobody knows on which days the second season's hours hold."""
    seasonal = [entry for entry in entries if not entry.aside and entry.season]
    seasons = {entry.season for entry in seasonal}
    if len(seasons) < 2 or not any(
        all((entry.days or ALL_DAYS) != ALL_DAYS for entry in seasonal if entry.season == season) for season in seasons
    ):
        return True
    dayless = [entry for entry in seasonal if entry.days is None]
    for entry in dayless:
        remarks.aside(entry, unread=True)
    return not dayless


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
            entry.days -= frozenset().union(*(o.days for o in others if _for_one_of_its_days(entry, o) and o.days))
            continue
        entry.days = (ALL_DAYS - special) or ALL_DAYS


def _for_one_of_its_days(entry: Entry, other: Entry) -> bool:
    """周一至周五9:00-17:00（周三9:00-20:00）."""
    inside = other.clause.in_bracket and not entry.clause.in_bracket
    return inside and (other.days or ALL_DAYS) < (entry.days or ALL_DAYS) and overlap(entry, other)


def settle_all_day(entries: list[Entry], remarks: Remarks) -> None:
    """24小时 with ranges inside it: the ranges if they fill the day, else the whole day and a remark.

    A mere range beside it contradicts it: both are left unread.
    """
    for whole in [entry for entry in entries if entry.all_day and not entry.access and not entry.aside]:
        parts = [
            o for o in _rivals(entries, whole) if not o.all_day and (o.days or ALL_DAYS) & (whole.days or ALL_DAYS)
        ]
        if not parts:
            continue
        if any((part.start, part.end) == (whole.start, whole.end) for part in parts):
            entries.remove(whole)  # 00:00-24:00（24小时）
            continue
        if any(part.access for part in parts) and sum(p.end - p.start for p in parts) == DAY_MINUTES:
            entries.remove(whole)
            continue
        contradicted = any(not part.access and not part.clause.has("word", "qualified", "area") for part in parts)
        for part in parts:
            remarks.aside(part, unread=contradicted)
        if contradicted:
            remarks.aside(whole, unread=True)


def rest_of_day(group: list[Entry]) -> list[Entry]:
    """What the ranges of the same days leave of the day, until they begin again, and the other days whole."""
    group = sorted(group, key=lambda entry: entry.start)
    first = group[0]
    starts = [entry.start for entry in group[1:]] + [first.start + DAY_MINUTES]
    rest = [
        _on_its_day(replace(first, start=entry.end, end=start))
        for entry, start in zip(group, starts, strict=True)
        if entry.end < start
    ]
    if first.days and (other_days := ALL_DAYS - first.days):
        rest.append(replace(first, days=other_days, end=first.start + DAY_MINUTES))
    return rest


def _on_its_day(entry: Entry) -> Entry:
    """What begins after midnight begins on the next day: 26:00-34:00 of Friday is 02:00-10:00 of Saturday."""
    if entry.start < DAY_MINUTES:
        return entry
    days = entry.days and frozenset(day % 7 + 1 for day in entry.days)
    return replace(entry, days=days, start=entry.start - DAY_MINUTES, end=entry.end - DAY_MINUTES)


def settle_later(entries: list[Entry], later: list[Later], remarks: Remarks) -> bool:
    """18:00后刷身份证进入: the way into what is open after 18:00, by a period of its own or round the clock.

    Without "24 hours" nobody knows until when that holds: it is left unread, for one must not be told that the door
    is closed. Returns whether all was read.
    """
    read = True
    for minute, access, clause in later:
        plain = [entry for entry in entries if not entry.aside and not entry.all_day]
        whole = any(entry.all_day and not entry.aside for entry in entries)
        ending = [entry for entry in plain if minute is not None and entry.start < minute == entry.end]
        going_on = [entry for entry in plain if minute is not None and entry.start < minute < entry.end]
        if access and whole and ending:
            entries += [_until_next_opening(entry, plain, access, clause) for entry in ending]
        elif access and minute is not None and going_on:
            for entry in going_on:
                entries.insert(entries.index(entry) + 1, replace(entry, start=minute, access=access))
                entry.end = minute
        else:
            known = whole or bool(going_on) or any(entry.end > DAY_MINUTES for entry in plain)
            remarks.clause(clause, unread=not known)
            read = read and known
    return read


def _until_next_opening(entry: Entry, entries: list[Entry], access: str, clause: Clause) -> Entry:
    """The night after a range, until the first range of the same days begins again."""
    first = min(other.start for other in entries if other.days == entry.days)
    return replace(entry, start=entry.end, end=first + DAY_MINUTES, access=access, clause=clause)


def close_half_days(entries: list[Entry], remarks: Remarks) -> bool:
    """周日下午休息 beside 8:00-12:00、13:00-18:00: the range that is the half day falls away.

    A range over noon stays, and the words stay unread: nobody knows when the half day begins. Returns whether all was
    read.
    """
    for remark in [held for held in remarks.held if held.half_day]:
        days, part = remark.half_day or (frozenset(), "")
        on_days = [e for e in entries if not e.aside and (e.days or ALL_DAYS) & days]
        halves = [e for e in on_days if (e.start >= _NOON if part == "下午" else e.end <= _NOON)]
        if not halves or any(e.start < _NOON < e.end for e in on_days):
            continue
        remark.unread = False
        for entry in halves:
            entry.days = (entry.days or ALL_DAYS) - days
            if not entry.days:
                entries.remove(entry)
    return not any(held.half_day and held.unread for held in remarks.held)


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
    """Two plain ranges at once contradict each other: both are left unread; what a bracket says of a part of the day
    (12:00-13:00由志愿者值守) is a remark.
    """
    for entry in [e for e in entries if not e.aside and e.clause.in_bracket and e.clause.has("word")]:
        if any(o.start <= entry.start and entry.end <= o.end for o in _rivals(entries, entry)):
            remarks.aside(entry)
    for entry in [e for e in entries if not e.aside]:
        rivals = [o for o in _rivals(entries, entry) if o.access == entry.access and overlap(o, entry)]
        clashing = [o for o in rivals if (o.days or ALL_DAYS) & (entry.days or ALL_DAYS)]
        if any((o.start, o.end, o.days) != (entry.start, entry.end, entry.days) for o in clashing):
            for wrong in (entry, *clashing):
                wrong.aside = True
                remarks.clause(wrong.clause, unread=True)
