"""Numbers as people type them: 1,200 · 约30平方米 · ３０ · 200多名 · 1.2万元; and numbers that are names."""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from .blank import Codes, is_blank, marker_code
from .text import as_text, clean_text

EXACTLY, ABOUT, OVER, UNDER = "", "about", "over", "under"
BEFORE = {
    "约": ABOUT,
    "大约": ABOUT,
    "约为": ABOUT,
    "近": UNDER,
    "不足": UNDER,
    "超": OVER,
    "超过": OVER,
    "逾": OVER,
}
BEFORE |= {
    "不少于": OVER,
    "≥": OVER,
    ">": OVER,
    "＞": OVER,
    "≤": UNDER,
    "<": UNDER,
    "＜": UNDER,
    "共": EXACTLY,
    "~": ABOUT,
}
AFTER = {
    "左右": ABOUT,
    "上下": ABOUT,
    "多": OVER,
    "余": OVER,
    "以上": OVER,
    "+": OVER,
    "以下": UNDER,
    "以内": UNDER,
}
SCALES = {"千": 1_000, "万": 10_000, "百万": 1_000_000, "千万": 10_000_000, "亿": 100_000_000}


def _any_of(words) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


QUANTITY = re.compile(
    rf"(?P<before>{_any_of(BEFORE)})?"
    r"(?P<number>[+-]?(?:\d{1,3}(?:[,，]\d{3})+|\d+)(?:\.\d*)?|[+-]?\.\d+)"
    rf"(?P<scale1>{_any_of(SCALES)})?(?P<after1>{_any_of(AFTER)})?(?P<scale2>{_any_of(SCALES)})?"
    rf"(?P<unit>[^\d\s,，;；、.~\-—至到或和+（(]*?)(?P<after2>{_any_of(AFTER)})?"
)
SCIENTIFIC = re.compile(r"[+-]?(\d)(?:\.(\d+))?[eE]\+?(\d{1,3})")
# A spreadsheet keeps 15 significant digits of a number.
SAFE_INTEGER = 10**15

SQUARE_METRES: Mapping[str, Decimal] = {
    "㎡": Decimal(1),
    "m²": Decimal(1),
    "m2": Decimal(1),
    "平方米": Decimal(1),
    "平米": Decimal(1),
    "平方": Decimal(1),
    "平": Decimal(1),
    # 1 亩 = 10000/15 m²
    "亩": Decimal(10000) / 15,
}


class Quantity(NamedTuple):
    """A number with the unit typed behind it and how exact it claims to be."""

    value: Decimal
    unit: str = ""
    qualifier: str = EXACTLY


def parse_quantity(value: Any) -> Quantity | None:
    """The number in a cell with its unit; ``None`` where it holds none or more than one."""
    if isinstance(value, bool) or marker_code(value):
        return None
    if isinstance(value, int | float):
        number = Decimal(repr(value))
        return Quantity(number) if number.is_finite() else None
    text = re.sub(r"\s", "", clean_text(value)[0])
    if SCIENTIFIC.fullmatch(text):
        return Quantity(Decimal(text))
    match = QUANTITY.fullmatch(text)
    if not match:
        return None
    try:
        number = Decimal(re.sub("[,，]", "", match["number"]))
    except InvalidOperation:
        return None
    number *= SCALES.get(match["scale1"], 1) * SCALES.get(match["scale2"], 1)
    after = match["after1"] or match["after2"]
    return Quantity(number, match["unit"], AFTER.get(after) or BEFORE.get(match["before"], EXACTLY))


def clean_number(value: Any, units: Mapping[str, Decimal | int] | None = None) -> tuple[Decimal | None, Codes]:
    """A number, in the column's own unit.

    ``units`` maps the units this column accepts to their factor, as ``SQUARE_METRES`` does; another unit is
    refused with ``unit-unknown``. Without ``units`` a unit is dropped with a note.
    """
    if code := marker_code(value):
        return None, [code]
    if is_blank(value):
        return None, []
    quantity = parse_quantity(value)
    if quantity is None:
        return None, ["number-unreadable"]
    codes: Codes = ["value-approximate"] if quantity.qualifier != EXACTLY else []
    number = quantity.value
    if quantity.unit and units is None:
        codes.append("unit-removed")
    elif quantity.unit and units is not None:
        factor = units.get(quantity.unit.lower(), units.get(quantity.unit))
        if factor is None:
            return None, ["unit-unknown"]
        codes.append("unit-removed" if factor == 1 else "unit-converted")
        number = number * factor if factor == 1 else round(number * factor, 2)
    return number, codes


def clean_integer(value: Any, units: Mapping[str, Decimal | int] | None = None) -> tuple[int | None, Codes]:
    """A whole number; 30.5 is refused with ``number-not-whole``."""
    number, codes = clean_number(value, units)
    if number is None:
        return None, codes
    if number != number.to_integral_value():
        return None, ["number-not-whole"]
    return int(number), codes


def clean_digits(value: Any, *, keep: str = "") -> tuple[str, Codes]:
    """A number that is a name (telephone, identity number, code), as its digits.

    ``keep`` lists further characters that belong to it, such as "-+" for telephones or "X" for identity
    numbers; letters are compared in upper case. Spaces are dropped. Digits that a numeric cell or the
    scientific notation has cut off can't be restored: refused with ``digits-lost``.
    """
    if code := marker_code(value):
        return "", [code]
    if is_blank(value):
        return "", []
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _digits_of_number(value)
    text, codes = clean_text(as_text(value))
    text = text.lstrip("'’‘").replace(" ", "").upper()
    if match := SCIENTIFIC.fullmatch(text):
        return _digits_of_scientific(match)
    if re.fullmatch(r"\d{5,}\.0+", text):
        return text.partition(".")[0], ["digits-recovered"]
    if re.sub(f"[{re.escape(keep.upper())}]", "", text) if keep else text:
        plain = "".join(character for character in text if character not in keep.upper())
        if not (plain.isascii() and plain.isdigit()):
            return "", ["digits-unreadable"]
    return text, codes


def _digits_of_number(value: int | float) -> tuple[str, Codes]:
    if isinstance(value, float) and (not value.is_integer() or value < 0):
        return "", ["digits-unreadable"]
    if value < 0:
        return "", ["digits-unreadable"]
    if isinstance(value, float) and value >= SAFE_INTEGER:
        return "", ["digits-lost"]
    return str(int(value)), []


def _digits_of_scientific(match: re.Match[str]) -> tuple[str, Codes]:
    """1.38E+10 shows 3 of 11 digits; only a mantissa that shows them all can be trusted."""
    digits, exponent = match[1] + (match[2] or ""), int(match[3])
    if len(digits) == exponent + 1 <= 15:
        return digits, ["digits-recovered"]
    return "", ["digits-lost"]
