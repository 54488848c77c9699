"""Reads the phrases of one text in order and says which hours apply on which days.

Days hold for the ranges that follow them until other days are named; days in brackets, or at the end of the
text, hold for the ranges before them. Ranges without days are for every day that no other words speak of.
"""

from dataclasses import dataclass, field, replace

from .clauses import (
    ACCESS_RANK,
    ALL_DAYS,
    RANGES,
    TIMES,
    Clause,
    Entry,
    Remarks,
    State,
    clauses_of,
    named,
    on_request,
    plain_time,
    takes_off_hours,
)
from .closures import says_shut, shut_between
from .lexer import Token, normalise, tokens_of
from .model import DAY_MINUTES, HoursReading, Period, Season, clock
from .phrases import AFTER, phrases_of
from .settling import (
    Closure,
    Later,
    close,
    close_half_days,
    refuse_overlaps,
    rest_of_day,
    settle_all_day,
    settle_days,
    settle_later,
    settle_seasons,
)


@dataclass
class Reader:
    text: str
    state: State = field(default_factory=State)
    entries: list[Entry] = field(default_factory=list)
    closures: list[Closure] = field(default_factory=list)
    later: list[Later] = field(default_factory=list)
    season: Season | None = None
    shut: bool = False
    certain: bool = True

    def __post_init__(self) -> None:
        self.remarks = Remarks(self.text)

    def read(self) -> HoursReading:
        clauses = list(clauses_of(phrases_of(list(tokens_of(normalise(self.text))))))
        for number, clause in enumerate(clauses):
            following = clauses[number + 1] if number + 1 < len(clauses) else None
            self._read_clause(clause, following)
        self._bind_what_is_left()
        if self.shut:
            for entry in self.entries:
                self.remarks.aside(entry, unread=True)
        season, certain = settle_seasons(self.entries, self.remarks)
        self.season = season or self.season
        settle_days(self.entries)
        settle_later(self.entries, self.later, self.remarks)
        settle_all_day(self.entries)
        close(self.entries, self.closures, self.remarks)
        close_half_days(self.entries, self.remarks)
        refuse_overlaps(self.entries, self.remarks)
        self.certain = self.certain and certain
        return self._reading()

    def _read_clause(self, clause: Clause, following: Clause | None) -> None:
        plain = not clause.has("word", "qualified")
        if clause.has("days", "days_holiday", "holiday", "season", "dates", "closed_days"):
            self.state.beyond_weeks = False
        if says_shut(clause):
            self.shut = True
            self.remarks.clause(clause, unread=clause.has(*RANGES), lone=True)
        elif shut_between(clause) or self._out_of_season(clause):
            self.remarks.clause(clause, unread=True)
        elif clause.has("qualifier", "daynum") or (self.state.beyond_weeks and clause.has(*RANGES, *TIMES)):
            self._beyond_weeks(clause, following)
        elif self._later_way_in(clause):
            pass
        elif clause.has("rest") and clause.has(*ACCESS_RANK):
            self._rest_of_the_day(clause)
        elif clause.has("extend") and self._extended(clause):
            pass
        elif clause.has(*RANGES) and (plain or not self._only_maybe(clause)):
            self._read_ranges(clause)
        elif clause.has(*TIMES):
            self.remarks.clause(clause, unread=plain_time(clause), lone=True)
        elif clause.has("closed_days", "closed_range") and plain:
            self._read_closures(clause)
        else:
            self._read_words(clause, following)

    def _beyond_weeks(self, clause: Clause, following: Clause | None) -> None:
        """每月1日、15日: neither they nor the ranges they are said of become days of the week."""
        at = next(n for n, token in enumerate(clause.tokens) if token.kind in ("qualifier", *RANGES, *TIMES, "daynum"))
        named = next((n for n, token in enumerate(clause.tokens) if token.kind == "qualifier"), at)
        if at < named and clause.has("closed", "closed_days"):  # 8:00-18:00 每月第三个周一闭馆
            self._read_clause(Clause(clause.tokens[:named], clause.in_bracket, clause.sentence), None)
            clause = Clause(clause.tokens[named:], clause.in_bracket, clause.sentence)
        self.remarks.clause(clause, unread=True, lone=True)
        if clause.has("closed", "closed_days"):
            return
        ranges_follow = following is not None and following.sentence == clause.sentence
        said = [entry for entry in self.entries if entry.clause.sentence == clause.sentence]
        if said and not clause.has(*RANGES) and (clause.in_bracket or not ranges_follow):
            for entry in said:
                if entry.group == said[-1].group:
                    self.remarks.aside(entry, unread=True)
        else:
            self.state.beyond_weeks = True

    def _out_of_season(self, clause: Clause) -> bool:
        """冬季不开放 · 冬季提前1小时关闭: nobody knows from when to when."""
        found = clause.has("season") and not clause.has(*RANGES) and takes_off_hours(clause)
        self.certain = self.certain and not found
        return found

    def _later_way_in(self, clause: Clause) -> bool:
        """18:00后刷身份证进入: how one gets in from a time on."""
        kinds = [token.kind for token in clause.tokens if token.kind not in ("filler", "word")]
        if kinds[:2] != ["time", "qualified"] or len(kinds) != 3 or kinds[2] not in ACCESS_RANK:
            return False
        time, after = (token for token in clause.tokens if token.kind in ("time", "qualified"))
        if after.text not in AFTER or time.value.minutes is None or clause.tokens[0] is not time:
            return False
        self.later.append((time.value.minutes, kinds[2], clause))
        return True

    @staticmethod
    def _only_maybe(clause: Clause) -> bool:
        return not clause.has(*(kind for kind in RANGES if kind != "maybe_range"))

    def _read_ranges(self, clause: Clause) -> None:
        before = len(self.entries)
        other_times = clause.has("rest") and bool(self.entries)
        aside = clause.has("old") or other_times or self._service_of_its_own(clause)
        for place, token in enumerate(clause.tokens):
            later = any(other.kind in RANGES for other in clause.tokens[place + 1 :])
            earlier = len(self.entries) > before
            if token.kind in RANGES:
                self._add(token, clause, aside)
            elif token.kind in ("days", "days_holiday"):
                if earlier and not later and on_request(clause, place):
                    self.remarks.tokens(clause.tokens[place:], clause)
                else:
                    self._take_days(token, clause, backward=earlier and not later)
            elif token.kind == "holiday":
                self.state.holiday = True
            elif token.kind in ("season", "dates"):
                self._take_season(token, clause, backward=earlier and not later)
            elif token.kind in ACCESS_RANK:
                self._take_access(token.kind, backward=earlier and not later)
            elif token.kind == "area":
                self._take_area(token, backward=earlier and not later)
            elif token.kind in ("closed_days", "closed_range"):
                self._closure(token, clause)
            elif token.kind in ("remark", "bad") or (token.kind == "year" and "休" in token.text):
                self.remarks.tokens([token], clause, unread=token.kind == "bad")
        self._remark_words(clause)

    def _service_of_its_own(self, clause: Clause) -> bool:
        """理发14:00-17:00 beside plain hours is the time of one service, not of the place."""
        plain = [entry for entry in self.entries if not (entry.aside or named(entry.clause))]
        return bool(plain) and named(clause) and not clause.has("days", "area")

    def _add(self, token: Token, clause: Clause, aside: bool) -> None:
        state = self.state
        start, end = (0, DAY_MINUTES) if token.kind == "allday" else token.value
        previous = self.entries[-1] if self.entries else None
        follows = previous is not None and previous.group == state.group and start < previous.end
        if token.kind == "spoken_range" and follows and end <= DAY_MINUTES // 2:
            # 8:30-11:30，2:30-5:30: the second cannot be the small hours. The words stay as a note.
            start, end = start + DAY_MINUTES // 2, end + DAY_MINUTES // 2
            self.remarks.tokens([token], clause)
        self.entries.append(
            Entry(
                start, end, state.days, state.group, clause, state.season, state.access, state.area,
                all_day=token.kind == "allday", aside=aside or state.holiday,
            )
        )  # fmt: skip
        state.fresh_days = state.fresh_season = state.access = None

    def _take_days(self, token: Token, clause: Clause, *, backward: bool) -> None:
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

    def _take_season(self, token: Token, clause: Clause, *, backward: bool) -> None:
        state = self.state
        found = token.value if token.kind == "dates" else Season(name=token.text)
        if state.fresh_season and state.season:
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
        if unseasoned and (backward or (clause.in_bracket and not clause.has(*RANGES))):
            for entry in unseasoned:
                entry.season = found
            return
        state.season, state.fresh_season = found, clause
        state.group += 1
        if state.fresh_days:
            state.outer_days = state.days
        elif not clause.in_bracket and not clause.has("days"):
            state.days = state.outer_days

    def _take_access(self, kind: str, *, backward: bool) -> None:
        if backward:
            last = self.entries[-1]
            if ACCESS_RANK[kind] > ACCESS_RANK.get(last.access or "", 0):
                last.access = kind
        elif ACCESS_RANK[kind] > ACCESS_RANK.get(self.state.access or "", 0):
            self.state.access = kind

    def _take_area(self, token: Token, *, backward: bool) -> None:
        if "自助" in token.text:
            self._take_access("self-service", backward=backward)
        if backward:
            self.entries[-1].area = token.text
        else:
            self.state.area = token.text
            self.state.group += 1

    def _read_words(self, clause: Clause, following: Clause | None) -> None:
        """A clause without times: days or a season for others, a way in, or a remark."""
        remark = clause.has("word", "qualified", "closed", "remark", "year", "old", "rest", "extend", "except")
        for place, token in enumerate(clause.tokens):
            if token.kind in ("days", "days_holiday") and self.entries and on_request(clause, place):
                continue
            if token.kind in ("days", "days_holiday") and not clause.has("closed"):
                self._take_days(token, clause, backward=False)
            elif token.kind in ("season", "dates") and not clause.has("closed"):
                self._take_season(token, clause, backward=False)
            elif token.kind == "holiday":
                bracketed = following and following.in_bracket
                self.state.holiday = not (clause.in_bracket or remark) and bool(following) and not bracketed
                remark = True
            elif token.kind == "area":
                ahead = following is not None and following.in_bracket and following.has(*RANGES)
                self._take_area(token, backward=clause.in_bracket and bool(self.entries) and not ahead)
            elif token.kind in ACCESS_RANK and not clause.has("qualified", "closed"):
                ahead = following is not None and following.in_bracket and following.has(*RANGES)
                self._take_access(token.kind, backward=bool(self.entries) and not ahead)
                remark = remark or not (ahead or clause.in_bracket)
        if all(token.kind == "qualified" for token in clause.tokens):
            remark = not (clause.in_bracket or (following and following.in_bracket))
        if remark or clause.has("approx"):
            partly_shut = clause.has("closed") and clause.has("days", "days_holiday") and not clause.has("word")
            half = next((t for t in clause.tokens if t.text in ("上午", "下午")), None)
            days = next((t.value for t in clause.tokens if t.kind == "days"), None)
            if partly_shut and half and days:
                self.remarks.half_day(clause, days, half.text)
                return
            at_noon = clause.has("closed") and clause.tokens[0].text in ("中午", "午间") and not clause.has("word")
            self.remarks.clause(clause, unread=at_noon or (partly_shut and clause.has("qualified")), lone=True)

    def _read_closures(self, clause: Clause) -> None:
        for token in clause.tokens:
            if token.kind in ("days", "days_holiday"):
                self._take_days(token, clause, backward=False)
            elif token.kind in ("closed_days", "closed_range"):
                self._closure(token, clause)

    def _closure(self, token: Token, clause: Clause) -> None:
        if token.kind == "closed_days":
            self.closures.append((token.value, 0, 2 * DAY_MINUTES, clause))
            if "假" in token.text or "节" in token.text:
                self.remarks.tokens([token], clause)
        else:
            days = self.state.days if self.state.fresh_days else None
            self.closures.append((days, *token.value, clause))
            self.state.fresh_days = None

    def _rest_of_the_day(self, clause: Clause) -> None:
        """其余时间刷身份证进入: what the ranges of the same days leave of the day, until they begin again."""
        access = max(
            (token.kind for token in clause.tokens if token.kind in ACCESS_RANK),
            key=ACCESS_RANK.__getitem__,
        )
        timed = [entry for entry in self.entries if not (entry.aside or entry.all_day)]
        group = [entry for entry in timed if entry.group == timed[-1].group]
        if not group or clause.has("closed"):
            self.remarks.clause(clause)
            return
        self.entries += [replace(entry, access=access, clause=clause) for entry in rest_of_day(group)]

    def _extended(self, clause: Clause) -> bool:
        """由8:00-18:00延长至8:00-22:00: the new hours count, the old ones are a remark."""
        place = next(n for n, token in enumerate(clause.tokens) if token.kind == "extend")
        old, new = clause.tokens[:place], clause.tokens[place + 1 :]
        target = next((token for token in new if token.kind in ("range", "time")), None)
        old_range = next((token for token in old if token.kind == "range"), None)
        conditional = any(token.kind == "word" for token in old) and not old_range
        if target is None or conditional or clause.has("season", "dates", "holiday"):
            return False
        last = next((entry for entry in reversed(self.entries) if not entry.aside), None)
        if target.kind == "range":
            for entry in self.entries:
                entry.aside = True
            span = target.value
        else:
            opens = old_range.value[0] if old_range else last.start if last else None
            if opens is None or target.value.minutes is None or target.value.minutes <= opens:
                return False
            span = (opens, target.value.minutes)
        days = next((token.value for token in old if token.kind in ("days", "days_holiday")), None)
        if days:
            self.state.days, self.state.group = days, self.state.group + 1
        if last and target.kind == "time" and not old_range and not days:
            self.entries.pop(self.entries.index(last))
        self._add(replace(target, kind="range", value=span), clause, aside=False)
        if old_range:
            self.remarks.tokens(old, clause)
        return True

    def _bind_what_is_left(self) -> None:
        """Days or a season that met no range after them hold for the ranges before them."""
        state = self.state
        plain = [entry for entry in self.entries if not entry.aside]
        if state.fresh_days:
            dayless = [entry for entry in plain if entry.days is None]
            for entry in dayless:
                entry.days = state.days
            if not dayless:
                self.remarks.clause(state.fresh_days)
        if state.fresh_season and state.season:
            unseasoned = [entry for entry in plain if entry.season is None]
            for entry in unseasoned:
                entry.season = state.season
            if not plain and (state.season.start or state.season.end):
                self.season = state.season
            elif not unseasoned:
                self.remarks.clause(state.fresh_season)

    def _remark_words(self, clause: Clause) -> None:
        """The words of a clause with hours that are more than the usual "opening time is"."""
        if clause.has("approx") or any(entry.aside for entry in self.entries if entry.clause is clause):
            self.remarks.clause(clause)
            return
        held: list[Token] = []
        for token in [*clause.tokens, Token("end", "", clause.end, clause.end)]:
            if token.kind in ("word", "filler", "qualified", "closed", "number", "time", "dash", "old"):
                held.append(token)
                continue
            if any(word.kind in ("word", "closed", "time") for word in held):
                unread = any(word.kind == "time" for word in held)
                self.remarks.tokens(held, clause, unread=unread)
            held = []

    def _reading(self) -> HoursReading:
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


def read_hours(text: str) -> HoursReading:
    """The hours that a phrase of a station list states.

    The result never holds a guess: what is not certain stays in `notes` or `unread` in the words of the list.
    Days not named are all seven; public holidays are no days of the week and are noted.
    """
    return Reader(text).read()
