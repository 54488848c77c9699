"""Text as a person would have typed it."""

import datetime as dt
import re
from typing import Any

from unionportal.codes import UNSEEN

from .blank import Codes, marker_code

# Letters, digits and signs of codes; ，（）：；！？ are full-width forms too, but Chinese punctuation.
_FULL_WIDTH = [
    *range(0xFF10, 0xFF1A),
    *range(0xFF21, 0xFF3B),
    *range(0xFF41, 0xFF5B),
    *map(ord, "＠＃％＆＋－．／＝＿＊＂＇"),
]
FULL_WIDTH = {code: code - 0xFEE0 for code in _FULL_WIDTH}
INVISIBLE = re.compile(rf"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe{UNSEEN}]")
LINE_BREAK = re.compile(r"[ \t]*(?:\r\n|[\r\n\x85\u2028\u2029]|_x000[dD]_)+\s*")
SPACES = re.compile(r"[ \t\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
# One search that tells the ordinary cell, which is nearly every cell, from one that needs work.
UNUSUAL = re.compile(
    "[\x00-\x1f\x7f-\xa0\xad\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u2069\u3000\ufeff\ufffe"
    "０-９Ａ-Ｚａ-ｚ＠＃％＆＋－．／＝＿＊＂＇]|  |^ | $|_x000[dD]_"
)
# A space between two Chinese characters is a slip; one beside a Latin word is not.
CHINESE_GAP = re.compile(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])")


def as_text(value: Any) -> str:
    """A cell's value as a spreadsheet shows it: 3.0 is “3”, midnight of a day is the day."""
    if isinstance(value, str):
        return str(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e21 else repr(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ", "minutes")
    if isinstance(value, dt.time):
        return value.isoformat("minutes")
    if isinstance(value, dt.timedelta):
        minutes = round(value.total_seconds() / 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}"
    return str(value)


def clean_text(value: Any, *, joiner: str = " ", join_chinese: bool = False) -> tuple[str, Codes]:
    """Text without invisible characters, stray spaces and line breaks; Chinese punctuation stays.

    ``joiner`` takes the place of line breaks (pass "\\n" to keep them). ``join_chinese`` also removes single
    spaces between Chinese characters, right for names of people and places.
    """
    if code := marker_code(value):
        return "", [code]
    text = as_text(value)
    if not UNUSUAL.search(text) and not (join_chinese and " " in text):
        return text, []
    codes: Codes = []
    narrow = text.translate(FULL_WIDTH)
    if narrow != text:
        codes.append("full-width-converted")
    stripped = narrow.strip()
    joined = LINE_BREAK.sub(joiner.replace("\\", r"\\"), stripped)
    if joined != stripped and joiner != "\n":
        codes.append("line-breaks-joined")
    cleaned = INVISIBLE.sub("", joined)
    cleaned = SPACES.sub(" ", cleaned).strip()
    if join_chinese:
        cleaned = CHINESE_GAP.sub("", cleaned)
    if cleaned != joined or stripped != narrow:
        codes.append("text-cleaned")
    return cleaned, codes
