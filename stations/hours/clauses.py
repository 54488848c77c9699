"""The parts between separators, the ranges stated in them, and the remarks made about them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from .lexer import AFTER, Token
from .model import EVERY_DAY, Season

ALL_DAYS = frozenset(EVERY_DAY)
ACCESS_RANK = {"staffed": 1, "door-open": 2, "self-service": 2, "qr": 3, "id-card": 3}
RANGES = ("range", "spoken_range", "maybe_range", "allday")
CLOSURES = ("closed_days", "closed_range", "closed_months")
SEASONS = ("season", "dates", "other_months")
TIMES = ("time", "bad", "number")
_FEWER_HOURS = re.compile(r"提前|提早|缩短|推迟开|延后开")
_WEATHER = re.compile(r"高温|雨|雪|雾|天气")
# What stands or is done in a place and has hours of its own (热水24小时供应), and the place itself.
_SERVICE = re.compile(
    r"[热饮开用]水|充电|空调|监控|保安|物业|保洁|卫生间|洗手间|厕所|公厕|母婴室|淋浴|洗澡|微波炉|除颤|药箱|雨伞|理发|停车|冰箱"
    r"|售货|取款|无线网|wifi|aed|atm|电话|热线"
)
_PLACE = re.compile(r"驿站|站点|本站|服务站|服务点|之家|休息室|休息区|室内|大厅|开放时间|营业时间|服务时间")
# Days are open on a condition: a remark, not days of their own.
_ON_REQUEST = re.compile(r"预约|预定|申请|联系|致电|来电|另行|不定|视情|轮休|待定|登记")


@dataclass
class Clause:
    """The phrases between two separators."""

    tokens: list[Token]
    in_bracket: bool
    sentence: int

    def __post_init__(self) -> None:
        self.start, self.end = self.tokens[0].start, self.tokens[-1].end

    @property
    def text(self) -> str:
        return "".join(token.text for token in self.tokens)

    def has(self, *kinds: str) -> bool:
        return any(token.kind in kinds for token in self.tokens)


@dataclass
class Entry:
    """A stated range with all that was said about it."""

    start: int
    end: int
    days: frozenset[int] | None
    group: int
    clause: Clause
    season: Season | None = None
    access: str | None = None
    area: str = ""
    all_day: bool = False
    aside: bool = False  # stated, but for something else than the ordinary week: kept as a remark


@dataclass
class State:
    """What holds for the ranges to come; a `fresh` word has not met a range yet."""

    days: frozenset[int] | None = None
    fresh_days: Clause | None = None
    outer_days: frozenset[int] | None = None  # named before the first season, so they hold for all seasons
    holiday: bool = False
    season: Season | None = None
    other_seasons: list[Season] = field(default_factory=list)  # named together with it: 3-5月、9-11月
    fresh_season: Clause | None = None
    area: str = ""
    access: str | None = None
    group: int = 0
    beyond_weeks: bool = False  # days of a month or the like were named: no week can hold the ranges that follow


@dataclass
class Remark:
    start: int
    end: int
    unread: bool
    sentence: int
    half_day: tuple[frozenset[int], str] | None = None  # shut on these days in the 上午 or 下午
    lone: bool = False  # a whole clause, so that the next one may continue it


def clauses_of(tokens: list[Token]) -> Iterator[Clause]:
    """Splits at commas, stops and brackets, and before "after 18:00"."""
    held: list[Token] = []
    depth, sentence = 0, 0
    for place, token in enumerate(tokens):
        if _begins_later(tokens, place) and any(before.kind in RANGES for before in held):
            yield Clause(held, depth > 0, sentence)
            held = []
        if token.kind in ("comma", "stop", "open_bracket", "close_bracket"):
            if held:
                yield Clause(held, depth > 0, sentence)
            held = []
            depth = max(0, depth + (token.kind == "open_bracket") - (token.kind == "close_bracket"))
            sentence += token.kind == "stop"
        else:
            held.append(token)
    if held:
        yield Clause(held, depth > 0, sentence)


def _begins_later(tokens: list[Token], place: int) -> bool:
    """8:00-18:00 18:00后扫码: what holds after 18:00 is a clause of its own."""
    return tokens[place].kind == "time" and place + 1 < len(tokens) and tokens[place + 1].text in AFTER


def overlap(one: Entry, other: Entry) -> bool:
    return one.start < other.end and other.start < one.end


@dataclass
class Remarks:
    """What is quoted beside the periods: notes, and times that were not read."""

    text: str
    held: list[Remark] = field(default_factory=list)

    def clause(self, clause: Clause, *, unread: bool = False, lone: bool = False) -> None:
        self.held.append(Remark(clause.start, clause.end, unread, clause.sentence, lone=lone))

    def half_day(self, clause: Clause, days: frozenset[int], part: str) -> None:
        self.held.append(Remark(clause.start, clause.end, True, clause.sentence, (days, part)))

    def tokens(self, tokens: list[Token], clause: Clause, *, unread: bool = False) -> None:
        self.held.append(Remark(tokens[0].start, tokens[-1].end, unread, clause.sentence))

    def aside(self, entry: Entry, *, unread: bool = False) -> None:
        """Quote a range instead of keeping it as a period."""
        entry.aside = True
        self.clause(entry.clause, unread=unread)

    def lines(self, entries: Iterable[Entry]) -> tuple[list[str], list[str]]:
        """The remarks as notes and unread pieces, each quoted once."""
        asides = [Remark(e.clause.start, e.clause.end, False, e.clause.sentence) for e in entries if e.aside]
        merged: list[Remark] = []
        for remark in sorted([*self.held, *asides], key=lambda r: (r.start, -r.end)):
            last = merged[-1] if merged else None
            if last and remark.end <= last.end:
                last.unread = last.unread or remark.unread
            elif last and last.lone and remark.lone and last.sentence == remark.sentence and self._next(last, remark):
                last.end, last.unread = remark.end, last.unread and remark.unread
            else:
                merged.append(replace(remark))
        texts = [(self._quote(remark), remark.unread) for remark in merged]
        return [t for t, unread in texts if t and not unread], [t for t, unread in texts if t and unread]

    def _next(self, last: Remark, remark: Remark) -> bool:
        return len(self.text[last.end : remark.start].strip()) <= 1

    def _quote(self, remark: Remark) -> str:
        return self.text[remark.start : remark.end].replace("\\n", " ").strip(" \t\r\n:：,，。;；、")


def named(clause: Clause) -> bool:
    """Whether a word that is not of opening hours stands before the first range of a clause."""
    first = next((n for n, token in enumerate(clause.tokens) if token.kind in RANGES), 0)
    return any(token.kind == "word" for token in clause.tokens[:first])


def of_a_service(clause: Clause) -> bool:
    """Whether the clause gives the hours of something in the place, and not of the place."""
    return bool(_SERVICE.search(clause.text)) and not _PLACE.search(clause.text)


def of_the_place(clause: Clause) -> bool:
    return bool(_PLACE.search(clause.text))


def plain_time(clause: Clause) -> bool:
    """Whether a clause is nothing but a time that lacks its other end ("17:00以后")."""
    seasonal = clause.has("season", "dates")
    extended = seasonal and clause.has("extend") and not _WEATHER.search(clause.text)
    return extended or not clause.has("word", "season", *ACCESS_RANK) or clause.has("bad")


def takes_off_hours(clause: Clause) -> bool:
    """Whether the clause shortens the hours, weather apart, which is a condition (高温停止开放)."""
    return bool(clause.has("closed") or _FEWER_HOURS.search(clause.text)) and not _WEATHER.search(clause.text)


def on_request(clause: Clause, place: int) -> bool:
    """Whether what follows a token says that it holds on a condition (周末预约)."""
    return bool(_ON_REQUEST.search("".join(token.text for token in clause.tokens[place + 1 :])))
