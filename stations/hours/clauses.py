"""The parts between separators, the ranges stated in them, and the remarks made about them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from .lexer import Token
from .model import EVERY_DAY, Season

ALL_DAYS = frozenset(EVERY_DAY)


@dataclass
class Clause:
    """The phrases between two separators."""

    tokens: list[Token]
    in_bracket: bool
    sentence: int

    def __post_init__(self) -> None:
        self.start, self.end = self.tokens[0].start, self.tokens[-1].end

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
class Remark:
    start: int
    end: int
    unread: bool
    sentence: int
    lone: bool = False  # a whole clause, so that the next one may continue it


def clauses_of(tokens: list[Token]) -> Iterator[Clause]:
    """Splits at commas, stops and brackets."""
    held: list[Token] = []
    depth, sentence = 0, 0
    for token in tokens:
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


def overlap(one: Entry, other: Entry) -> bool:
    return one.start < other.end and other.start < one.end


@dataclass
class Remarks:
    """What is quoted beside the periods: notes, and times that were not read."""

    text: str
    held: list[Remark] = field(default_factory=list)

    def clause(self, clause: Clause, *, unread: bool = False, lone: bool = False) -> None:
        self.held.append(Remark(clause.start, clause.end, unread, clause.sentence, lone))

    def tokens(self, tokens: list[Token], clause: Clause, *, unread: bool = False) -> None:
        self.held.append(Remark(tokens[0].start, tokens[-1].end, unread, clause.sentence))

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
