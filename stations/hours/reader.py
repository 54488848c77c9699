"""Reads the phrases of one text in order and says which hours apply on which days.

Days hold for the ranges that follow them until other days are named; days in brackets, or at the end of the
text, hold for the ranges before them. Ranges without days are for every day that no other words speak of.
"""

from dataclasses import dataclass, field, replace

from .clauses import ALL_DAYS, Clause, Entry, Remarks, clauses_of
from .lexer import Token, normalise, tokens_of
from .model import DAY_MINUTES, HoursReading, Period, Season, clock
from .phrases import phrases_of
from .settling import Closure, close, refuse_overlaps, settle_all_day, settle_days, settle_seasons

_ACCESS_RANK = {"door-open": 1, "staffed": 1, "self-service": 2, "qr": 3, "id-card": 3}
_RANGES = ("range", "spoken_range", "maybe_range", "allday")
_TIMES = ("time", "bad", "number")


@dataclass
class State:
    """What holds for the ranges to come; a `fresh` word has not met a range yet."""

    days: frozenset[int] | None = None
    fresh_days: Clause | None = None
    outer_days: frozenset[int] | None = None  # named before the first season, so they hold for all seasons
    holiday: bool = False
    season: Season | None = None
    fresh_season: Clause | None = None
    area: str = ""
    access: str | None = None
    group: int = 0


@dataclass
class Reader:
    text: str
    state: State = field(default_factory=State)
    entries: list[Entry] = field(default_factory=list)
    closures: list[Closure] = field(default_factory=list)
    season: Season | None = None

    def __post_init__(self) -> None:
        self.remarks = Remarks(self.text)

    def read(self) -> HoursReading:
        clauses = list(clauses_of(phrases_of(list(tokens_of(normalise(self.text))))))
        for number, clause in enumerate(clauses):
            following = clauses[number + 1] if number + 1 < len(clauses) else None
            self._read_clause(clause, following)
        self._bind_what_is_left()
        self.season = settle_seasons(self.entries) or self.season
        settle_days(self.entries)
        settle_all_day(self.entries)
        close(self.entries, self.closures, self.remarks)
        refuse_overlaps(self.entries, self.remarks)
        return self._reading()

    def _read_clause(self, clause: Clause, following: Clause | None) -> None:
        plain = not clause.has("word", "qualified")
        if clause.has("qualifier"):
            self.remarks.clause(clause, unread=clause.has(*_RANGES, *_TIMES))
        elif clause.has("rest") and clause.has(*_ACCESS_RANK):
            self._rest_of_the_day(clause)
        elif clause.has("extend") and self._extended(clause):
            pass
        elif clause.has(*_RANGES) and (plain or not self._only_maybe(clause)):
            self._read_ranges(clause)
        elif clause.has(*_TIMES):
            self.remarks.clause(clause, unread=plain_time(clause), lone=True)
        elif clause.has("closed_days", "closed_range") and plain:
            self._read_closures(clause)
        else:
            self._read_words(clause, following)

    @staticmethod
    def _only_maybe(clause: Clause) -> bool:
        return not clause.has(*(kind for kind in _RANGES if kind != "maybe_range"))

    def _read_ranges(self, clause: Clause) -> None:
        before = len(self.entries)
        other_times = clause.has("rest") and bool(self.entries)
        aside = clause.has("old") or other_times or self._service_of_its_own(clause)
        for place, token in enumerate(clause.tokens):
            later = any(other.kind in _RANGES for other in clause.tokens[place + 1 :])
            earlier = len(self.entries) > before
            if token.kind in _RANGES:
                self._add(token, clause, aside)
            elif token.kind in ("days", "days_holiday"):
                self._take_days(token, clause, backward=earlier and not later)
            elif token.kind == "holiday":
                self.state.holiday = True
            elif token.kind in ("season", "dates"):
                self._take_season(token, clause, backward=earlier and not later)
            elif token.kind in _ACCESS_RANK:
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
        if dayless and (backward or (clause.in_bracket and not clause.has(*_RANGES))):
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
        if unseasoned and (backward or (clause.in_bracket and not clause.has(*_RANGES))):
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
            if _ACCESS_RANK[kind] > _ACCESS_RANK.get(last.access or "", 0):
                last.access = kind
        elif _ACCESS_RANK[kind] > _ACCESS_RANK.get(self.state.access or "", 0):
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
        for token in clause.tokens:
            if token.kind in ("days", "days_holiday") and not clause.has("closed"):
                self._take_days(token, clause, backward=False)
            elif token.kind in ("season", "dates") and not clause.has("closed"):
                self._take_season(token, clause, backward=False)
            elif token.kind == "holiday":
                bracketed = following and following.in_bracket
                self.state.holiday = not (clause.in_bracket or remark) and bool(following) and not bracketed
                remark = True
            elif token.kind == "area":
                self._take_area(token, backward=False)
            elif token.kind in _ACCESS_RANK and not clause.has("qualified", "closed"):
                ahead = following is not None and following.in_bracket and following.has(*_RANGES)
                self._take_access(token.kind, backward=bool(self.entries) and not ahead)
                remark = remark or not (ahead or clause.in_bracket)
        if all(token.kind == "qualified" for token in clause.tokens):
            remark = not (clause.in_bracket or (following and following.in_bracket))
        if remark or clause.has("approx"):
            partly_shut = clause.has("closed") and clause.has("days", "days_holiday") and not clause.has("word")
            self.remarks.clause(clause, unread=partly_shut and clause.has("qualified"), lone=True)

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
            (token.kind for token in clause.tokens if token.kind in _ACCESS_RANK),
            key=_ACCESS_RANK.__getitem__,
        )
        timed = [entry for entry in self.entries if not (entry.aside or entry.all_day)]
        group = [entry for entry in timed if entry.group == timed[-1].group]
        if not group or clause.has("closed"):
            self.remarks.clause(clause)
            return
        group.sort(key=lambda entry: entry.start)
        ends = [entry.end for entry in group]
        starts = [entry.start for entry in group[1:]] + [group[0].start + DAY_MINUTES]
        rest = [(group[0].days, end, start) for end, start in zip(ends, starts, strict=True) if end < start]
        if group[0].days and (other_days := ALL_DAYS - group[0].days):
            rest.append((other_days, group[0].start, group[0].start + DAY_MINUTES))
        for days, start, end in rest:
            self.entries.append(replace(group[0], days=days, start=start, end=end, access=access, clause=clause))

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
        return HoursReading(bool(periods), periods, self.season, list(dict.fromkeys(notes)), unread)


def named(clause: Clause) -> bool:
    """Whether a word that is not of opening hours stands before the first range of a clause."""
    first = next((n for n, token in enumerate(clause.tokens) if token.kind in _RANGES), 0)
    return any(token.kind == "word" for token in clause.tokens[:first])


def plain_time(clause: Clause) -> bool:
    """Whether a clause is nothing but a time that lacks its other end ("17:00以后")."""
    return not clause.has("word", "season", *_ACCESS_RANK) or clause.has("bad")


def read_hours(text: str) -> HoursReading:
    """The hours that a phrase of a station list states.

    The result never holds a guess: what is not certain stays in `notes` or `unread` in the words of the list.
    Days not named are all seven; public holidays are no days of the week and are noted.
    """
    return Reader(text).read()
