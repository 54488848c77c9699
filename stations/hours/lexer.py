"""Cuts an opening-hours phrase into tokens. Offsets are those of the original text, so remarks quote it."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from unionportal.names import to_simplified

from .model import EVERY_DAY, Season

ENGLISH_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
AFTER = ("后", "以后", "之后", "过后")
_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "日": 7, "天": 7}
_AFTERNOON = {"下午", "午后", "pm"}
EVENING = {"傍晚", "晚上", "晚间", "夜间", "夜里", "夜晚", "深夜", "午夜", "晚", "夜"}
_NOON = {"中午", "正午", "午间"}
MONTH_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_THIRDS = {
    **dict.fromkeys(("上旬", "初"), (1, 10)),
    **dict.fromkeys(("中旬", "中"), (11, 20)),
    "上中旬": (1, 20),
    "中下旬": (11, 31),
    "上中下旬": (1, 31),
}

_NUMBER = r"(?:\d{1,2}|[零〇一二两三四五六七八九十]{1,3})"
_PART = (
    r"(?:凌晨|清晨|早晨|早上|早间|上午|中午|正午|午间|下午|午后|傍晚|晚上|晚间|夜间|夜里|夜晚|深夜|午夜"
    r"|早|朝(?=\s*[\d一二三四五六七八九十])|晚|夜|[ap]\.m\.|am|pm)"
)
_MONTH_DAY = rf"(?:初[一二三四五六七八九十]|廿[一二三四五六七八九]?|{_NUMBER}(?!\s*[:点时月.])\s*[日号]?)"
_AND_DAY = r"\s*(?:[、,/]|和|及|与|以及|逢)\s*逢?"
_MARKET_DAY = r"赶集(?:日|天)?|赶场(?:日|天)?|集市?日|逢集|逢圩|[圩墟]日|赶圩日?"
_DASH = r"(?:[-‐‑‒–—―−─~∼〜⁓ー→]+|(?:一?直)?(?:开放?|营业)?[至到]|\bto\b|(?<=[\d点时])一(?=\d))"


@dataclass(frozen=True, slots=True)
class Token:
    """`kind` is a name of _GRAMMAR or of a production; `text` is normalised."""

    kind: str
    text: str
    start: int
    end: int
    value: Any = None


@dataclass(frozen=True, slots=True)
class Clock:
    """A stated time. `minutes` is None when no such time exists (25:70); `of_24` when its hour was above twelve."""

    minutes: int | None
    part: str = ""
    next_day: bool = False
    padded: bool = False
    of_24: bool = False


@dataclass(frozen=True, slots=True)
class Date:
    """A month, with the first and last day it may stand for; `exact` when a day is named."""

    month: int
    first: int
    last: int
    exact: bool = False
    whole_month: bool = False
    year: str = ""


# Tried in this order at every position; the first that matches is the token.
_GRAMMAR: tuple[tuple[str, str], ...] = (
    ("word", r"(?<!\d)(?:1\d{10}|0\d{2,3}-?\d{7,8}|\d{7,8})(?!\d)|(?:提前|不少于|满)\d+个?小时"),
    (
        "word",
        r"(?:24|二十四)个?小时(?:内|前|客服|咨询|(?:视频)?监控|预约|(?:供应?)?[热开饮冷]水|急救|自动售货|便利店|保洁|巡逻"
        r"|(?:服务|值班|联系|咨询|投诉|求助|监督|维权){0,2}(?:热线|电话))|(?<=热线|电话)(?:24|二十四)个?小时",
    ),
    (
        "allday",
        r"(?:[7七](?:[天日]\s*[x×*]?|\s*[x×*])\s*)?(?:24|二十四)\s*个?(?:小时|hours?|h(?![a-z]))|7\s*[x×*]\s*24|24\s*/\s*7(?!\d)|全天候|全时段",
    ),
    ("allday", r"昼夜(?:不停|不息)?"),
    (
        "holiday",
        rf"(?:除夕|(?:大年|正月)?初[一二三四五六七八九十])\s*{_DASH}\s*(?:大年|正月)?(?:初[一二三四五六七八九十]|十五|元宵节?)",
    ),
    # Days that no week can express: 每月1日、15日 · 逢五逢十 · 初一、十五 · 赶集日 · 单周.
    (
        "qualifier",
        rf"(?:每个?月|农历|阴历)的?\s*逢?{_MONTH_DAY}(?:{_AND_DAY}{_MONTH_DAY})*(?:\s*{_MARKET_DAY})?"
        rf"|逢\s*{_MONTH_DAY}(?:{_AND_DAY}{_MONTH_DAY})*(?:\s*{_MARKET_DAY})?"
        rf"|初[一二三四五六七八九十](?:{_AND_DAY}{_MONTH_DAY})*|逢?(?:{_MARKET_DAY})"
        r"|每个?(?:月|季度?|隔)|农历|阴历|[单双隔]周(?![一二三四五六日天末])|第[一二三四五\d]个|最后一个|逢?[单双][日号]|[奇偶]数日"
        r"|每周(?:开放|营业|工作)?[一二三四五六1-6]天|[五六56]天工作制|[上做][五六]休[一二]|单双休|单休(?!日)|大小周",
    ),
    # 7、8、9三个月 · 7、8两月
    ("months", r"(?:\d{1,2}月?[、,])+\d{1,2}月?\s*[两二三四五六]个?月份?"),
    # 七、八月份 · 七八月
    (
        "months",
        r"[一二三四五六七八九十]{1,2}(?:、[一二三四五六七八九十]{1,2})+月份?(?!\d)|(?:六?七八九?|五六七?|六七|八九|四五六?|三四五?)月份?",
    ),
    # 07-01至09-30
    (
        "dashed",
        r"(?<![\d:.])\d{1,2}-\d{1,2}(?=\s*[至到~—]\s*\d{1,2}-\d{1,2}(?![\d:]))|(?<=[至到~—])\d{1,2}-\d{1,2}(?![\d:])",
    ),
    ("fulldate", r"(?P<y>\d{4})[-./](?P<m>\d{1,2})[-./](?P<d>\d{1,2})(?!\d)"),
    (
        "date",
        rf"(?:(?P<year>\d{{4}}年|今年|每年|本年|当年|次年|翌年|来年|明年|第二年|下一?年)的?\s*)?(?P<month>{_NUMBER})\s*月份?"
        rf"(?:\s*(?P<day>{_NUMBER})(?:\s*[日号]|(?=\s*{_DASH}\s*{_NUMBER}\s*[月日号]))"
        r"|(?P<third>上中下?旬|中下旬|[上中下]旬|[初底末]|中(?!午)))?",
    ),
    (
        "time",
        rf"(?P<next>(?:次日|翌日|第二[天日]|转天|次晨|翌晨|隔天|隔日)的?\s*)?(?:每?(?P<part>{_PART})\s*:?\s*)?"
        rf"(?:(?:(?<![\d.])|(?<=:\d{{2}}))(?P<h>\d{{1,2}})\s*:{{1,2}}\s*(?P<m2>\d{{2}})(?::\d{{2}}(?!\d*:))?"
        r"(?!\d(?!\d?:\d{2}))(?:\s*[点时分](?![间段]))?"
        rf"|(?P<hz>{_NUMBER})\s*[点时](?![间段候制令位])(?:\s*(?:(?P<frac>半|[一三]刻)|(?!一(?:直|[至到]|\s*\d))(?P<min>{_NUMBER})分?"
        r"(?![\d:月日点时]))|整|钟)?)(?P<suffix>\s*[ap]\.?m\.?(?!\s*:?\s*\d))?",
    ),
    # 18:0 and 8:30-17: lack a digit
    ("bad", rf"(?<![\d:.])\d{{1,2}}:\d(?![\d:])|(?<=:\d\d){_DASH}\d{{1,2}}:(?=\s*$)"),
    ("time", rf"(?P<next>次日|翌日)?每?(?P<part>{_PART})\s*(?P<hz>{_NUMBER})(?![\d:.月日号年个小元人楼])"),
    # 7;00-22;00 is a slip of the hand for a colon; 8-11;14-17 is not.
    (
        "time",
        rf"(?<![\d:.])(?P<h>\d{{1,2}});(?P<m2>\d{{2}})"
        rf"(?=\s*{_DASH}\s*\d{{1,2}};\d{{2}}|\s*(?!{_DASH})(?:[^\d\s]|$))",
    ),
    # 8:30-17.30 writes one of its times with a full stop.
    (
        "time",
        rf"(?<![\d:.])(?P<h>\d{{1,2}})\.(?P<m2>[0-5]\d)(?=\s*{_DASH}\s*\d{{1,2}}:\d{{2}})"
        r"|(?<=:\d\d[-‐–—―~〜至到])(?P<h2>\d{1,2})\.(?P<m3>[0-5]\d)(?![\d.])",
    ),
    ("time", r"(?<![\d:.])(?P<hz>\d{1,2})\s*(?P<suffix>[ap]\.?m\.?)"),
    ("compact", rf"(?<!\d)\d{{3,4}}(?=\s*{_DASH}\s*\d{{4}}(?!\d))|(?<=[-~–—至到])\d{{4}}(?![\d年])"),
    (
        "dotted",
        r"(?<![\d:.])(?P<yr>(?:次|翌|来|明|第二|下)年\s*)?(?P<a>\d{1,2})(?P<mark>[./])(?P<b>\d{1,2})"
        r"(?![\d.%]|:(?!\s*(?:\d{1,2}\s*[:点时]|[周每早上])))",
    ),
    ("daynum", rf"{_NUMBER}[日号](?![楼线口门院店常均])"),
    ("day", r"(?:每逢|[每逢])?(?:周|星期|礼拜)\s*(?P<wd>[一二三四五六](?!天)|[日天]|[1-7](?!\d))"),
    ("day", r"(?P<wd>[一二三四五])(?=[至到~-][二三四五六日天](?![点时月十个楼号层]))"),
    ("bare_days", r"(?<![周期拜一二三四五六日天])[一二三四五六日]{2,7}(?=\s*:?\s*\d{1,2}\s*[:点时])"),
    ("day", r"(?P<en>mon|tue|wed|thu|fri|sat|sun)(?:[a-z]*day|s|rs)?s?\b\.?"),
    ("two_days_off", r"周末双休(?!日)|双休(?=\s*(?:$|[,;。、)]))"),
    ("offdays", r"非(?:法定)?工作日"),
    ("dayset", r"非(?:周末|双休日?|休息日)|(?:国家)?(?:法定)?工作日|平日|(?P<weekend>双休日?|周末|法定休息日|休息日)"),
    ("dayset", r"(?P<every>每一?天|每日|天天|一周(?:七|7)天|逐日)"),
    ("wholeday", r"全[天日](?!制)"),
    ("year", r"(?:全年|一年)?365天|全年(?:无休|不休)?|一年四季|无休|不休息?|每年"),
    (
        "holiday",
        r"(?:国家|国定)?(?:法定)?(?:节假日|节日|假日|假期|公休日|春节|国庆节?|五一|元旦|清明节?|端午节?|中秋节?"
        r"|除夕)(?:期间|当[天日])?",
    ),
    (
        "season",
        r"夏[季天令](?:时|作息|高温期?)?|冬[季天令](?:时|作息)?|[春夏秋冬]{2}季?|[春秋]季|[夏冬](?=\s*:)|寒暑假|[寒暑]假|暑期|[三入出]伏天?|夏至|冬至|立[春夏秋冬]|[旺淡]季|[供采]暖[季期]|汛期|高温(?:期间?|季节?)"
        r"|高温(?:天气)?(?:[黄橙红]色)?(?:预警)?(?:期间|时段)",
    ),
    ("except", r"除了?(?!外|夕)"),
    ("outside", r"以外|之外|(?<!户)外(?=$|[^地部卖送来])"),
    ("nap", r"午休(?:时间)?|午间休息"),
    (
        "area",
        r"(?:政务|服务|办事|营业|便民|一楼|二楼)*大厅|(?:24小时)?自助(?:服务|办理|银行)?区|人工(?:服务)?区",
    ),
    (
        "area",
        r"(?:室[内外]|户[内外](?!劳动|职工|工作|作业))(?:区域?|空间|部分|场所)?|(?:阅览|休息|活动|母婴)[室区]|服务窗口|窗口|食堂",
    ),
    (
        "closed",
        r"公休(?!日)|轮休|店休|固定休息|(?:闭馆|闭站|休馆|店休)日|闭馆|闭站|闭店|闭点|闭门|休息|休馆|休业|歇业|停业|关闭|关门|打烊|除外|例外|停止(?:开放|服务|营业)"
        r"|(?:不|暂停)(?:再|予以?)?(?:对外)?(?:开放|营业|服务|办公|上班|值班|接待|开门?)(?!日)|不对外(?!开|营)|放假|停用|消毒|维护|检修|清扫|结束|截止$|休(?=\s*(?:$|[,;。、)]))|下班(?!以?之?后)|(?<=[\d点时半])关(?=\s*(?:$|[,;。、)]))|关(?=\s*:\s*\d)",
    ),
    (
        "extend",
        r"(?:延长|调整|变更|更改|改|顺延|缩短|延时|推迟|延迟|提前)(?:开放|营业|服务)?(?:时间)?(?:[至到为])",
    ),
    ("old", r"原(?!则)(?:来|先|为|定|有)?|此前|以前|过去"),
    (
        "other_months",
        r"其[余他它]的?(?:各?月份?|季节?(?!度))|非(?:暑[期假]|[夏冬]季|高温(?:期间?|季节?)|汛期|[供采]暖[季期])",
    ),
    ("rest", r"其[余他它]的?(?:时[间段]|日期|日子)|剩余时[间段]|平[时常]"),
    ("other_days", r"其[余他它]的?(?=\s*[:是为]?\s*(?:\d{1,2}\s*[:点时]|工作日))"),
    ("rest", r"非(?:值守|工作|营业|开放|服务|人工|办公|上班)时[间段]段?"),
    (
        "staffed",
        r"(?<!无)(?:有?工作人员|有?专人|有人|人工|人员)(?:在岗)?(?:值守|服务|值班|开放|管理|在岗)(?:服务)?",
    ),
    ("staffed", r"有工作人员|有专人|(?<=\d)(?:值守|值班)|人工(?=\s*(?:$|[,;。、)]))"),
    ("id-card", r"(?:凭|刷|持|出示)?(?:二代)?身份证"),
    ("qr", r"(?:扫|凭|刷|出示|持)?(?:描|码)?(?:工会)?会员(?:二维)?码|扫(?:描|一扫)?二?维?码|二维码"),
    ("self-service", r"刷卡(?:进入|进门|入内|开门)|无人值守|无人值班|自助(?:式|模式|服务|使用|开放|进入|借阅)?"),
    ("door-open", r"敞开|自由进出|无需刷[卡码脸]|直接进入"),
    ("qualified", rf"白天|日间|次日|翌日|第二天|{_PART}|以后|之后|过后|后|以前|之前|前"),
    ("until", r"截[至止](?:到|于)?"),
    ("approx", r"大约|约|左右|预计|暂定|拟|原则上"),
    ("dash", _DASH),
    ("begin", r"起|开始"),
    (
        "open",
        r"开门|开馆|开店|开(?=\s*:\s*\d)|(?<=[\d点时半])开(?=\s*[,、;]?\s*[早晚下\d])|开放(?=[,、\s;]*(?:[早晚下]|\d|[至到]\s*[早晚下\d]))",
    ),
    ("include", r"(?:不)?(?:含|包括|包含)"),
    (
        "filler",
        r"开放|营业|服务|运营|运行|值班|值守|办公|工作|上班|使用|可用|响应|延时|错时|不间断|不打烊|对外|正常|免费"
        r"|时间段|时间|时段|期间|具体|日常|统一|一般|通常|均可|为|是|在|于|从|自|由|的|均|都|可|内|止|共|现|有|其余|进入|进门|开门|入内|出入|门禁|即可|即用|刷卡|凭"
        r"|今天|今日|即日|常年|照常|准时|例行|定期|固定|照例|也|亦|[:=]",
    ),
    ("open_bracket", r"[(\[【〔]"),
    ("close_bracket", r"[)\]】〕]"),
    ("stop", r"[;。.!?\n|]+"),
    ("comma", r"[,、/&+]|以及|和|及|与(?=\s*[\d周星])|并且?|或"),
    ("number", r"(?<!\d)\d{1,2}(?!\d)"),
    ("space", r"[\s\"'“”‘’「」『』·*]+"),
    ("word", r"\d+|[a-z]+|."),
)
_RULES = tuple((kind, re.compile(pattern, re.DOTALL)) for kind, pattern in _GRAMMAR)
_BARE_DAY = re.compile(
    r"[一二三四五六日天](?![点时月十个楼号层])|[1-7](?=:\s*\d{1,2}\s*[:点时])|[1-7](?![\d:.点时月日号]|\s*[-~至到])"
)


# 1、8:30-11:30；2、14:00-17:00
_FIRST = re.compile(r"\s*(?:[(\[]1[)\]]|1[、.])")
_ENUMERATOR = re.compile(
    r"(?:^|(?<=[;。,\n]))\s*(?:[(\[]\d[)\]]|\d[、.])(?=\s*(?:\d{1,2}\s*[:点时]\s*\d|周|星期|每|工作日|[夏冬][季天]|[上下]午))"
)


def normalise(text: str) -> str:
    """Half-width, lower case and simplified, with the length kept so that offsets stay those of `text`."""
    text = re.sub(r"[①-⑳❶-❿⑴-⒇]", ";", text)
    folded = "".join(form if len(form := unicodedata.normalize("NFKC", char).lower()) == 1 else char for char in text)
    if _FIRST.match(folded):
        folded = _ENUMERATOR.sub(lambda mark: " " * len(mark.group()), folded)
    folded = re.sub(r"(?<=\d:)oo|(?<=\d:\d)o", lambda slip: "0" * len(slip.group()), folded)  # 18:OO
    folded = re.sub(r"(?<=[周期拜])[-–—](?=[至到])", "一", folded)  # 周—至周五
    folded = folded.replace("\\n", "\n ").replace("\\r", "  ").replace("∶", ":").replace("︰", ":")
    simplified = to_simplified(folded)
    return simplified if len(simplified) == len(folded) else folded


def number(text: str) -> int:
    """ "22" or "二十二" as a number; what is no number (十一五) is too large for any hour, day or month."""
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return int("".join(str(_DIGITS[char]) for char in text))
    return (_DIGITS.get(tens, 99) if tens else 1) * 10 + (_DIGITS.get(ones, 99) if ones else 0)


def _clock(hour: int, minute: int, part: str = "", *, next_day: bool = False, padded: bool = False) -> Clock:
    of_24 = hour > 12
    valid = 0 <= minute < 60 and (0 <= hour < 24 or (hour == 24 and minute == 0))
    if (part in _AFTERNOON and hour < 12) or (part in EVENING and 5 <= hour <= 12):
        hour += 12
    elif (part in _NOON and hour < 4) or (part == "午夜" and hour == 0):
        hour += 12 if part in _NOON else 24
    elif part in ("凌晨", "am") and hour == 12:
        hour = 0
    return Clock(hour * 60 + minute if valid else None, part, next_day, padded, of_24)


def _time(match: re.Match[str]) -> Clock:
    found = match.groupdict()
    hour = found.get("h") or found.get("h2") or found["hz"]
    minute = found.get("m2") or found.get("m3") or (number(found["min"]) if found.get("min") else 0)
    fraction = found.get("frac")
    if fraction:
        minute = {"半": 30, "一刻": 15, "三刻": 45}[fraction]
    suffix = (found.get("suffix") or "").strip().replace(".", "")
    part = suffix or (found.get("part") or "").replace(".", "")
    return _clock(number(hour), int(minute), part, next_day=bool(found.get("next")), padded=hour.startswith("0"))


def _date(month: int, day: int | None = None, third: str = "", year: str = "") -> Date | None:
    if not 1 <= month <= 12 or (day is not None and not 1 <= day <= MONTH_DAYS[month - 1]):
        return None
    length = MONTH_DAYS[month - 1]
    if day is not None:
        return Date(month, day, day, exact=True, year=year)
    if third:
        first, last = _THIRDS.get(third, (21, 31))
        return Date(month, first, min(last, length), year=year)
    return Date(month, 1, length, whole_month=True, year=year)


def _months_in(text: str) -> list[int]:
    """7、8、9三个月 · 七、八月份 · 七八月."""
    if found := re.findall(r"\d+", text):
        return [int(one) for one in found]
    named = text.partition("月")[0]
    return [number(one) for one in (named.split("、") if "、" in named else named)]


def _valued(kind: str, match: re.Match[str], clock_text: bool) -> tuple[str, Any]:
    """The kind and value of a match; `clock_text` tells that the phrase writes times as 8:30 or 8点."""
    if kind == "time":
        return "time", _time(match)
    if kind == "compact":
        text = match.group()
        return "time", _clock(int(text[:-2]), int(text[-2:]), padded=True)
    if kind == "date":
        day = match["day"]
        found = _date(number(match["month"]), number(day) if day else None, match["third"] or "", match["year"] or "")
        return ("date", found) if found else ("bad", None)
    if kind == "fulldate":
        found = _date(int(match["m"]), int(match["d"]), year=match["y"] + "年")
        return ("date", found) if found else ("bad", None)
    if kind == "dotted":
        first, second = int(match["a"]), match["b"]
        if match["mark"] == "." and not (clock_text or match["yr"]) and len(second) == 2 and int(second) % 5 == 0:
            return "time", _clock(first, int(second))
        found = _date(first, int(second), year=match["yr"] or "")
        return ("date", found) if found else ("word", None)
    if kind == "dashed":
        month, day = map(int, match.group().split("-"))
        found = _date(month, day)
        return ("date", found) if found else ("word", None)
    if kind == "months":
        text = match.group()
        numbers = _months_in(text)
        count = re.search(r"\d\D*?([两二三四五六])个?月", text)
        follow = all(after == before % 12 + 1 for before, after in pairwise(numbers))
        if (count and len(numbers) != number(count[1])) or not follow or not all(1 <= one <= 12 for one in numbers):
            return "word", None
        first, last = numbers[0], numbers[-1]
        return "dates", Season(f"{first:02d}-01", f"{last:02d}-{MONTH_DAYS[last - 1]}")
    if kind == "daynum":
        return "daynum", number(match.group()[:-1])
    if kind == "day":
        groups = match.groupdict()
        english = groups.get("en")
        day = ENGLISH_DAYS.index(english) + 1 if english else number(groups["wd"])
        return "days", frozenset({day})
    if kind == "bare_days":
        return "days", frozenset(number(name) for name in match.group())
    if kind == "two_days_off":
        return "closed_days", frozenset({6, 7})
    if kind == "offdays":
        return "days_holiday", frozenset({6, 7})
    if kind == "dayset":
        groups = match.groupdict()
        days = EVERY_DAY if groups.get("every") else (6, 7) if groups.get("weekend") else (1, 2, 3, 4, 5)
        return "days", frozenset(days)
    if kind == "number":
        return "number", int(match.group())
    return kind, None


def _after_a_day(tokens: list[Token]) -> bool:
    if tokens and tokens[-1].kind in ("comma", "dash"):
        return len(tokens) > 1 and tokens[-2].kind == "days" and tokens[-2].end == tokens[-1].start
    return bool(tokens) and tokens[-1].kind == "days" and tokens[-1].text[-1] not in "日天末"


def tokens_of(text: str) -> Iterator[Token]:
    """The tokens of an already normalised text; spaces and quotation marks are left out."""
    clock_text = bool(re.search(r"\d\s*(?::\s*\d{2}|[点时](?!间))", text))
    found: list[Token] = []
    position = 0
    while position < len(text):
        bare = _BARE_DAY.match(text, position) if _after_a_day(found) else None
        if bare:
            token = Token("days", bare.group(), position, bare.end(), frozenset({number(bare.group())}))
        else:
            kind, match = next((k, m) for k, rule in _RULES if (m := rule.match(text, position)))
            kind, value = _valued(kind, match, clock_text)
            token = Token(kind, match.group(), position, match.end(), value)
        position = token.end
        if token.kind != "space":
            found.append(token)
    yield from found
