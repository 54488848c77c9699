"""Joins tokens into phrases: 周一 至 周五 into days, 8:30 - 17:00 into a range, 7月 至 9月 into a season.

Each production looks at the tokens from one place on and returns the joined token and the place after it.
"""

import re
from collections.abc import Callable
from datetime import date
from itertools import pairwise, takewhile

from .lexer import AFTER, EVENING, MONTH_DAYS, Clock, Date, Token
from .model import DAY_MINUTES, EVERY_DAY, Season

_HALF_DAY = re.compile(r"[上下]午|半[天日]")
_ONE_YEAR = re.compile(r"\d年|[今本当]年")
_AS_EVER = ("正常", "照常", "不打烊", "也", "亦")
_ENDS = ("止", "结束", "截止")
Production = Callable[[list[Token], int], tuple[Token, int] | None]


def _kinds(tokens: list[Token], at: int, *kinds: str) -> bool:
    """Whether the tokens from `at` on are of these kinds, "a|b" meaning either."""
    return len(tokens) >= at + len(kinds) and all(
        tokens[at + n].kind in kind.split("|") for n, kind in enumerate(kinds)
    )


def _joined(kind: str, tokens: list[Token], at: int, after: int, value: object = None) -> tuple[Token, int]:
    text = "".join(token.text for token in tokens[at:after])
    return Token(kind, text, tokens[at].start, tokens[after - 1].end, value), after


def _and(token: Token) -> bool:
    return token.kind == "comma" and token.text != ","


def day_span(first: int, last: int) -> frozenset[int]:
    """The days from `first` to `last`, over the week's end when need be (周日至周四)."""
    return frozenset((first - 1 + n) % 7 + 1 for n in range((last - first) % 7 + 1))


def _days(tokens: list[Token], at: int) -> tuple[Token, int] | None:
    """周一至周五 · 周一、三、五 · 周六日 · 周末及节假日."""
    if not _kinds(tokens, at, "days|holiday"):
        return None
    days: frozenset[int] = frozenset()
    holiday, here = False, at
    while True:
        if _kinds(tokens, here, "holiday"):
            holiday, here = True, here + 1
        elif _kinds(tokens, here, "days", "dash", "days") and len(tokens[here].value) == 1:
            days |= day_span(min(tokens[here].value), max(tokens[here + 2].value))
            here += 3
        else:
            days, here = days | tokens[here].value, here + 1
        bare_comma = _kinds(tokens, here, "comma", "days") and len(tokens[here + 1].text) == 1
        if _kinds(tokens, here, "comma", "days|holiday") and (_and(tokens[here]) or bare_comma):
            here += 1
        elif not _kinds(tokens, here, "days") and (
            not _kinds(tokens, here, "holiday") or _kinds(tokens, here + 1, "closed|year|include")
        ):
            break
    if not days:
        return _joined("holiday", tokens, at, here)
    return _joined("days_holiday" if holiday else "days", tokens, at, here, days)


def _span(opens: Clock, closes: Clock) -> tuple[int, int] | None:
    """Minutes of a range. None when it cannot be told what is meant (25:70, 8:00-8:00, 8:30-5:30)."""
    start, end = opens.minutes, closes.minutes
    if start is None or end is None or start >= DAY_MINUTES or opens.next_day:
        return None
    if closes.next_day:
        end += DAY_MINUTES
        return (start, end) if end <= start + DAY_MINUTES else None
    if start == end:
        return None
    if (start, end) == (0, DAY_MINUTES - 1):
        return 0, DAY_MINUTES  # 00:00-23:59 is how forms that cannot hold 24:00 say "always open"
    if end > start:
        return start, end
    afternoon = end + DAY_MINUTES // 2
    if end == 0:
        return start, DAY_MINUTES
    same_half = opens.part and not closes.part and not (opens.of_24 and opens.part in EVENING)
    if same_half and start < afternoon < DAY_MINUTES:
        return start, afternoon  # 下午2:30—5:30: the second time is said in the same twelve hours
    if same_half and afternoon == DAY_MINUTES:
        return (start, DAY_MINUTES) if opens.part in EVENING else None  # 晚上8:00-12:00; but 下午8:30-12:00 is a slip
    if opens.part in ("朝", "早") and closes.part == "晚" and start < afternoon:
        return start, afternoon  # 朝十晚四
    early = closes.part in ("凌晨", "清晨", "早上", "早", "早晨") or (closes.padded and end <= 180)
    doubtful = start < 17 * 60 and 180 < end < 420 and not (early or closes.padded)  # 14:00-5:30 may be a slip
    if (start >= DAY_MINUTES // 2 and not doubtful) or early:
        return start, end + DAY_MINUTES
    return None


def _range(tokens: list[Token], at: int) -> tuple[Token, int] | None:
    """8:30-17:30 · 从8点起至18点 · 9-17点 · 早9晚5 · 8点开门,18点关门 · 开门时间8点,关门时间18点."""
    if tokens[at].text in ("开门", "开馆", "开店", "开"):
        return _opens_and_closes(tokens, at)
    if not _kinds(tokens, at, "time|number"):
        return None
    opened = _opened_then_closed(tokens, at)
    if opened:
        return opened
    first, here = tokens[at], at + 1
    begins = _kinds(tokens, here, "open|begin")
    here += begins
    here += begins and _kinds(tokens, here, "comma")
    if _kinds(tokens, here, "dash", "time|number"):
        ends = here + 2 < len(tokens) and tokens[here + 2].text in ("结束", "截止")
        return _range_token(tokens, at, here + 1, here + 2 + ends)
    if begins:
        return _range_token(tokens, at, here, here + 2) if _kinds(tokens, here, "time", "closed") else None
    second = tokens[here] if _kinds(tokens, here, "time") else None
    if second and first.kind == "time" and first.value.part in ("早", "朝", "早上") and second.value.part:
        return _range_token(tokens, at, here, here + 1)
    return None


def _opens_and_closes(tokens: list[Token], at: int) -> tuple[Token, int] | None:
    here = _past_fillers(tokens, at + 1)
    if not _kinds(tokens, here, "time"):
        return None
    ends = here + 1 + _kinds(tokens, here + 1, "comma|stop")
    last = _past_fillers(tokens, ends + 1)
    if (
        _kinds(tokens, ends, "closed")
        and tokens[ends].text in ("关门", "闭馆", "关闭", "打烊", "关")
        and _kinds(tokens, last, "time")
    ):
        return _range_token(tokens, here, last, last + 1)
    return None


_OPENING = ("开门", "开馆", "开店", "开放", "营业", "上班", "开始", "开", "起")
_CLOSING = ("关门", "闭馆", "关闭", "打烊", "关", "结束", "下班", "闭店", "闭站", "停止营业", "停止开放", "停止服务")


def _opened_then_closed(tokens: list[Token], at: int) -> tuple[Token, int] | None:
    """8:00准时开放,20:00关闭 · 9点开门到21点关门 · 9:00开始对外开放,直至21:00 · 9:00开馆,16:30停止入馆,17:00闭馆."""
    here = at + 1
    while _kinds(tokens, here, "filler|open|begin"):
        here += 1
    if not any(token.text in _OPENING for token in tokens[at + 1 : here]):
        return None
    here += _kinds(tokens, here, "comma")
    reaches = _kinds(tokens, here, "dash", "time")
    here += reaches
    if not _kinds(tokens, here, "time"):
        return None
    after = _past_fillers(tokens, here + 1)
    last_entry = "".join(token.text for token in tokens[here + 1 : here + 5])
    if last_entry.startswith(("停止入", "最后入")):
        later = next((n for n in range(here + 1, min(here + 8, len(tokens))) if tokens[n].kind == "time"), None)
        if later is not None and _kinds(tokens, later + 1, "closed") and tokens[later + 1].text in _CLOSING:
            return _range_token(tokens, at, later, later + 2)
        return None
    if _kinds(tokens, after, "closed") and tokens[after].text in _CLOSING:
        return _range_token(tokens, at, here, _past_fillers(tokens, after + 1))
    return _range_token(tokens, at, here, here + 1) if reaches else None


def _past_fillers(tokens: list[Token], at: int) -> int:
    while _kinds(tokens, at, "filler"):
        at += 1
    return at


def _range_token(tokens: list[Token], at: int, last: int, after: int) -> tuple[Token, int] | None:
    first, second = tokens[at], tokens[last]
    opens, closes = (
        token.value if token.kind == "time" else Clock(token.value * 60 if token.value <= 24 else None)
        for token in (first, second)
    )
    span = _span(opens, closes)
    if first.kind == second.kind == "number":
        # 8-18 alone may be hours or anything else; the reader decides by what stands beside it.
        return _joined("maybe_range", tokens, at, after, span) if span else None
    if span is None:
        return _joined("bad", tokens, at, after)
    spoken = not (opens.part or opens.padded or closes.part or closes.padded) and span[1] < DAY_MINUTES // 2
    return _joined("spoken_range" if spoken else "range", tokens, at, after, span)


def _mmdd(month: int, day: int) -> str:
    return f"{month:02d}-{day:02d}"


def _month_list(tokens: list[Token], at: int) -> tuple[Token, int] | None:
    """6、7、8月 · 7月、8月: one season when the months follow each other."""
    here, months = at, []
    while _kinds(tokens, here, "number|date", "comma"):
        months.append(tokens[here])
        here += 2
    if not months or not _kinds(tokens, here, "date"):
        return None
    months.append(tokens[here])
    if any(token.kind == "date" and not token.value.whole_month for token in months):
        return None
    numbers = [token.value if token.kind == "number" else token.value.month for token in months]
    if numbers[0] not in range(1, 13) or any(after != before % 12 + 1 for before, after in pairwise(numbers)):
        return None
    season = Season(_mmdd(numbers[0], 1), _mmdd(numbers[-1], months[-1].value.last))
    return _joined("dates", tokens, at, here + 1, season)


def _season(tokens: list[Token], at: int) -> tuple[Token, int] | None:
    """7月1日—8月31日 · 7月1日至31日 · 5-9月 · 即日起至9月22日 · 7月15日起 · 7月上旬至8月下旬."""
    if _kinds(tokens, at, "until", "date") or _kinds(tokens, at, "dash", "date"):
        date: Date = tokens[at + 1].value
        return _joined("dates", tokens, at, at + 2, Season(None, _mmdd(date.month, date.last)))
    listed = _month_list(tokens, at)
    if listed:
        return listed
    if _kinds(tokens, at, "number", "dash", "date") and 1 <= tokens[at].value <= 12:
        date = tokens[at + 2].value
        if date.whole_month:
            season = Season(_mmdd(tokens[at].value, 1), _mmdd(date.month, date.last))
            return _joined("dates", tokens, at, at + 3, season)
        return None
    if not _kinds(tokens, at, "date"):
        return None
    date, here = tokens[at].value, at + 1
    begins = _kinds(tokens, here, "begin")
    here += begins
    if begins and _kinds(tokens, here, "comma", "date") and here + 2 < len(tokens) and tokens[here + 2].text in _ENDS:
        last = tokens[here + 1].value  # 7月1日起,9月15日止
        return _joined(
            "dates", tokens, at, here + 3, Season(_mmdd(date.month, date.first), _mmdd(last.month, last.last))
        )
    here += begins and _kinds(tokens, here, "comma", "dash|until", "date")  # 7月1日起,至9月15日止
    if _kinds(tokens, here, "dash|until", "date|daynum"):
        last = tokens[here + 1]
        month, day = (last.value.month, last.value.last) if last.kind == "date" else (date.month, last.value)
        if not 1 <= day <= MONTH_DAYS[month - 1]:  # 6月1日至31日
            return _joined("bad", tokens, at, here + 2)
        after = here + 2 + (here + 2 < len(tokens) and tokens[here + 2].text in _ENDS)  # 结束 shuts nothing here
        return _joined("dates", tokens, at, after, Season(_mmdd(date.month, date.first), _mmdd(month, day)))
    if not begins and here < len(tokens) and tokens[here].text in ("结束", "截止", "止", "前", "以前"):
        return _joined("dates", tokens, at, here + 1, Season(None, _mmdd(date.month, date.last)))
    end = _mmdd(date.month, date.last) if date.whole_month and not begins else None
    return _joined("dates", tokens, at, here, Season(_mmdd(date.month, date.first), end))


def _comes_again(token: Token) -> bool:
    """A month or more without a year comes again every year; 5月1日至5月3日 may be this year's."""
    season: Season = token.value
    if not (season.start and season.end) or _ONE_YEAR.search(token.text):
        return False
    first, last = (date.fromisoformat(f"2024-{end}") for end in (season.start, season.end))
    return (last - first).days % 366 >= 27


def _except_days(tokens: list[Token], at: int) -> tuple[Token, int] | None:
    """除周一外 · 除法定节假日外 · 除7、8月外."""
    if _kinds(tokens, at, "except", "dates") and _comes_again(tokens[at + 1]):
        here = at + 2
        here += _kinds(tokens, here, "closed")
        here += _kinds(tokens, here, "outside")
        return _joined("closed_months", tokens, at, here, tokens[at + 1].value)
    if not _kinds(tokens, at, "except", "days|days_holiday|holiday"):
        return None
    here = at + 2
    here += _kinds(tokens, here, "closed")
    here += _kinds(tokens, here, "outside")
    days = tokens[at + 1].value
    return _joined("closed_days" if days else "remark", tokens, at, here, days)


def _ranges_in_clause(tokens: list[Token], at: int) -> bool:
    """Whether a range follows before the next comma."""
    clause = takewhile(lambda token: token.kind not in ("comma", "stop", "close_bracket"), tokens[at:])
    return any(token.kind in ("range", "spoken_range", "maybe_range", "allday", "bad") for token in clause)


def _closed(tokens: list[Token], at: int) -> tuple[Token, int] | None:
    """周一闭馆 · 闭馆日：周一 · 周末无休 · 不含周末 · 12:00-14:00休息 · 午休12:00-14:00 · 7、8月不开放 · 节假日除外."""
    if _kinds(tokens, at, "season", "open_bracket", "dates", "close_bracket", "closed") and _comes_again(
        tokens[at + 2]
    ):
        return _joined("closed_months", tokens, at, at + 5, tokens[at + 2].value)  # 冬季（11月-3月）不开放
    if _kinds(tokens, at, "dates") and _comes_again(tokens[at]):
        here = at + 1 + _kinds(tokens, at + 1, "filler")
        if _kinds(tokens, here, "closed"):
            return _joined("closed_months", tokens, at, here + 1, tokens[at].value)
    if _kinds(tokens, at, "days|days_holiday"):
        here = _past_fillers(tokens, at + 1)
        if _kinds(tokens, here, "closed"):
            return _joined("closed_days", tokens, at, here + 1, tokens[at].value)
        if here > at + 1 and _kinds(tokens, here, "days") and tokens[here].text == "休息日":
            return _joined("closed_days", tokens, at, here + 1, tokens[at].value)  # 周一为休息日
        if _kinds(tokens, here, "year"):
            return _joined("remark", tokens, at, here + 1)
        if any(token.text in _AS_EVER for token in tokens[at + 1 : here]) and not _ranges_in_clause(tokens, here):
            return _joined("remark", tokens, at, here)
    if _kinds(tokens, at, "closed") or (_kinds(tokens, at, "days") and tokens[at].text == "休息日"):
        here = _past_fillers(tokens, at + 1)
        begins = at == 0 or tokens[at - 1].kind in ("comma", "stop", "open_bracket")
        ends = here + 1 >= len(tokens) or tokens[here + 1].kind in ("comma", "stop", "close_bracket")
        if begins and ends and here > at + 1 and _kinds(tokens, here, "days|days_holiday"):
            return _joined("closed_days", tokens, at, here + 1, tokens[here].value)  # 闭馆日：周一
    if _kinds(tokens, at, "allday", "area", "closed") and tokens[at + 2].text in ("除外", "例外"):
        return _joined("bad", tokens, at, at + 3)
    if _kinds(tokens, at, "range|spoken_range", "closed|nap") and not _has_its_break_next(tokens, at):
        return _joined("closed_range", tokens, at, at + 2, tokens[at].value)
    purpose = tokens[at].text == "休息" and at and tokens[at - 1].kind == "word"  # 供劳动者休息 8:00-18:00
    if _kinds(tokens, at, "nap|closed", "range|spoken_range") and not purpose:
        return _joined("closed_range", tokens, at, at + 2, tokens[at + 1].value)
    if _kinds(tokens, at, "include", "days|days_holiday") and not _ranges_in_clause(tokens, at):
        kind = "closed_days" if tokens[at].text.startswith("不") else "remark"
        return _joined(kind, tokens, at, at + 2, tokens[at + 1].value)
    if _kinds(tokens, at, "include", "holiday|days_holiday") or _kinds(tokens, at, "holiday", "closed|year"):
        return _joined("remark", tokens, at, at + 2)
    if _kinds(tokens, at, "holiday", "filler") and tokens[at + 1].text in ("正常", "照常", "均", "都"):
        return _joined("remark", tokens, at, at + 2)
    return None


def _has_its_break_next(tokens: list[Token], at: int) -> bool:
    """8:30-17:30午休12:00-14:00: the break lies inside the range before it."""
    if not _kinds(tokens, at + 2, "range|spoken_range"):
        return False
    (opens, closes), (begins, ends) = tokens[at].value, tokens[at + 2].value
    return bool(opens < begins and ends < closes)


def _whole_day(tokens: list[Token], at: int) -> tuple[Token, int] | None:
    """全天 8:30-17:30 says every day, 全天开放 and 周末全天 say round the clock."""
    if not _kinds(tokens, at, "wholeday"):
        return None
    before = next((token for token in reversed(tokens[:at]) if token.kind != "filler"), None)
    after = next((token for token in tokens[at + 1 :] if token.kind != "filler"), None)
    if after and after.kind == "closed":
        return _joined("filler", tokens, at, at + 1)
    if before and before.kind in ("days", "holiday"):
        if after and after.kind in ("time", "number", "allday"):
            return _joined("filler", tokens, at, at + 1)  # 周一至周五全天 8:30-17:30
        halves = _HALF_DAY.search("".join(token.text for token in tokens))
        # 周一至周五全天，周六上午8:30-12:00: a whole day of office hours, nobody knows which
        return _joined("bad" if halves else "allday", tokens, at, at + 1)
    timed = any(token.kind in ("time", "allday") for token in tokens) and not _kinds(tokens, at - 1, "area")
    opens = _kinds(tokens, at + 1, "filler|open")
    night = any(token.kind in ("qr", "id-card", "self-service") for token in tokens[at + 1 :])
    if timed and opens and (night or not _timed_outside_remarks(tokens)):
        timed = False  # 全天开放,22:00-6:00扫码进入
    return _joined("days" if timed else "allday", tokens, at, at + 1, frozenset(EVERY_DAY) if timed else None)


def _timed_outside_remarks(tokens: list[Token]) -> bool:
    """Whether a time stands outside brackets that is not "after 18:00", or a mere range in brackets."""
    kinds = " ".join(token.kind for token in tokens)
    if "open_bracket time dash time close_bracket" in kinds:
        return True
    depth = 0
    for token, after in zip(tokens, [*tokens[1:], None], strict=True):
        depth += (token.kind == "open_bracket") - (token.kind == "close_bracket")
        later = after is not None and after.kind == "qualified" and after.text in AFTER
        if token.kind in ("time", "allday") and depth <= 0 and not later:
            return True
    return False


def _pass(tokens: list[Token], *productions: Production) -> list[Token]:
    found: list[Token] = []
    here = 0
    while here < len(tokens):
        joined = next((made for rule in productions if (made := rule(tokens, here))), None)
        token, here = joined or (tokens[here], here + 1)
        found.append(token)
    return found


def phrases_of(tokens: list[Token]) -> list[Token]:
    """Tokens with the days, ranges, seasons and closures joined."""
    whole = _pass(tokens, _whole_day, _season, _range)
    return _pass(_pass(_pass(whole, _days), _except_days), _closed)
