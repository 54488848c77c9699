"""Numbers in Chinese characters, read strictly: 三十, 两百, 一千零五, 一万两千, and 三四十 for thirty to forty.

What people understand differently is refused and not guessed: 一百二 (120 or 102), 二〇二三 (a year).
"""

import re

DIGITS = {sign: worth for worth, signs in enumerate(("零〇", "一", "二两", "三", *"四五六七八九")) for sign in signs}
SMALL_SCALES = {"十": 10, "百": 100, "千": 1000}
LARGE_SCALES = {"万": 10_000, "亿": 100_000_000}
CHARACTERS = "".join([*DIGITS, *SMALL_SCALES, *LARGE_SCALES])

# 三四十, 两三百, 十七八, 七八: two digits in a row are a span; 三五 is the one that leaves a digit out.
_SPAN = re.compile(
    r"(?P<tens>[一二三四五六七八九]?十)?(?P<low>[一二两三四五六七八])(?P<high>[两二三四五六七八九])(?P<scale>[十百千]?[万亿]?)"
)


def chinese_number(text: str) -> int:
    """三十 → 30, 一万两千 → 12000. Raises ValueError for what is not one well-formed number."""
    total, rest = 0, text
    for sign in reversed(LARGE_SCALES):
        head, found, tail = rest.partition(sign)
        if found:
            total += _below_ten_thousand(head, leading=rest is text) * LARGE_SCALES[sign]
            rest = tail
            if not rest:
                return total
    return total + _below_ten_thousand(rest, leading=rest is text)


def _below_ten_thousand(text: str, *, leading: bool) -> int:
    """`leading`: nothing stands before it, so that 十 alone is ten and no 零 is wanted."""
    total, last, zero = 0, 10_000, False
    digit: int | None = None
    for sign in text:
        if sign in SMALL_SCALES:
            scale = SMALL_SCALES[sign]
            if digit is None and (sign != "十" or total or not leading):
                raise ValueError(text)
            if scale >= last:
                raise ValueError(text)
            total, last, digit, zero = total + (digit or 1) * scale, scale, None, False
        elif sign not in DIGITS or digit is not None:
            raise ValueError(text)
        elif DIGITS[sign]:
            digit = DIGITS[sign]
        else:
            zero = True
    # 一百二: a digit after 百, 千 or 万 needs its 零, or it is a shortened 120.
    if digit is not None and last != 10 and not zero and (total or not leading):
        raise ValueError(text)
    if not text or (digit is None and not total):
        raise ValueError(text)
    return total + (digit or 0)


def chinese_span(text: str) -> tuple[int, int] | None:
    """三四十 → (30, 40), 十七八 → (17, 18), 三五 → (3, 5); None for anything else."""
    found = _SPAN.fullmatch(text)
    if found is None:
        return None
    low, high = DIGITS[found["low"]], DIGITS[found["high"]]
    if high != low + 1 and (low, high) != (3, 5):
        return None
    tens, scale = 0, 1
    if found["tens"]:
        tens = chinese_number(found["tens"])
        if found["scale"][:1] in SMALL_SCALES:
            return None
    for sign in found["scale"]:
        scale *= (SMALL_SCALES | LARGE_SCALES)[sign]
    return (tens + low) * scale, (tens + high) * scale
