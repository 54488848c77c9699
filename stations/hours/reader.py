"""Reads the clauses of one text in order and hands what they say to the draft."""

import re
from dataclasses import replace

from .clauses import (
    ACCESS_RANK,
    ALL_DAYS,
    CLOSURES,
    RANGES,
    SEASONS,
    TIMES,
    Clause,
    clauses_of,
    named,
    of_the_place,
    on_request,
    plain_time,
    takes_off_hours,
)
from .closures import says_shut, shut_between
from .draft import Draft
from .lexer import AFTER, Token, normalise, tokens_of
from .model import HoursReading
from .phrases import phrases_of
from .settling import rest_of_day

_AT_NIGHT = re.compile(r"夜[间里晚]|晚[上间]|深夜|(?:下班|闭馆|闭门|闭店|关门|打烊)(?:以|之)?后")
_BREAK = re.compile(r"中午休|午间休|午休")
_NO_BREAK = re.compile(r"[不无含]|正常|照常")
_GETS_IN = re.compile(r"进入|入内|进门|出入|开门|开放|可用|使用|刷脸|人脸|密码|刷卡|会员卡|自助")
_KEPT_OUT = re.compile(r"[不禁停闭关止断]|预约|除外")


_REASONED = re.compile(r"[如遇若除可视雨雪]|高温|预约|上午|下午|提前|[前后晚]|不")
_ANOTHER_TIME = re.compile(r"延时|错时|延后|推迟")
_ONLY = re.compile(r"[仅只限]")
_HALF = ("上午", "下午", "中午", "早上", "晚上")


def _closed_for_a_reason(clause: Clause) -> bool:
    """逢周五闭馆整理图书: shut on these days, and the rest says what for; 周一闭馆，如遇节日顺延 is a condition."""
    place = next((n for n, token in enumerate(clause.tokens) if token.kind == "closed_days"), None)
    if place is None or clause.has(*RANGES, *TIMES, "qualified", "holiday"):
        return False
    before = any(token.kind not in ("filler", "year") for token in clause.tokens[:place])
    return not before and not _REASONED.search("".join(token.text for token in clause.tokens[place + 1 :]))


def _of_every_season(clause: Clause) -> bool:
    """上午均为8:30-12:00, after the afternoons of each season."""
    first, *others = clause.tokens
    return first.text in _HALF and bool(others) and others[0].text in ("均", "都", "统一")


class Reader:
    def __init__(self, text: str) -> None:
        self.draft = Draft(text)

    def read(self) -> HoursReading:
        clauses = list(clauses_of(phrases_of(list(tokens_of(normalise(self.draft.text))))))
        for number, clause in enumerate(clauses):
            following = clauses[number + 1] if number + 1 < len(clauses) else None
            self._read_clause(clause, following)
        self.draft.settle()
        return self.draft.reading()

    def _read_clause(self, clause: Clause, following: Clause | None) -> None:
        clause = self._other_end(self._rest_named(clause))
        plain = not clause.has("word", "qualified")
        if clause.has("days", "days_holiday", "holiday", *SEASONS, "closed_days"):
            self.draft.state.beyond_weeks = False
        if says_shut(clause):
            self.draft.shut = True
            self.draft.remarks.clause(clause, unread=clause.has(*RANGES), lone=True)
        elif shut_between(clause) or self._out_of_season(clause):
            self.draft.remarks.clause(clause, unread=True)
        elif clause.has("qualifier", "daynum") or (self.draft.state.beyond_weeks and clause.has(*RANGES, *TIMES)):
            self._beyond_weeks(clause, following)
        elif self._later_way_in(clause):
            pass
        elif clause.has("rest") and clause.has(*ACCESS_RANK):
            self._rest_of_the_day(clause)
        elif clause.has("extend") and self._extended(clause):
            pass
        elif _BREAK.match(clause.text) and not clause.has(*RANGES, "closed_range"):
            self._break_without_times(clause)
        elif clause.has(*RANGES) and (plain or not self._only_maybe(clause)):
            self._read_ranges(clause)
        elif clause.has(*TIMES):
            self.draft.remarks.clause(clause, unread=plain_time(clause), lone=True)
        elif clause.has(*CLOSURES) and (plain or _closed_for_a_reason(clause)):
            self._read_closures(clause)
            if not plain:
                self.draft.remarks.clause(clause)
        else:
            self._read_words(clause, following)

    def _rest_named(self, clause: Clause) -> Clause:
        """其余时间9:00-16:00 as what it stands for: the other months after seasons, the other days after some days."""
        place = next((n for n, token in enumerate(clause.tokens) if token.kind in ("rest", "other_days")), None)
        spans = [token.value for token in clause.tokens if token.kind in RANGES and token.kind != "allday"]
        if place is None or not spans:
            return clause
        token = clause.tokens[place]
        stated = [entry for entry in self.draft.entries if not entry.aside]
        days = [entry.days or ALL_DAYS for entry in stated]
        named = clause.tokens[place + 1 : place + 2] if token.kind == "other_days" else []
        among = named[0].value if named and named[0].kind == "days" else ALL_DAYS
        after = place + 2 if among is not ALL_DAYS else place + 1
        again = token.kind == "other_days" or any(
            entry.start < end and start < entry.end for entry in stated for start, end in spans
        )
        if token.text.startswith("非") or not stated:
            meant, self.draft.state.holiday = replace(token, kind="filler"), False
            if not stated and self.draft.closures:  # 周五14:00-17:00闭馆，其余时间9:00-21:00
                self.draft.state.days, self.draft.state.group = None, self.draft.state.group + 1
        elif again and any(entry.season for entry in stated) and set(days) == {ALL_DAYS}:
            meant = replace(token, kind="other_months")
        elif again and not any(entry.season for entry in stated) and (others := among.difference(*days)):
            meant = replace(token, kind="days", value=others)
        else:
            return clause
        return Clause([*clause.tokens[:place], meant, *clause.tokens[after:]], clause.in_bracket, clause.sentence)

    def _other_end(self, clause: Clause) -> Clause:
        """10:00-22:00（周五、周六至22:30）: on these days it closes at another time."""
        kinds = [token.kind for token in clause.tokens if token.kind != "filler"]
        if kinds not in (["days", "dash", "time"], ["days_holiday", "dash", "time"]) or not self.draft.entries:
            return clause
        tokens = [replace(token, kind="extend") if token.kind == "dash" else token for token in clause.tokens]
        return Clause(tokens, clause.in_bracket, clause.sentence)

    def _beyond_weeks(self, clause: Clause, following: Clause | None) -> None:
        """每月1日、15日: neither they nor the ranges they are said of become days of the week."""
        at = next(n for n, token in enumerate(clause.tokens) if token.kind in ("qualifier", *RANGES, *TIMES, "daynum"))
        named = next((n for n, token in enumerate(clause.tokens) if token.kind == "qualifier"), at)
        if at < named and clause.has("closed", "closed_days"):  # 8:00-18:00 每月第三个周一闭馆
            self._read_clause(Clause(clause.tokens[:named], clause.in_bracket, clause.sentence), None)
            clause = Clause(clause.tokens[named:], clause.in_bracket, clause.sentence)
        self.draft.remarks.clause(clause, unread=True, lone=True)
        if clause.has("closed", "closed_days"):
            return
        ranges_follow = following is not None and following.sentence == clause.sentence
        said = [entry for entry in self.draft.entries if entry.clause.sentence == clause.sentence]
        if said and not clause.has(*RANGES) and (clause.in_bracket or not ranges_follow):
            for entry in said:
                if entry.group == said[-1].group:
                    self.draft.remarks.aside(entry, unread=True)
        else:
            self.draft.state.beyond_weeks = True

    def _out_of_season(self, clause: Clause) -> bool:
        """冬季不开放 · 冬季提前1小时关闭: nobody knows from when to when."""
        found = clause.has("season") and not clause.has(*RANGES) and takes_off_hours(clause)
        self.draft.certain = self.draft.certain and not found
        return found

    def _break_without_times(self, clause: Clause) -> None:
        """中午休息: nobody knows from when to when. 中午不休 is a remark."""
        shut = not _NO_BREAK.search(clause.text)
        self.draft.certain = self.draft.certain and not shut
        self.draft.remarks.clause(clause, unread=shut, lone=True)

    def _later_way_in(self, clause: Clause) -> bool:
        """18:00后刷身份证进入 · 夜间扫码进入: how one gets in from a time on."""
        kinds = [token.kind for token in clause.tokens if token.kind not in ("filler", "word", "open")]
        access = next((kind for kind in kinds if kind in ACCESS_RANK), None)
        if _AT_NIGHT.match(clause.text):
            if access is None or clause.has(*RANGES, *TIMES):
                return False
            self.draft.later.append((None, access, clause))
            return True
        if self._says_the_end_again(clause):
            self.draft.remarks.clause(clause)
            return True
        if kinds[:2] != ["time", "qualified"] or clause.tokens[0].kind != "time":
            return False
        time, after = [token for token in clause.tokens if token.kind in ("time", "qualified")][:2]
        gets_in = access is not None or (_GETS_IN.search(clause.text) and not _KEPT_OUT.search(clause.text))
        known = [kind for kind in kinds[2:] if kind not in ACCESS_RANK]
        if after.text not in AFTER or time.value.minutes is None or not gets_in or known not in ([], ["allday"]):
            return False
        self.draft.later.append((time.value.minutes, access, clause))
        if known:
            whole = next(token for token in clause.tokens if token.kind == "allday")
            self.draft.add(whole, clause, aside=False)
        return True

    def _says_the_end_again(self, clause: Clause) -> bool:
        """8:00-22:00，22:00后关闭."""
        ends = [entry.end for entry in self.draft.entries if not entry.aside]
        time = next((token.value.minutes for token in clause.tokens if token.kind == "time"), None)
        shut = _KEPT_OUT.search(clause.text) and not clause.has(*ACCESS_RANK)
        return bool(shut) and time is not None and bool(ends) and set(ends) == {time} and not clause.has(*RANGES)

    @staticmethod
    def _only_maybe(clause: Clause) -> bool:
        return not clause.has(*(kind for kind in RANGES if kind != "maybe_range"))

    def _read_ranges(self, clause: Clause) -> None:
        before = len(self.draft.entries)
        if of_the_place(clause) and not clause.has("area"):
            self.draft.state.area = ""
        other_times = clause.has("rest", "other_days") and bool(self.draft.entries)
        if _of_every_season(clause):
            self.draft.state.season, self.draft.state.other_seasons = None, []
            self.draft.state.days, self.draft.state.group = self.draft.state.outer_days, self.draft.state.group + 1
        aside = clause.has("old") or other_times or self._service_of_its_own(clause)
        for place, token in enumerate(clause.tokens):
            later = any(other.kind in RANGES for other in clause.tokens[place + 1 :])
            earlier = len(self.draft.entries) > before
            if token.kind in RANGES:
                self.draft.add(token, clause, aside)
            elif token.kind in ("days", "days_holiday"):
                if earlier and not later and on_request(clause, place):
                    self.draft.remarks.tokens(clause.tokens[place:], clause)
                else:
                    self.draft.take_days(token, clause, backward=earlier and not later)
            elif token.kind == "holiday":
                self.draft.state.holiday = True
            elif token.kind in SEASONS:
                self.draft.take_season(token, clause, backward=earlier and not later)
            elif token.kind in ACCESS_RANK:
                self.draft.take_access(token.kind, backward=earlier and not later)
            elif token.kind == "area":
                self.draft.take_area(token, backward=earlier and not later)
            elif token.kind in CLOSURES:
                self.draft.take_closure(token, clause)
            elif token.kind in ("remark", "bad") or (token.kind == "year" and "休" in token.text):
                self.draft.remarks.tokens([token], clause, unread=token.kind == "bad")
                self.draft.certain = self.draft.certain and token.kind != "bad"
        if other_times:
            self.draft.remarks.clause(clause, unread=True)
        self._remark_words(clause)

    def _service_of_its_own(self, clause: Clause) -> bool:
        """理发14:00-17:00 beside plain hours is the time of one service, not of the place."""
        plain = [entry for entry in self.draft.entries if not (entry.aside or named(entry.clause))]
        return bool(plain) and named(clause) and not clause.has("days", "area") and not of_the_place(clause)

    def _read_words(self, clause: Clause, following: Clause | None) -> None:
        """A clause without times: days or a season for others, a way in, or a remark."""
        remark = clause.has("word", "qualified", "closed", "remark", "year", "old", "rest", "extend", "except")
        if clause.has("rest") and clause.has("days", "days_holiday", *SEASONS):
            self.draft.remarks.clause(clause, unread=True)  # 其他时间仅周末开放: the days are not those of hours stated
            return
        if self._way_in_on_days(clause, following):
            return
        if clause.tokens[0].kind == "closed" and self.draft.state.fresh_season:
            self.draft.drop_season()
        if self._something_on_days(clause, following):
            self.draft.remarks.clause(clause, unread=True, lone=True)
            self.draft.certain = False
            return
        for place, token in enumerate(clause.tokens):
            if token.kind in ("days", "days_holiday") and self.draft.entries and on_request(clause, place):
                continue
            if token.kind in ("days", "days_holiday") and not clause.has("closed"):
                self.draft.take_days(token, clause, backward=False)
            elif token.kind in SEASONS and not clause.has("closed"):
                self.draft.take_season(token, clause, backward=False, ahead=self._stands_before(clause, following))
            elif token.kind == "holiday":
                bracketed = following and following.in_bracket
                self.draft.state.holiday = not (clause.in_bracket or remark) and bool(following) and not bracketed
                remark = True
            elif token.kind == "area":
                ahead = following is not None and following.in_bracket and following.has(*RANGES)
                self.draft.take_area(token, backward=clause.in_bracket and bool(self.draft.entries) and not ahead)
            elif token.kind in ACCESS_RANK and not clause.has("qualified", "closed"):
                ahead = following is not None and following.in_bracket and following.has(*RANGES)
                self.draft.take_access(token.kind, backward=bool(self.draft.entries) and not ahead)
                remark = remark or not (ahead or clause.in_bracket)
        if all(token.kind == "qualified" for token in clause.tokens):
            remark = not (clause.in_bracket or (following and following.in_bracket))
        if remark or clause.has("approx"):
            partly_shut = clause.has("closed") and clause.has("days", "days_holiday") and not clause.has("word")
            half = next((t for t in clause.tokens if t.text in ("上午", "下午")), None)
            days = next((t.value for t in clause.tokens if t.kind == "days"), None)
            if partly_shut and half and days:
                self.draft.remarks.half_day(clause, days, half.text)
                return
            self.draft.remarks.clause(clause, unread=partly_shut and clause.has("qualified"), lone=True)

    def _something_on_days(self, clause: Clause, following: Clause | None) -> bool:
        """（周三集中学习） · ，周二盘点 · （周六延时）: nobody knows what that does to the hours of these days."""
        done = clause.has("word") or _ANOTHER_TIME.search(clause.text)
        hours_follow = following is not None and following.has(*RANGES) and not clause.in_bracket
        plain = [entry for entry in self.draft.entries if not entry.aside]
        named_only = _ONLY.search(clause.text) or clause.has("closed", "holiday", "days_holiday", *ACCESS_RANK)
        days = next((n for n, token in enumerate(clause.tokens) if token.kind == "days"), None)
        if days is None or not done or hours_follow or named_only or on_request(clause, days):
            return False
        return bool(plain) and all(entry.days is None for entry in plain)

    def _stands_before(self, clause: Clause, following: Clause | None) -> bool:
        """Whether brackets touch the range behind them, and none before them."""
        before = self.draft.entries[-1].clause.end if self.draft.entries else -1
        touches = following is not None and following.start - clause.end == 1 and following.tokens[0].kind in RANGES
        return touches and clause.in_bracket and clause.start - before != 1

    def _way_in_on_days(self, clause: Clause, following: Clause | None) -> bool:
        days = next((token.value for token in clause.tokens if token.kind in ("days", "days_holiday")), None)
        access = next((token.kind for token in clause.tokens if token.kind in ACCESS_RANK), None)
        hours_follow = following is not None and following.sentence == clause.sentence and following.has(*RANGES)
        if not days or not access or not self.draft.entries or hours_follow or clause.has("closed", "word"):
            return False
        self.draft.take_way_in_on(days, access, clause)
        return True

    def _read_closures(self, clause: Clause) -> None:
        for token in clause.tokens:
            if token.kind in ("days", "days_holiday"):
                self.draft.take_days(token, clause, backward=False)
            elif token.kind in CLOSURES:
                self.draft.take_closure(token, clause)

    def _rest_of_the_day(self, clause: Clause) -> None:
        """其余时间刷身份证进入: what the ranges of the same days leave of the day, until they begin again."""
        access = max(
            (token.kind for token in clause.tokens if token.kind in ACCESS_RANK),
            key=ACCESS_RANK.__getitem__,
        )
        timed = [entry for entry in self.draft.entries if not (entry.aside or entry.all_day)]
        group = [entry for entry in timed if entry.group == timed[-1].group]
        if not group or clause.has("closed"):
            self.draft.remarks.clause(clause)
            return
        self.draft.entries += [replace(entry, access=access, clause=clause) for entry in rest_of_day(group)]

    def _extended(self, clause: Clause) -> bool:
        """由8:00-18:00延长至8:00-22:00: the new hours count, the old ones are a remark."""
        place = next(n for n, token in enumerate(clause.tokens) if token.kind == "extend")
        old, new = clause.tokens[:place], clause.tokens[place + 1 :]
        target = next((token for token in new if token.kind in ("range", "time")), None)
        old_range = next((token for token in old if token.kind == "range"), None)
        conditional = any(token.kind == "word" for token in old) and not old_range
        if target is None or conditional or clause.has(*SEASONS, "holiday"):
            return False
        last = next((entry for entry in reversed(self.draft.entries) if not entry.aside), None)
        if target.kind == "range":
            for entry in self.draft.entries:
                entry.aside = True
            span = target.value
        else:
            opens = old_range.value[0] if old_range else last.start if last else None
            if opens is None or target.value.minutes is None or target.value.minutes <= opens:
                return False
            span = (opens, target.value.minutes)
        days = next((token.value for token in old if token.kind in ("days", "days_holiday")), None)
        if days:
            self.draft.state.days, self.draft.state.group = days, self.draft.state.group + 1
        if last and target.kind == "time" and not old_range and not days:
            self.draft.entries.pop(self.draft.entries.index(last))
        self.draft.add(replace(target, kind="range", value=span), clause, aside=False)
        if old_range:
            self.draft.remarks.tokens(old, clause)
        return True

    def _remark_words(self, clause: Clause) -> None:
        """The words of a clause with hours that are more than the usual "opening time is"."""
        if clause.has("approx") or any(entry.aside for entry in self.draft.entries if entry.clause is clause):
            self.draft.remarks.clause(clause)
            return
        held: list[Token] = []
        for token in [*clause.tokens, Token("end", "", clause.end, clause.end)]:
            if token.kind in ("word", "filler", "qualified", "closed", "number", "time", "dash", "old"):
                held.append(token)
                continue
            if any(word.kind in ("word", "closed", "time") for word in held):
                unread = any(word.kind == "time" for word in held)
                self.draft.remarks.tokens(held, clause, unread=unread)
            held = []


def read_hours(text: str) -> HoursReading:
    """The hours that a phrase of a station list states.

    The result never holds a guess: what is not certain stays in `notes` or `unread` in the words of the list.
    Days not named are all seven; public holidays are no days of the week and are noted.
    """
    return Reader(text).read()
