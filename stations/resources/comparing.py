"""What a row would change at the station it means, and what the rows would break together."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from stations.facilities import FacilityIndex, match_facilities
from stations.lifecycle import State
from stations.models import Station
from stations.resources.identity import KnownStations, bare_number, is_running, owner_of
from unionportal.names import identity_key
from unionportal.organizations.models import Organization
from unionportal.sheets.cells import clean_text
from unionportal.sheets.problems import ERROR
from unionportal.sheets.resources import Row, numbers_of

_POSITION = ("latitude", "longitude", "given_latitude", "given_longitude", "given_datum")
# Texts in which stray spaces and line breaks make no change.
_TEXTS = frozenset(
    (
        "name",
        "local_brand",
        "address",
        "directions",
        "host_name",
        "theme",
        "responsible_cadre",
        "keeper_name",
        "remarks",
        "hours_text",
        "facilities_text",
        "sign_number",
    )
)
# What the checks of a row tell one another; no fields of a station.
_HINTS = (
    "code",
    "kind_is_guess",
    "host_kind_is_guess",
    "phone_was_public",
    "facilities_flagged",
    "facilities_absent",
)
_PRIVATE = ("keeper_phone", "keeper_name")


# --- What the row says anew --------------------------------------------------------------------------------------


def new_values(row: Row, home: Organization, index: FacilityIndex) -> dict[str, Any]:
    """Fields of the station that the row sets; a new one is the union `home`'s where the row names none."""
    values = {name: value for name, value in row.values.items() if name not in _HINTS}
    if "hours" in values:
        values["hours_text"] = values.pop("hours")
    if "opened_on" in values:
        values["opened_precision"] = _precision(row)
    if row.existing is None:
        values.setdefault("status", State.OPEN)
        values.setdefault("organization", home)
    else:
        _respect(row.existing, values, row, index)
    return values


def status_is_left_out(row: Row) -> bool:
    """Whether the row states another status than the station has: only the verbs of the life cycle change it."""
    return row.existing is not None and row.values.get("status", row.existing.status) != row.existing.status


def refuse_unread_status(row: Row) -> None:
    """A new station whose status nobody can read is not opened to the public on a guess."""
    if row.existing is None and "status" not in row.values:
        row.problems = [replace(found, level=ERROR) if found.field == "status" else found for found in row.problems]


def _respect(station: Station, values: dict[str, Any], row: Row, index: FacilityIndex) -> None:
    """Drop what the row does not really say anew: guesses, and what is known in other words already."""
    # Whoever may import may not close or accept a station by it: see `stations.lifecycle`.
    values.pop("status", None)
    if row.values.get("kind_is_guess"):
        values.pop("kind", None)
    if row.values.get("host_kind_is_guess") and station.host_kind_id:
        values.pop("host_kind", None)
    if values.get("host") == station.host:
        values.pop("host", None)
    _respect_position(station, values, row)
    _respect_phones(station, values, row)
    for name in _TEXTS & values.keys():
        if _bare(getattr(station, name)) == _bare(values[name]):
            del values[name]
    if bare_number(station.list_id) == values.get("list_id"):
        del values["list_id"]
    if _says_what_is_known(station, row, index):
        del values["facilities"], values["facilities_text"]
    elif "facilities" in values:
        values["facilities"] = _respected_facilities(station, row, index)


def _respect_position(station: Station, values: dict[str, Any], row: Row) -> None:
    same = _same_position(station, values)
    if same:
        for name in _POSITION:
            values.pop(name, None)
    if "accuracy" not in row.cells and (same or station.accuracy == Station.Accuracy.SURVEYED):
        values.pop("accuracy", None)


def _same_position(station: Station, values: Mapping[str, Any]) -> bool:
    """Whether the row gives the point that is known already, seven decimals or a hand-width apart."""
    if "latitude" not in values or not station.has_position:
        return False
    if station.given_latitude is None:
        names: tuple[str, ...] = ("latitude", "longitude")
    elif station.given_datum == values["given_datum"]:
        names = ("given_latitude", "given_longitude")
    else:
        return False
    return all(abs(getattr(station, name) - values[name]) < 1e-6 for name in names)


def _respect_phones(station: Station, values: dict[str, Any], row: Row) -> None:
    """A mobile number that staff have published stays published when the list comes back."""
    known = _digits(station.public_phone)
    if _digits(values.get("public_phone", "")) == known:
        values.pop("public_phone", None)
    public = row.values.get("phone_was_public")
    if public and _digits(public) == known:
        values.pop("keeper_phone", None)
        values.pop("public_phone", None)


def facilities_in_words(station: Station, index: FacilityIndex) -> str:
    """The facilities as an export writes them: the published text, and those ticked that it does not name."""
    text = station.facilities_text
    named = set(match_facilities(text, index).codes) if text else set()
    ticked = [str(held) for held in station.station_facilities.all() if held.facility_id not in named]
    return "；".join(filter(None, (text, "、".join(ticked))))


def _says_what_is_known(station: Station, row: Row, index: FacilityIndex) -> bool:
    """Whether the facilities come back as they were exported."""
    text = row.values.get("facilities_text")
    if not text or row.values["facilities_flagged"] or row.values["facilities_absent"]:
        return False
    return _bare(text) != _bare(station.facilities_text) and _bare(text) == _bare(facilities_in_words(station, index))


def _respected_facilities(station: Station, row: Row, index: FacilityIndex) -> dict[str, str]:
    """What staff have ticked by hand stays: a new text takes away only what the text before it had named."""
    held = _facilities_of(station)
    text, before = row.values.get("facilities_text"), station.facilities_text
    flagged = row.values["facilities_flagged"]
    if text is None or _bare(text) == _bare(before):
        named, found = set(), flagged
    else:
        named, found = set(match_facilities(before, index).codes), row.values["facilities"]
    kept = {code: note for code, note in held.items() if code not in named}
    absent = row.values["facilities_absent"]
    return {code: note for code, note in {**found, **kept}.items() if code not in absent}


# --- The changes as the preview shows them -----------------------------------------------------------------------


def changes_of(
    station: Station, new: Mapping[str, Any], facility_names: Mapping[str, str]
) -> dict[str, tuple[str, str]]:
    """Field to (old, new) as text, for each of the values `new` that the station does not have yet.

    `facility_names` are the names of the catalogue by code.
    """
    changes = {}
    for name, value in new.items():
        if name == "facilities":
            held = _facilities_of(station)
            if held != value:
                changes[name] = (_named(held, facility_names), _named(value, facility_names))
        elif name == "co_builders":
            before = list(station.co_builders.all())
            if {partner.pk for partner in before} != {partner.pk for partner in value}:
                changes[name] = ("、".join(map(str, before)), "、".join(map(str, value)))
        elif (old := getattr(station, name)) != value:
            changes[name] = ("***", "***") if name in _PRIVATE else (_shown(name, old), _shown(name, value))
    return changes


def _facilities_of(station: Station) -> dict[str, str]:
    return {facility.facility_id: facility.note for facility in station.station_facilities.all()}


def _named(codes: Mapping[str, str], names: Mapping[str, str]) -> str:
    return "、".join(names.get(code, code) for code in sorted(codes))


def _shown(name: str, value: Any) -> str:
    """A value as the preview shows it: choices in words."""
    choices = dict(getattr(Station._meta.get_field(name), "flatchoices", None) or ())
    return "" if value is None else str(choices.get(value, value))


# --- What the database holds once --------------------------------------------------------------------------------


def check_unique(rows: Sequence[Row], known: KnownStations, index: FacilityIndex) -> None:
    """Report numbers, signs and names that the database holds once for each organisation."""
    held = {key: station for station in known.by_code.values() for key in _unique_keys(station, {})}
    wanted: defaultdict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        station = row.existing or Station(organization=owner_of(row, known.home))
        for key in _unique_keys(station, new_values(row, known.home, index)):
            wanted[key].append(row)
            other = held.get(key)
            if other is None or other.pk == station.pk:
                continue
            if key[0] == "name":
                row.report("station-name-taken", "name")
            else:
                row.report("station-number-taken", key[0], value=key[2], name=other.name)
    for key, same in wanted.items():
        for row in same if len(same) > 1 else ():
            row.report("station-repeated", key[0], rows=numbers_of(same), key=key[2])


def _unique_keys(station: Station, new: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """See the constraints of `Station`."""
    known = {name: new.get(name, getattr(station, name)) for name in ("list_id", "sign_number", "status", "name")}
    owner = new["organization"].pk if "organization" in new else station.organization_id
    keys: list[tuple[Any, ...]] = []
    if known["list_id"] and not is_running(known["list_id"]):
        keys.append(("list_id", owner, known["list_id"]))
    if known["sign_number"]:
        keys.append(("sign_number", owner, known["sign_number"]))
    if not known["list_id"] and not known["sign_number"] and known["status"] != State.CLOSED:
        keys.append(("name", owner, identity_key(known["name"])))
    return keys


# --- Words -------------------------------------------------------------------------------------------------------


def _precision(row: Row) -> str:
    codes = {found.code for found in row.problems if found.field == "opened_on"}
    if "date-year-only" in codes:
        return Station.DatePrecision.YEAR
    return Station.DatePrecision.MONTH if "date-month-only" in codes else Station.DatePrecision.DAY


def _bare(text: str) -> str:
    """A text without stray spaces and line breaks."""
    return clean_text(text, join_chinese=True)[0]


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)
