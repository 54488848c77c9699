"""How the cells of a station list are read: coordinates, phones, hours, facilities, divisions, kinds."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from stations.degrees import plain_degrees
from stations.facilities import FacilityIndex, FacilityReading, facility_for_heading, match_facilities
from stations.hours import read_hours
from stations.places import Places
from unionportal.coordinates import Datum
from unionportal.sheets.cells import clean_digits, clean_yes_no
from unionportal.sheets.cells.numbers import SCIENTIFIC
from unionportal.sheets.headings import DATUMS
from unionportal.sheets.problems import NOTE, WARNING, Code, register_codes
from unionportal.sheets.widgets import (
    CellProblem,
    DecimalWidget,
    IntegerWidget,
    Note,
    SheetWidget,
    TextWidget,
    WordWidget,
)

# Latitudes and longitudes of China do not meet, so a number tells by its size which one it is.
LATITUDES, LONGITUDES = (3.0, 54.0), (73.0, 136.0)
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")

register_codes(
    {
        "coordinate-impossible": Code(
            _("“%(value)s” cannot be a longitude (73 to 136) or a latitude (3 to 54).%(guess)s"),
            _("Correct it against the map, or clear the cell to leave the position unknown."),
        ),
        "coordinates-not-two": Code(
            _("“%(value)s” does not hold one longitude and one latitude."),
            _("Write both, such as 102.712345,25.040609."),
        ),
        "coordinate-alone": Code(_("Only one of longitude and latitude is given."), _("Fill in both, or clear both.")),
        "coordinates-swapped": Code(
            _("Longitude and latitude stand in each other's place; they were exchanged."),
            _("Check the point on the map."),
            WARNING,
        ),
        "coordinate-zero": Code(_("0 is no position; it was taken as not known."), "", NOTE),
        "datum-unknown": Code(
            _("“%(value)s” is no coordinate system known here."),
            _("Write WGS-84, CGCS2000, GCJ-02 or BD-09."),
            WARNING,
        ),
        "datum-assumed": Code(
            _("The list does not say which coordinate system it uses; GCJ-02 (Amap, Tencent) was assumed."),
            _("If it is another one, choose it and check again: the points differ by half a kilometre and more."),
            WARNING,
        ),
        "seats-range": Code(
            _("“%(value)s” is a range; the lower figure %(taken)s was taken."),
            _("Write the number of seats alone."),
            WARNING,
        ),
        "hours-unread": Code(
            _("These opening hours could not be read: “%(unread)s”. Visitors see the text; “open now” is unknown."),
            _("Write them such as 周一至周五 8:30-17:30."),
            WARNING,
        ),
        "facility-unknown": Code(
            _("Not in the facility catalogue: %(words)s. The text is kept as published."),
            _("Nothing has to be done; an administrator can add a word to the catalogue."),
            WARNING,
        ),
        "division-unknown": Code(
            _("“%(value)s” is no district that is known, or several bear this name."),
            _("Write it in full, such as 昆明市五华区, or as its code."),
            WARNING,
        ),
    }
)


def _within(number: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= number <= bounds[1]


def is_possible(number: float) -> bool:
    """Whether a number can be a latitude or a longitude in China, degrees."""
    return _within(number, LATITUDES) or _within(number, LONGITUDES)


def likely_meant(text: str) -> str:
    """A coordinate with one digit too many, or without its point, as it was probably meant; "" where unclear.

    ``"1120.36237"`` -> ``"120.36237"``. It is only ever shown to the clerk, never taken.
    """
    if "." in text:
        whole = text.index(".")
        shorter = {text[:i] + text[i + 1 :] for i in range(whole)}
    else:
        shorter = {f"{text[:cut]}.{text[cut:]}" for cut in (2, 3) if len(text) > cut + 3}
    possible = [
        t
        for t in shorter
        if not t.startswith("0") and _within(float(t), LONGITUDES if len(t.split(".")[0]) == 3 else LATITUDES)
    ]
    return possible[0] if len(set(possible)) == 1 else ""


def _checked(text: str) -> float:
    number = float(text)
    if number == 0:
        return 0.0
    if not is_possible(number):
        meant = likely_meant(text)
        guess = " " + str(_("Perhaps %(meant)s is meant.")) % {"meant": meant} if meant else ""
        raise CellProblem("coordinate-impossible", guess=guess)
    return number


class LatitudeLongitude(SheetWidget):
    """One of the two numbers of a position, degrees; 0 counts as not known."""

    def clean(self, value: Any, row: Any = None, *, note: Note, **kwargs: Any) -> float | None:
        text = plain_degrees(value)
        numbers = _NUMBER.findall(text)
        if len(numbers) != 1:
            raise CellProblem("coordinate-impossible", guess="")
        number = _checked(numbers[0])
        if not number:
            note("coordinate-zero")
        return number or None

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "" if value is None else f"{value:.7f}".rstrip("0").rstrip(".")


def is_place_text(value: Any) -> bool:
    """Whether a cell that should hold coordinates describes a place in words: "华山西路20号"."""
    text = str(value)
    return bool(_CHINESE.search(re.sub(r"[东西经南北纬度分秒，：]", "", text))) and not any(
        map(is_possible, map(float, _NUMBER.findall(plain_degrees(text))[:1]))
    )


class CoordinateWidget(SheetWidget):
    """Both numbers in one cell, in either order: (latitude, longitude) in degrees."""

    def clean(self, value: Any, row: Any = None, *, note: Note, **kwargs: Any) -> tuple[float, float] | None:
        numbers = _NUMBER.findall(plain_degrees(value))
        if len(numbers) != 2:
            raise CellProblem("coordinates-not-two")
        one, two = map(_checked, numbers)
        if not one and not two:
            note("coordinate-zero")
            return None
        for latitude, longitude in ((one, two), (two, one)):
            if _within(latitude, LATITUDES) and _within(longitude, LONGITUDES):
                return latitude, longitude
        raise CellProblem("coordinates-not-two")


def datum_in(text: str) -> Datum | None:
    """The datum that a cell, a heading or a choice names; None where it names none."""
    for name, pattern in DATUMS.items():
        if pattern.search(text) or text == name:
            return {"GCJ-02": Datum.GCJ02, "BD-09": Datum.BD09}.get(name, Datum.WGS84)
    return Datum(text.lower()) if text.lower() in Datum.values else None


class DatumWidget(SheetWidget):
    def clean(self, value: Any, row: Any = None, *, note: Note, **kwargs: Any) -> Datum:
        found = datum_in(super().clean(value, row, note=note))
        if found is None:
            raise CellProblem("datum-unknown")
        return found

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return {"wgs84": "WGS-84", "gcj02": "GCJ-02", "bd09": "BD-09"}.get(value or "", "")


class IdentifierWidget(TextWidget):
    """A number that is a name. One whose last digits the spreadsheet has cut off is another's: it is left out."""

    def clean(self, value: Any, row: Any = None, *, note: Note, **kwargs: Any) -> str:
        if isinstance(value, float | int) or SCIENTIFIC.fullmatch(str(value).strip()):
            digits, said = clean_digits(value)
            if "digits-lost" in said:
                raise CellProblem("digits-lost", level=WARNING)
            value = digits or value
        return super().clean(value, row, note=note, **kwargs)


_RANGE = re.compile(r"(\d+)\s*(?:[-~—–－～]|至|到)\s*(\d+)")
# What stands around a number of seats and says nothing more.
_AROUND_SEATS = re.compile(
    r"可|能|同时|最多|容纳|接待|提供|供|休息|共|有|设|大约|约|近|计|余|多|左右|以上|以内|个|座位|坐位|席位|座|位|名|人次|人|把|张|椅子|[\s,，。.:：()（）]"
)


class SeatsWidget(IntegerWidget):
    """How many find a seat: "可容纳20人" is 20; of "10-20人" the lower figure, which can be relied on."""

    def clean(self, value: Any, row: Any = None, *, note: Note, **kwargs: Any) -> int:
        try:
            return super().clean(value, row, note=note)
        except CellProblem:
            text = unicodedata.normalize("NFKC", str(value))
            between = _RANGE.search(text)
            rest = text.replace(between[0], between[1]) if between else text
            numbers = re.findall(r"\d+", rest)
            if len(numbers) != 1 or _AROUND_SEATS.sub("", rest).replace(numbers[0], "", 1) or len(numbers[0]) > 6:
                raise
        if between:
            note("seats-range", taken=numbers[0])
        elif re.search(r"约|近|余|多(?!.*\d)|左右|以上|以内", text):
            note("value-approximate")
        else:
            note("unit-removed")
        return int(numbers[0])


class HoursWidget(SheetWidget):
    """Hours as published; what cannot be read is said, never guessed."""

    def clean(self, value: Any, row: Any = None, *, note: Note, **kwargs: Any) -> str:
        text = super().clean(value, row, note=note)
        if "column" in kwargs:
            text = with_days_of(kwargs["column"].heading, text)
        reading = read_hours(text)
        if reading.unread:
            note("hours-unread", unread="；".join(reading.unread)[:80])
        return text


_DAYS_IN_HEADING = re.compile(r"[(（]([^()（）]*(?:周|星期|工作日|双休)[^()（）]*)[)）]\s*$")
_NAMES_DAYS = re.compile(r"周|星期|礼拜|(?<![次翌])日|每天|天天|双休|mon|tue|wed|thu|fri|sat|sun", re.IGNORECASE)


def with_days_of(heading: str, text: str) -> str:
    """Hours with the days that only their heading names: below 开放时间（周一至周五） 9:00-18:00 is not for Sundays."""
    named = _DAYS_IN_HEADING.search(heading)
    if named is None or _NAMES_DAYS.search(text) or not read_hours(text).understood:
        return text
    return f"{named[1].strip()} {text}"


@dataclass
class FacilitiesFound:
    text: str
    reading: FacilityReading


def words_of_json(text: str) -> str:
    """What an app's dump writes as JSON, in words: ["空调","饮水机"] and {"空调":true,"Wi-Fi":false}."""
    if not text.startswith(("[", "{")):
        return text
    try:
        held = json.loads(text)
    except ValueError:
        return text
    if isinstance(held, dict):
        held = [name for name, has in held.items() if has]
    return "、".join(str(item) for item in held if not isinstance(item, dict | list))


_BRACKETS = re.compile(r"[(（\[【][^()（）\[\]【】]*[)）\]】]")
_AROUND_FACILITY = re.compile(
    r"^(?:是否)?(?:配备|配有|设有|有无|有)|(?:设施|设备)?(?:数量|台数|个数|数|配备|情况|有无)$"
)


def facility_of(heading: str, index: FacilityIndex) -> str | None:
    """The facility of a yes/no column: also below a merged heading ("设施情况/饮水机"), with a unit or a word
    that asks for a number ("空调（台）", "微波炉数量").
    """
    for text in (heading, heading.rpartition("/")[2]):
        bare = _BRACKETS.sub("", text).strip(" *:：")
        for form in (text, bare, _AROUND_FACILITY.sub("", bare)):
            if form and (code := facility_for_heading(form, index)):
                return code
    return None


class FacilitiesWidget(SheetWidget):
    """A list of facilities in words. `index` is set by the resource once the catalogue is loaded."""

    index: FacilityIndex

    def clean(self, value: Any, row: Any = None, *, note: Note, **kwargs: Any) -> FacilitiesFound:
        text = words_of_json(super().clean(value, row, note=note))
        reading = match_facilities(text, self.index)
        if reading.unknown:
            note("facility-unknown", words="、".join(reading.unknown)[:120])
        return FacilitiesFound(text, reading)


class FacilityFlagWidget(SheetWidget):
    """A yes/no or number column of one facility ("facilities.wifi", "微波炉", "空调（台）"): (code, has it, note)."""

    index: FacilityIndex

    def clean(self, value: Any, row: Any = None, *, note: Note, **kwargs: Any) -> tuple[str, bool, str] | None:
        heading = kwargs["column"].heading
        code = facility_of(heading, self.index)
        has, codes = clean_yes_no(value)
        if code is None or (has is None and not codes):
            return None
        if has is None:  # "2台", "500ml": a word beside a facility says that it is there
            text = super().clean(value, row, note=note)
            if _UNANSWERED.fullmatch(text):
                raise CellProblem("yes-no-unreadable", level=WARNING)
            if _NOT_THERE.match(text):
                return code, False, ""
            number = _LEADING_NUMBER.match(text)
            if number and not float(number[0]):
                return code, False, ""
            return code, True, text + (_unit_of(heading) if number and number[0] == text else "")
        for said in codes:
            note(said)
        return code, bool(has), str(_("in part")) if has == "partial" else ""


_UNANSWERED = re.compile(r"是\s*[/／、]?\s*否|有\s*[/／、]?\s*无")
# 计划配备 · 待安装 · 尚未配备
_NOT_THERE = re.compile(r"计划|拟[配建装购]|待[配建装购定]|暂[无缺未]|尚[未无]|未|没有|不具备|不提供")
_LEADING_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_UNIT_IN_HEADING = re.compile(r"[(（]\s*([台个把张套部只件组处间])\s*[)）]")


def _unit_of(heading: str) -> str:
    unit = _UNIT_IN_HEADING.search(heading)
    return unit[1] if unit else ""


class DivisionWidget(SheetWidget):
    """A district by name or code. `places` is set by the resource once the divisions are loaded."""

    places: Places
    level = WARNING

    def clean(self, value: Any, row: Any = None, *, note: Note, **kwargs: Any) -> Any:
        text = super().clean(value, row, note=note)
        found = self.places.find(text)
        if found is None:
            raise CellProblem("division-unknown", level=WARNING)
        return found

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return str(value or "")


class KindWidget(WordWidget):
    """The kind of station; another word is handed on as text, for it may be a kind of host."""

    def clean(self, value: Any, row: Any = None, *, note: Note, **kwargs: Any) -> Any:
        text = SheetWidget.clean(self, value, row, note=note)
        return self.find(text) or text

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return str(value or "")


class SplitWidget(SheetWidget):
    """Several names in one cell, separated as lists do."""

    def clean(self, value: Any, row: Any = None, *, note: Note, **kwargs: Any) -> list[str]:
        text = super().clean(value, row, note=note)
        for sign in "，,；;/\n":
            text = text.replace(sign, "、")
        return [part.strip() for part in text.split("、") if part.strip()]


class MoneyWidget(DecimalWidget):
    """Yuan; 万元 in the cell or in the heading counts ten thousand."""

    def clean(self, value: Any, row: Any = None, *, note: Note, **kwargs: Any) -> Any:
        self.units = {"元": 1, "万元": 10_000}
        amount = super().clean(value, row, note=note)
        # "2万" below 投入资金（万元） states its own measure.
        in_ten_thousands = "万元" in kwargs["column"].heading and not re.search("[元万]", str(value))
        if in_ten_thousands:
            note("unit-converted")
        return amount * 10_000 if in_ten_thousands else amount
