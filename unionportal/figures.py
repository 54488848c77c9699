"""A number as it is printed in a report: value, unit and how sure the writer was.

近60 · 6万多元 · 1000余人 · 上万 · 数千 · 5000元至7000元 · 22元/小时以上 · 12.8万人(次) · 三十余名 · 两三百人

Money is Decimal yuan on the way in and integer fen inside; nothing is ever rounded.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from unionportal.codes import CodeError
from unionportal.numerals import CHARACTERS, LARGE_SCALES, SMALL_SCALES, chinese_number, chinese_span

YUAN = "元"
_UP_TO_A_THOUSAND = {"": 1, **SMALL_SCALES}
_SCALES = _UP_TO_A_THOUSAND | {
    small + large: worth * times for large, times in LARGE_SCALES.items() for small, worth in _UP_TO_A_THOUSAND.items()
}


class FigureError(CodeError):
    """Text that is not a figure; `code` is figure-format, figure-range, figure-not-money or figure-fen."""


class Qualifier(TextChoices):
    """How the printed number relates to the true one."""

    EXACT = "exact", _("exactly")
    OVER = "over", _("more than")
    NEARLY = "nearly", _("nearly")
    ABOUT = "about", _("about")
    AT_LEAST = "at_least", _("at least")
    AT_MOST = "at_most", _("at most")
    SEVERAL = "several", _("several")


_BEFORE = {
    "近": Qualifier.NEARLY,
    "将近": Qualifier.NEARLY,
    "接近": Qualifier.NEARLY,
    "不到": Qualifier.NEARLY,
    "不足": Qualifier.NEARLY,
    "约": Qualifier.ABOUT,
    "大约": Qualifier.ABOUT,
    "超": Qualifier.OVER,
    "超过": Qualifier.OVER,
    "逾": Qualifier.OVER,
    ">": Qualifier.OVER,
    "至少": Qualifier.AT_LEAST,
    "最少": Qualifier.AT_LEAST,
    "最低": Qualifier.AT_LEAST,
    "不少于": Qualifier.AT_LEAST,
    "不低于": Qualifier.AT_LEAST,
    "≥": Qualifier.AT_LEAST,
    "至多": Qualifier.AT_MOST,
    "最多": Qualifier.AT_MOST,
    "最高": Qualifier.AT_MOST,
    "不超过": Qualifier.AT_MOST,
    "不多于": Qualifier.AT_MOST,
    "不高于": Qualifier.AT_MOST,
    "≤": Qualifier.AT_MOST,
}
_WITHIN = {"余": Qualifier.OVER, "多": Qualifier.OVER, "几": Qualifier.OVER, "来": Qualifier.ABOUT}
# 以上, 以下 and 以内 include the number itself (Civil Code 1259).
_AFTER = {
    "左右": Qualifier.ABOUT,
    "上下": Qualifier.ABOUT,
    "以上": Qualifier.AT_LEAST,
    "及以上": Qualifier.AT_LEAST,
    "起": Qualifier.AT_LEAST,
    "+": Qualifier.AT_LEAST,
    "以下": Qualifier.AT_MOST,
    "及以下": Qualifier.AT_MOST,
    "以内": Qualifier.AT_MOST,
}
# 上万: ten thousand at the least. 数千: some thousands.
_BARE = {"上": Qualifier.AT_LEAST, "数": Qualifier.SEVERAL, "几": Qualifier.SEVERAL}
_USUAL_MARK = {
    Qualifier.OVER: "多",
    Qualifier.NEARLY: "近",
    Qualifier.ABOUT: "约",
    Qualifier.AT_LEAST: "以上",
    Qualifier.AT_MOST: "以下",
    Qualifier.SEVERAL: "数",
}
_PAY = {"时薪": "小时", "日薪": "天", "月薪": "月", "年薪": "年"}


def _any_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_SCALE = r"(?:[十百千]?[万亿]|[十百千])"
# 1亿3000万 and 3万5千 are one number; the last scale is read apart.
_NUMBER = rf"(?:(?:\d+[万亿](?=\d+[百千万]))?\d+(?:\.\d+)?|[{CHARACTERS}]+)"
_UNIT = rf"(?:m2|%|‰|(?![{CHARACTERS}余多来几])[^\W\d_/]{{0,8}}?)"
# 300元/人/月 and 每人每月300元 are one rate.
_PER_WORD = r"[^\W\d_]{1,4}?"
_PER = rf"(?:/(?P<per>{_PER_WORD}(?:[/·]{_PER_WORD})?))?"
_RATE_BEFORE = rf"(?:(?P<pay>{_any_of(_PAY)})|(?P<each>(?:每{_PER_WORD}){{1,2}}))?"
_MARK_BEFORE = rf"(?P<before>{_any_of(_BEFORE)})?"
_MARKS_AFTER = rf"(?P<after>{_any_of(_AFTER)})?{_PER}(?P<last>{_any_of(_AFTER)})?"
_FIGURE = re.compile(
    rf"{_RATE_BEFORE}{_MARK_BEFORE}"
    rf"(?:(?P<bare>[上数几])(?P<bare_scale>{_SCALE})"
    rf"|(?P<number>{_NUMBER})(?P<within1>[余多几来])?(?P<scale>{_SCALE})?(?P<within2>[余多来])?)"
    rf"(?P<plus>\+)?(?P<unit>{_UNIT}){_MARKS_AFTER}"
)
_RANGE = re.compile(
    rf"{_RATE_BEFORE}{_MARK_BEFORE}(?P<low>{_NUMBER})(?P<low_scale>{_SCALE})?(?P<low_unit>{_UNIT})(?:至|到|-)"
    rf"(?P<high>{_NUMBER})(?P<scale>{_SCALE})?(?P<unit>{_UNIT}){_MARKS_AFTER}(?:不等)?"
)


@dataclass(frozen=True)
class Figure:
    """`value` in whole `unit`s (60000 for 6万), `high` for a range, `per` for a rate (20元/小时).

    `scale` and `mark` remember how it was printed (万, 余 or 多) and do not count in comparisons.
    """

    value: Decimal
    unit: str = ""
    qualifier: Qualifier = Qualifier.EXACT
    high: Decimal | None = None
    per: str = ""
    scale: int | None = field(default=None, compare=False)
    mark: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if self.high is not None and self.high < self.value:
            raise ValueError("a range goes from the smaller to the larger number")
        if self.qualifier == Qualifier.SEVERAL and self.value not in _SCALES.values():
            raise ValueError("several goes with ten, a hundred, a thousand … only")

    @property
    def fen(self) -> int:
        """The (lower) amount in fen. Raises `FigureError` if the unit is not 元 or a fen would be cut."""
        if self.unit != YUAN:
            raise FigureError("figure-not-money", _("This figure is not an amount in yuan."))
        return to_fen(self.value)

    def __str__(self) -> str:
        """The figure in Chinese with its qualifier; reading it again gives an equal figure."""
        per = f"/{self.per}" if self.per else ""
        if self.high is not None:
            low, high = (f"{_printed(end, self.unit)}{self.unit}" for end in (self.value, self.high))
            mark = "超" if self.qualifier == Qualifier.OVER else _USUAL_MARK.get(self.qualifier, "")
            before, after = (mark if mark in _BEFORE else ""), (mark if mark in _AFTER else "")
            return f"{before}{low}至{high}{after}{per}"
        mark = self.mark or _USUAL_MARK.get(self.qualifier, "")
        if mark in _BARE:
            return f"{mark}{_scale_sign(int(self.value))}{self.unit}{per}"
        number = _printed(self.value, self.unit, self.scale)
        if mark in _WITHIN:
            number = _with_mark_inside(number, mark)
        before, after = (mark if mark in _BEFORE else ""), (mark if mark in _AFTER else "")
        return f"{before}{number}{self.unit}{after}{per}"


def _scale_sign(scale: int) -> str:
    return next(sign for sign, worth in _SCALES.items() if worth == scale)


def _plain(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _printed(value: Decimal, unit: str, scale: int | None = None) -> str:
    """12.8万: money from ten thousand up in 万 with up to 4 decimals, counts only where 2 are enough."""
    if scale is None:
        decimals = 4 if unit == YUAN else 2
        fits = value >= 10_000 and value * 10**decimals % 10_000 == 0
        scale = 10_000 if fits else 1
    return f"{_plain(value / scale)}{_scale_sign(scale)}"


def _with_mark_inside(number: str, mark: str) -> str:
    """60多万 means 60 to 70 万, 6万多 means 6 to 7 万: after round tens the mark stands before the 万."""
    digits = number.rstrip("".join(_SCALES))
    sign = number[len(digits) :]
    return f"{digits}{mark}{sign}" if digits.endswith("0") or not sign else f"{digits}{sign}{mark}"


def _tidy(text: object) -> str:
    tidy = re.sub(r"[\s]", "", unicodedata.normalize("NFKC", str(text)))
    tidy = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", tidy)
    tidy = re.sub(r"[~～—–―−〜]+", "-", tidy)
    return re.sub(r"[()]", "", tidy)


def parse_figure(text: object) -> Figure:
    """Read one printed figure or range. Raises `FigureError`: figure-format, figure-range."""
    tidy = _tidy(text)
    try:
        if found := _RANGE.fullmatch(tidy):
            return _range(found)
        if found := _FIGURE.fullmatch(tidy):
            return _single(found)
    except FigureError:
        raise
    except ValueError:
        pass
    raise FigureError("figure-format", _("This is not a number with a unit, such as 1000余人 or 6.84万元."))


def _single(found: re.Match[str]) -> Figure:
    """Raises ValueError for a number that is none, `FigureError` for two marks."""
    if found["bare"]:
        mark, scale = found["bare"], _SCALES[found["bare_scale"]]
        if _mark(found, "before", "after", "last", "plus"):
            raise ValueError(found[0])
        return Figure(Decimal(scale), _unit(found), _BARE[mark], per=_per(found), scale=scale, mark=mark)
    mark = _mark(found, "before", "within1", "within2", "plus", "after", "last")
    qualifier = {**_BEFORE, **_WITHIN, **_AFTER}.get(mark, Qualifier.EXACT)
    number, sign = found["number"], found["scale"] or ""
    if span := chinese_span(number + sign):
        if mark and qualifier != Qualifier.ABOUT:
            raise ValueError(number)
        return Figure(Decimal(span[0]), _unit(found), Qualifier.ABOUT, high=Decimal(span[1]), per=_per(found))
    # 万元 heads a column and 百 is no figure, but 近百人, 百余场 and 百场 are.
    if number in _SCALES and number != "十" and not mark and found["unit"] in ("", YUAN):
        raise ValueError(number)
    value, shown = _value(number, sign)
    # 十几个 is printed with the usual word for what it says: 10多个.
    return Figure(value, _unit(found), qualifier, per=_per(found), scale=shown, mark={"几": "多"}.get(mark, mark))


def _mark(found: re.Match[str], *places: str) -> str:
    marks = [mark for mark in found.group(*places) if mark]
    if len(marks) > 1:
        raise FigureError("figure-format", _("The figure says twice how exact it is."))
    return marks[0] if marks else ""


def _unit(found: re.Match[str]) -> str:
    """A wage without a unit is in yuan: 月薪5000."""
    return found["unit"] or (YUAN if found["pay"] else "")


def _per(found: re.Match[str]) -> str:
    if found["pay"] or found["each"]:
        return _PAY.get(found["pay"] or "", "") or "/".join(found["each"].split("每")[1:])
    return (found["per"] or "").replace("·", "/")


def _value(number: str, sign: str) -> tuple[Decimal, int]:
    """The number with its last scale `sign`, and the scale it was printed in. Raises ValueError."""
    if number[0] not in CHARACTERS:
        major, large, rest = re.fullmatch(r"(?:(\d+)([万亿]))?(.+)", number).groups()  # type: ignore[union-attr]
        value = Decimal(rest) * _SCALES[sign]
        if not large:
            return value, _SCALES[sign]
        if value >= _SCALES[large]:
            raise ValueError(number)
        return Decimal(major) * _SCALES[large] + value, 1
    text = number + sign
    shown = next((worth for large, worth in LARGE_SCALES.items() if text.endswith(large)), 1)
    bare = "一" if number in _SCALES and not number.startswith("十") else ""
    return Decimal(chinese_number(bare + number) * _SCALES[sign]), shown


def _range(found: re.Match[str]) -> Figure:
    mark = _mark(found, "before", "after", "last")
    high, _shown = _value(found["high"], found["scale"] or "")
    low, _shown = _value(found["low"], found["low_scale"] or "")
    # In 1至2万元 and 三至五百人 the scale belongs to both; in 5000至1万元 it cannot.
    sign = re.search(rf"{_SCALE}?$", found["high"] + (found["scale"] or ""))[0].removeprefix("十")  # type: ignore[index]
    plain = found["low"][-1] not in SMALL_SCALES and found["low"][-1] not in LARGE_SCALES
    if plain and not found["low_scale"] and not found["low_unit"] and low * _SCALES[sign] <= high:
        low *= _SCALES[sign]
    unit = found["unit"] or found["low_unit"] or _unit(found)
    if low > high or found["low_unit"] not in ("", unit):
        raise FigureError("figure-range", _("A range goes from the smaller to the larger number of one unit."))
    qualifier = {**_BEFORE, **_AFTER}.get(mark, Qualifier.EXACT)
    return Figure(low, unit, qualifier, high=high, per=_per(found))


def to_fen(yuan: Decimal) -> int:
    """Yuan as integer fen. Raises `FigureError` (figure-fen) rather than round."""
    fen = yuan * 100
    if fen != fen.to_integral_value():
        raise FigureError("figure-fen", _("An amount of money has at most two decimals in yuan."))
    return int(fen)


def money(fen: int) -> str:
    """Integer fen in Chinese: `6.84万元` where 万 with four decimals is exact, else `1234.5元`."""
    sign, yuan = ("-" if fen < 0 else ""), Decimal(abs(fen)) / 100
    return f"{sign}{_printed(yuan, YUAN)}{YUAN}"
