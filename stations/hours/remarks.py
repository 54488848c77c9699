"""What a text says of hours that are no timetable: "as the shop is open", "closed on public holidays"."""

from __future__ import annotations

import re

from .lexer import normalise
from .model import HoursReading

_AS_HOST = re.compile(
    r"(?:与|同|随|跟|按|依|参照)[^,。;]{0,12}(?:营业|开放|办公|上班|经营)(?:时间|时段)"
    r"|(?:营业|开放|办公|上班)(?:时间|时段)内|(?:营业|上班|办公)期间"
)
_SEVERAL = re.compile(r"其[它他]|自行")

_HOLIDAY = r"(?:国家|国定)?(?:法定)?(?:节假日|节日|假日|公休日)(?:期间)?"
_SHUT = re.compile(
    rf"{_HOLIDAY}(?:除外|例外|休息|不开放|不营业|闭馆|闭站|关闭|歇业|休馆|休)|除(?:了)?{_HOLIDAY}(?:以?外|之外)|不含{_HOLIDAY}"
)
_ALWAYS = re.compile(
    rf"{_HOLIDAY}(?:均|都|也)?(?:正常|照常|不休|无休|不打烊)|(?:含|包括){_HOLIDAY}|全年无休|365天|每周(?:7|七)天|全年开放"
)
_FESTIVAL = re.compile(
    r"(?:春节|除夕|国庆节?|五一|劳动节|元旦|清明节?|端午节?|中秋节?|元宵节?|大年(?:初|三)|正月|初[一二三四五六七八九十])[^,。;)]{0,12}?"
    r"(?:除外|例外|休息|放假|闭馆|闭站|闭店|关闭|关门|不开|不营业|歇业|停业|休馆|休(?=$|[,。;)]))|除(?:了)?(?:春节|除夕|国庆)[^,。;]{0,8}外"
)
_AND = r"(?:[、和及与/]|以及)?"
_AS_WEEKEND = re.compile(rf"(?:周末|双休日?|周日|星期[日天]){_AND}{_HOLIDAY}|{_HOLIDAY}{_AND}(?:周末|双休日?)")


def follows_host(reading: HoursReading) -> bool:
    """Whether a text without hours of its own says that a host's business hours hold (随商场营业时间)."""
    remarks = normalise("；".join(reading.notes))
    return not reading.understood and bool(_AS_HOST.search(remarks)) and not _SEVERAL.search(remarks)


def stated_holidays(text: str) -> str:
    """What a text says of public holidays: "closed", "weekday" (as any day), "sunday" (as on weekends), "unknown" (shut
    on one festival, with not a word on the others), "" (nothing).

    Two statements that contradict each other are none.
    """
    plain = re.sub(r"\s", "", normalise(text))
    rules = (("closed", _SHUT), ("weekday", _ALWAYS), ("sunday", _AS_WEEKEND))
    if _FESTIVAL.search(plain) and not _SHUT.search(plain):
        return "unknown"
    found = [name for name, rule in rules if rule.search(plain)]
    return found[0] if len(found) == 1 else ""
