"""What has been read of a text so far: its ranges, what holds for the ranges to come, and the remarks.

Days hold for the ranges that follow them until other days are named; days in brackets, or at the end of the
text, hold for the ranges before them. Ranges without days are for every day that no other words speak of.
"""

from dataclasses import dataclass, field, replace

from .clauses import ACCESS_RANK, ALL_DAYS, RANGES, Clause, Entry, Remarks, State, of_a_service
from .lexer import Token
from .model import DAY_MINUTES, HoursReading, Period, Season, clock
from .settling import (
    REST_OF_YEAR,
    ClosedMonths,
    Closure,
    Later,
    close,
    close_half_days,
    refuse_overlaps,
    settle_all_day,
    settle_days,
    settle_later,
    settle_seasons,
)


@dataclass
class Draft:
    text: str
    state: State = field(default_factory=State)
    entries: list[Entry] = field(default_factory=list)
    closures: list[Closure] = field(default_factory=list)
    later: list[Later] = field(default_factory=list)
    closed_months: list[ClosedMonths] = field(default_factory=list)
    season: Season | None = None
    shut: bool = False
    certain: bool = True

    def __post_init__(self) -> None:
        self.remarks = Remarks(self.text)

    def add(self, token: Token, clause: Clause, aside: bool) -> None:
        state = self.state
        start, end = (0, DAY_MINUTES) if token.kind == "allday" else token.value
        previous = self.entries[-1] if self.entries else None
        if previous and previous.clause is clause and previous.all_day and token.kind == "allday":
            return  # 24小时全天候
        follows = previous is not None and previous.group == state.group and start < previous.end
        if token.kind == "spoken_range" and follows and end <= DAY_MINUTES // 2:
            # 8:30-11:30，2:30-5:30: the second cannot be the small hours. The words stay as a note.
            start, end = start + DAY_MINUTES // 2, end + DAY_MINUTES // 2
            self.remarks.tokens([token], clause)
        for season in (*state.other_seasons, state.season):
            self.entries.append(
                Entry(
                    start, end, state.days, state.group, clause, season, state.access, state.area,
                    all_day=token.kind == "allday", aside=aside or state.holiday,
                )
            )  # fmt: skip
        state.fresh_days = state.fresh_season = state.access = None

    def take_days(self, token: Token, clause: Clause, *, backward: bool) -> None:
        state = self.state
        dayless = [entry for entry in self.entries if entry.days is None and entry.group == state.group]
        if token.kind == "days_holiday":
            self.remarks.tokens([token], clause)
        if dayless and (backward or (clause.in_bracket and not clause.has(*RANGES))):
            for entry in dayless:
                entry.days = token.value
            state.group += 1
            return
        days: frozenset[int] = token.value
        if state.fresh_days and state.days and state.days != ALL_DAYS and not clause.in_bracket:
            if all(held.kind in ("days", "days_holiday") for held in state.fresh_days.tokens):
                days = days | state.days
            else:
                self.remarks.clause(state.fresh_days)
        state.days, state.holiday, state.fresh_days = days, False, clause
        state.group += 1

    def take_season(self, token: Token, clause: Clause, *, backward: bool, ahead: bool = False) -> None:
        """Of the ranges to come; or, `backward` or in brackets behind them, of those before. `ahead`: brackets that
        stand before a range, 下午（夏季）14:30-18:30.
        """
        state = self.state
        # 冬季（12月1日至2月28日）周一至周五9:00-11:00: the dates are those of the season just named.
        ahead = ahead or (state.fresh_season is not None and clause.start - state.fresh_season.end <= 1)
        found = token.value if token.kind == "dates" else Season(name=token.text)
        if token.kind == "other_months":
            found = REST_OF_YEAR
        together = state.fresh_season and token.kind == "dates" and found.start and state.season and state.season.start
        if together and state.season:
            state.other_seasons.append(state.season)
        else:
            state.other_seasons = []
        begun = state.season if state.fresh_season and state.season and not state.season.end else None
        if begun and begun.start and found.end and not found.start:
            found = replace(begun, end=found.end)  # 自7月1日开始，至9月15日结束
        elif state.fresh_season and state.season and not together:
            dated = found if found.start or found.end else state.season
            found = replace(dated, name=state.season.name or found.name)
        if token.kind == "season":
            self.remarks.tokens([token], clause)
        unseasoned = [entry for entry in self.entries if entry.season is None and not entry.aside]
        named = self.entries[-1].season if self.entries and clause.in_bracket and not clause.has(*RANGES) else None
        if named and not (named.start or named.end) and token.kind == "dates":
            # 冬季8:00-18:00，夏季8:00-19:00（5.1-9.30): the dates are those of the season named last.
            for entry in self.entries:
                if entry.season == named:
                    entry.season = replace(found, name=named.name)
            return
        if unseasoned and (backward or (clause.in_bracket and not ahead and not clause.has(*RANGES))):
            for entry in unseasoned:
                entry.season = found
            return
        state.season, state.fresh_season = found, clause
        state.group += 1
        if state.fresh_days:
            state.outer_days = state.days
        elif not clause.in_bracket and not clause.has("days"):
            state.days = state.outer_days

    def drop_season(self) -> None:
        """春节期间（2月15日至2月23日）闭馆: the dates are not those of hours to come."""
        if self.state.fresh_season:
            self.remarks.clause(self.state.fresh_season, unread=True)
        self.state.season = self.state.fresh_season = None

    def take_access(self, kind: str, *, backward: bool) -> None:
        if backward:
            last = self.entries[-1]
            if ACCESS_RANK[kind] > ACCESS_RANK.get(last.access or "", 0):
                last.access = kind
        elif ACCESS_RANK[kind] > ACCESS_RANK.get(self.state.access or "", 0):
            self.state.access = kind

    def take_way_in_on(self, days: frozenset[int], access: str, clause: Clause) -> None:
        """周末扫码进入: on days that have hours, how one gets in then; on others nobody knows from when to when."""
        held = [entry for entry in self.entries if not entry.aside and (entry.days or ALL_DAYS) & days]
        for entry in held:
            shared = (entry.days or ALL_DAYS) & days
            entry.days = (entry.days or ALL_DAYS) - shared
            place = self.entries.index(entry)
            self.entries[place : place + 1] = [
                *([entry] if entry.days else []),
                replace(entry, days=shared, access=access),
            ]
        self.remarks.clause(clause, unread=not held)
        self.certain = self.certain and bool(held)

    def take_area(self, token: Token, *, backward: bool) -> None:
        if "自助" in token.text:
            self.take_access("self-service", backward=backward)
        if backward:
            self.entries[-1].area = token.text
        else:
            self.state.area = token.text
            self.state.group += 1

    def take_closure(self, token: Token, clause: Clause) -> None:
        if token.kind == "closed_days":
            self.closures.append((token.value, 0, 2 * DAY_MINUTES, clause))
            if "假" in token.text or "节" in token.text:
                self.remarks.tokens([token], clause)
        elif token.kind == "closed_months":
            self.closed_months.append((token.value, clause))
        else:
            days = self.state.days if self.state.fresh_days else None
            self.closures.append((days, *token.value, clause))
            self.state.fresh_days = None

    def bind_what_is_left(self) -> None:
        """Days or a season that met no range after them hold for the ranges before them."""
        state = self.state
        plain = [entry for entry in self.entries if not entry.aside]
        if state.fresh_days:
            dayless = [entry for entry in plain if entry.days is None]
            for entry in dayless:
                entry.days = state.days
            if not dayless:
                self.remarks.clause(state.fresh_days)
        begun = [entry for entry in plain if entry.season and entry.season.start and not entry.season.end]
        if state.fresh_season and state.season and state.season.end and not state.season.start and begun:
            for entry in begun:  # 7月1日起每天9:00—21:00开放，9月15日结束
                entry.season = replace(entry.season, end=state.season.end)  # type: ignore[type-var]
        elif state.fresh_season and state.season:
            unseasoned = [entry for entry in plain if entry.season is None]
            for entry in unseasoned:
                entry.season = state.season
            if not plain and (state.season.start or state.season.end):
                self.season = state.season
            elif not unseasoned:
                self.remarks.clause(state.fresh_season, unread=bool(state.season.start))
                self.certain = self.certain and not state.season.start

    def settle(self) -> None:
        """Decide what the ranges mean together, once the whole text has been read."""
        self.bind_what_is_left()
        if self.shut:
            for entry in self.entries:
                self.remarks.aside(entry, unread=True)
        self._set_services_aside()
        season, in_season = settle_seasons(self.entries, self.closed_months, self.remarks)
        self.season = season or self.season
        settle_days(self.entries)
        at_night = settle_later(self.entries, self.later, self.remarks)
        settle_all_day(self.entries, self.remarks)
        close(self.entries, self.closures, self.remarks)
        half_days = close_half_days(self.entries, self.remarks)
        refuse_overlaps(self.entries, self.remarks)
        self.certain = self.certain and in_season and at_night and half_days

    def _set_services_aside(self) -> None:
        """热水24小时供应，8:00-20:00开放: the hours of the place are those that are not of something in it."""
        plain = [entry for entry in self.entries if not entry.aside]
        services = [entry for entry in plain if of_a_service(entry.clause)]
        for entry in services if len(services) < len(plain) else []:
            self.remarks.aside(entry)

    def reading(self) -> HoursReading:
        periods: list[Period] = []
        for entry in self.entries:
            if entry.aside:
                continue
            days = tuple(sorted(entry.days or ALL_DAYS))
            period = Period(days, clock(entry.start), clock(entry.end), entry.access, entry.area, entry.season)
            if period not in periods:
                periods.append(period)
        notes, unread = self.remarks.lines(self.entries)
        stripped = self.text.strip()
        if any(char.isalnum() for char in stripped) and not (periods or self.season or notes or unread):
            notes = [stripped]
        return HoursReading(bool(periods), periods, self.season, list(dict.fromkeys(notes)), unread, self.certain)
