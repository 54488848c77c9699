"""How the cells of a station list are read: coordinates, phones, hours, facilities, divisions, kinds."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from stations.facilities import FacilityIndex, FacilityReading, facility_for_heading, match_facilities
from stations.hours import read_hours
from stations.places import Places
from unionportal.coordinates import Datum
from unionportal.privacy import PhoneError, looks_like_mobile, mask_phone, split_phones
from unionportal.sheets.cells import clean_yes_no
from unionportal.sheets.headings import DATUMS
from unionportal.sheets.problems import NOTE, WARNING, Code, register_codes
from unionportal.sheets.widgets import CellProblem, DecimalWidget, Note, SheetWidget, WordWidget

# Latitudes and longitudes of China do not meet, so a number tells by its size which one it is.
LATITUDES, LONGITUDES = (3.0, 54.0), (73.0, 136.0)
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_DEGREES = re.compile(r"(\d{1,3})[°度](?:(\d{1,2})[′'’分](?:([\d.]+)(?:[″\"”秒]|''|′′)?)?)?")

# "张三 13800138000", "李主任：0871-65123456", "13800138000(王五)"
_NAME_AND_NUMBER = re.compile(
    r"(?P<before>[\u4e00-\u9fff·]{2,8})?[\s:,，、(]*(?P<number>[+\d][\d\s\-()转]{5,}\d)[\s:,，、(]*"
    r"(?P<after>(?(before)|[\u4e00-\u9fff·]{2,8}))\s*\)?"
)

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
        "phone-unreadable": Code(
            _("“%(value)s” is not a telephone number."),
            _("Write it with its area code, such as 0871-12345678; several with 、 between them."),
            WARNING,
        ),
        "phone-with-name": Code(_("The name beside the telephone number was taken as the keeper's."), "", NOTE),
        "phone-private": Code(
            _("The mobile number %(masked)s was kept as the keeper's: it is encrypted and not shown to the public."),
            _("If it is meant for the public, enter it at the station as its public phone."),
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


def _degrees(text: str) -> str:
    """102°42′44″ as decimal degrees; other text unchanged."""
    return _DEGREES.sub(lambda m: f" {int(m[1]) + int(m[2] or 0) / 60 + float(m[3] or 0) / 3600:.7f} ", text)


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
        text = _degrees(unicodedata.normalize("NFKC", str(value)))
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
        map(is_possible, map(float, _NUMBER.findall(_degrees(text))[:1]))
    )


class CoordinateWidget(SheetWidget):
    """Both numbers in one cell, in either order: (latitude, longitude) in degrees."""

    def clean(self, value: Any, row: Any = None, *, note: Note, **kwargs: Any) -> tuple[float, float] | None:
        numbers = _NUMBER.findall(_degrees(unicodedata.normalize("NFKC", str(value))))
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


class PhonesWidget(SheetWidget):
    """One number or several: a list of numbers as they are written. A name beside the number is the keeper's."""

    def clean(self, value: Any, row: Any = None, *, note: Note, **kwargs: Any) -> list[str]:
        try:
            return split_phones(value)
        except PhoneError:
            named = _NAME_AND_NUMBER.fullmatch(unicodedata.normalize("NFKC", str(value)).strip())
            if named is None:
                raise CellProblem("phone-unreadable", level=WARNING) from None
        try:
            numbers = split_phones(named["number"])
        except PhoneError:
            raise CellProblem("phone-unreadable", level=WARNING) from None
        if row is not None:
            row.values.setdefault("keeper_name", named["before"] or named["after"])
        note("phone-with-name")
        return numbers


def phones_apart(numbers: list[str]) -> tuple[list[str], list[str]]:
    """(office numbers, mobile numbers): a mobile belongs to a person."""
    mobiles = [number for number in numbers if looks_like_mobile(number)]
    return [number for number in numbers if number not in mobiles], mobiles


def masked_phones(numbers: list[str]) -> str:
    return "、".join(mask_phone(number) for number in numbers)


class HoursWidget(SheetWidget):
    """Hours as published; what cannot be read is said, never guessed."""

    def clean(self, value: Any, row: Any = None, *, note: Note, **kwargs: Any) -> str:
        text = super().clean(value, row, note=note)
        reading = read_hours(text)
        if reading.unread:
            note("hours-unread", unread="；".join(reading.unread)[:80])
        return text


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


def facility_of(heading: str, index: FacilityIndex) -> str | None:
    """The facility of a yes/no column, also below a merged heading ("设施情况/饮水机")."""
    return facility_for_heading(heading, index) or facility_for_heading(heading.rpartition("/")[2], index)


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
    """A yes/no column of one facility ("facilities.wifi", "微波炉"): (code, has it, note)."""

    index: FacilityIndex

    def clean(self, value: Any, row: Any = None, *, note: Note, **kwargs: Any) -> tuple[str, bool, str] | None:
        code = facility_of(kwargs["column"].heading, self.index)
        has, codes = clean_yes_no(value)
        if code is None:
            return None
        if has is None:  # "2台", "500ml": a word beside a facility says that it is there
            return code, True, super().clean(value, row, note=note)
        for said in codes:
            note(said)
        return code, bool(has), str(_("in part")) if has == "partial" else ""


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
        in_ten_thousands = "万元" in kwargs["column"].heading and "元" not in str(value)
        if in_ten_thousands:
            note("unit-converted")
        return amount * 10_000 if in_ten_thousands else amount
