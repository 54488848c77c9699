"""A number as it is printed in a report: value, unit and how sure the writer was.

近60 · 6万多元 · 1000余人 · 上万 · 数千 · 5000元至7000元 · 20至22元/小时 · 12.8万人(次)

Money is Decimal yuan on the way in and integer fen inside; nothing is ever rounded.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from unionportal.codes import CodeError

YUAN = "元"
_SMALL_SCALES = {"": 1, "十": 10, "百": 100, "千": 1000}
_SCALES = _SMALL_SCALES | {
    small + large: worth * times
    for large, times in (("万", 10_000), ("亿", 100_000_000))
    for small, worth in _SMALL_SCALES.items()
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
    "约": Qualifier.ABOUT,
    "大约": Qualifier.ABOUT,
    "超": Qualifier.OVER,
    "超过": Qualifier.OVER,
    "逾": Qualifier.OVER,
    "至少": Qualifier.AT_LEAST,
    "不少于": Qualifier.AT_LEAST,
    "至多": Qualifier.AT_MOST,
    "不超过": Qualifier.AT_MOST,
}
_WITHIN = {"余": Qualifier.OVER, "多": Qualifier.OVER}
_AFTER = {
    "左右": Qualifier.ABOUT,
    "以上": Qualifier.AT_LEAST,
    "以下": Qualifier.AT_MOST,
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

_NUMBER = r"\d+(?:\.\d+)?"
_SCALE = r"(?:[十百千]?[万亿]|[十百千])"
_UNIT = r"(?![十百千万亿余多])[^\W\d_/]{0,8}?"
_FIGURE = re.compile(
    rf"(?P<pay>{'|'.join(_PAY)})?(?P<before>{'|'.join(sorted(_BEFORE, key=len, reverse=True))})?"
    rf"(?:(?P<number>{_NUMBER})(?P<within1>[余多])?(?P<scale>{_SCALE})?(?P<within2>[余多])?"
    rf"|(?P<bare>[上数几])(?P<bare_scale>{_SCALE}))"
    rf"(?P<unit>{_UNIT})(?P<after>{'|'.join(_AFTER)})?(?:/(?P<per>[^\W\d_]{{1,4}}))?"
)
_RANGE = re.compile(
    rf"(?P<pay>{'|'.join(_PAY)})?(?P<low>{_NUMBER})(?P<low_scale>{_SCALE})?(?P<low_unit>{_UNIT})(?:至|到|-)"
    rf"(?P<high>{_NUMBER})(?P<high_scale>{_SCALE})?(?P<unit>{_UNIT})(?:/(?P<per>[^\W\d_]{{1,4}}))?"
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
            return f"{low}至{high}{per}"
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
    if found := _RANGE.fullmatch(tidy):
        return _range(found)
    found = _FIGURE.fullmatch(tidy)
    if not found:
        raise FigureError("figure-format", _("This is not a number with a unit, such as 1000余人 or 6.84万元."))
    marks = [m for m in found.group("before", "within1", "within2", "after", "bare") if m]
    if len(marks) > 1:
        raise FigureError("figure-format", _("The figure says twice how exact it is."))
    mark = marks[0] if marks else ""
    qualifier = {**_BEFORE, **_WITHIN, **_AFTER, **_BARE}.get(mark, Qualifier.EXACT)
    scale = _SCALES[found["bare_scale"] or found["scale"] or ""]
    value = Decimal(found["number"] or 1) * scale
    per = found["per"] or _PAY.get(found["pay"] or "", "")
    return Figure(value, found["unit"], qualifier, per=per, scale=scale, mark=mark)


def _range(found: re.Match[str]) -> Figure:
    low, high = Decimal(found["low"]), Decimal(found["high"]) * _SCALES[found["high_scale"] or ""]
    low_scale = found["low_scale"] or ""
    # In 1至2万元 the 万 belongs to both; in 5000至1万元 it cannot.
    if not low_scale and not found["low_unit"] and low * _SCALES[found["high_scale"] or ""] <= high:
        low_scale = found["high_scale"] or ""
    low *= _SCALES[low_scale]
    unit = found["unit"] or found["low_unit"]
    if low > high or found["low_unit"] not in ("", unit):
        raise FigureError("figure-range", _("A range goes from the smaller to the larger number of one unit."))
    return Figure(low, unit, high=high, per=found["per"] or _PAY.get(found["pay"] or "", ""))


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
