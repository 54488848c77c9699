"""How the cells of a row settle one another: its name and number, its kind, its people, its facilities."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from django.utils import timezone

from stations.cells import FacilitiesFound, KindWidget, facility_of, is_place_text
from stations.facilities import FacilityIndex
from stations.models import HostKind, StationKind
from stations.naming import host_kind_for_name, kind_for_name, split_serial
from stations.people import masked_phones, phones_apart
from stations.resources.columns import COLUMNS
from stations.resources.identity import bare_number
from unionportal.sheets.cells import as_text, is_blank
from unionportal.sheets.headings import is_list_title, normalize_heading
from unionportal.sheets.problems import Problem, problem
from unionportal.sheets.resources import Row
from unionportal.sheets.widgets import WordWidget

# The kind of a station of which neither its column nor its name tells another.
_ORDINARY = "HW"
FARTHEST_PLAN = datetime.timedelta(days=3653)
# A "station" of such a name is a second row of headings, or a list that lies on its side.
HEADINGS = frozenset(
    normalize_heading(word)
    for column in COLUMNS
    for word in (column.column_name, *column.headings)
    if column.name != "name" or word.endswith("名称")
)


# --- Before the cells are read -----------------------------------------------------------------------------------


def join_opening_hours(row: Row) -> None:
    """Opening and closing time in two columns are read as one: 8:30 and 17:30 are 8:30-17:30."""
    hours, closes = (row.cells.get(name, []) for name in ("hours", "closes"))
    if hours and closes and not is_blank(closes[0].value) and not is_blank(hours[0].value):
        hours[0].value = f"{as_text(hours[0].value)}-{as_text(closes[0].value)}"


def take_place_texts(row: Row) -> None:
    """ "location" holds an address in one dump and coordinates in the next: words are the address."""
    found = row.cells.get("coordinates", [])
    if found and "address" not in row.cells and is_place_text(found[0].value):
        row.cells["address"] = row.cells.pop("coordinates")


def unknown_facility_headings(rows: Sequence[Row], index: FacilityIndex) -> list[Problem]:
    """A column taken for a facility that the catalogue does not have must not vanish in silence."""
    return [
        problem("facility-heading-unknown", column=cell.column, heading=cell.heading)
        for cell in (rows[0].cells.get("facility_flag", []) if rows else [])
        if facility_of(cell.heading, index) is None
    ]


# --- After they were read ----------------------------------------------------------------------------------------


def settle_name(row: Row) -> None:
    """The name without its running number, and the plain texts beside it."""
    values = row.values
    if "name" in values:
        serial, values["name"] = split_serial(values["name"])
        if serial and not values.get("list_id"):
            values["list_id"] = serial
    if values.get("list_id"):
        values["list_id"] = bare_number(values["list_id"])
    row.label = values.get("name", "")
    if normalize_heading(row.label) in HEADINGS:
        row.report("name-is-heading", "name", value=row.label)
    if row.label and is_list_title(row.label) and len(values) == 1:
        row.report("section-row", "name")
    if "remarks" in values:
        values["remarks"] = "；".join(dict.fromkeys(filter(None, values["remarks"])))
    if values.get("area") == 0:
        row.report("area-zero", "area")
        del values["area"]


class Kinds:
    """The kinds of stations and of hosts, with the widgets that read them."""

    def __init__(self) -> None:
        kinds = {kind: [kind.name, kind.code, *kind.synonyms] for kind in StationKind.objects.filter(is_active=True)}
        hosts = {kind: [kind.name, kind.code, *kind.synonyms] for kind in HostKind.objects.filter(is_active=True)}
        self._kinds = {kind.code: kind for kind in kinds}
        self._hosts = {kind.code: kind for kind in hosts}
        self.widget = KindWidget(kinds, inside=True)
        self.host_widget = WordWidget(hosts, inside=True)

    def settle(self, row: Row) -> None:
        """The kind by its own word, else by what the name says. What a list calls a kind may be a kind of host."""
        values, name = row.values, row.values.get("name", "")
        stated = values.pop("kind", None)
        if isinstance(stated, StationKind):
            values["kind"] = stated
            # 人防工程 is a kind of place and a kind of host.
            if host := self.host_widget.exact(as_text(row.cells["kind"][0].value)):
                values.setdefault("host_kind", host)
        else:
            guessed = self._kinds.get(kind_for_name(name) or _ORDINARY) or self._kinds[_ORDINARY]
            if stated:
                host = self.host_widget.find(stated)
                values.setdefault("host_kind", host)
                if host is None:
                    row.report("kind-guessed", "kind", kind=guessed.name)
            values["kind"] = guessed
            values["kind_is_guess"] = True
        if values.get("host_kind") is None:
            self._guess_host_kind(row, name)

    def _guess_host_kind(self, row: Row, name: str) -> None:
        row.values.pop("host_kind", None)
        host = self._hosts.get(host_kind_for_name(name) or "")
        if host is not None:
            row.values["host_kind"] = host
            row.values["host_kind_is_guess"] = True


def settle_phones(row: Row) -> None:
    """A mobile number is a person's: it goes to the keeper, encrypted, and is not published."""
    values = row.values
    keeper = list(dict.fromkeys([*values.pop("keeper_phone", []), *values.pop("keeper_numbers", [])]))
    numbers = values.pop("phone", [])
    offices, mobiles = phones_apart(numbers)
    if offices:
        values["public_phone"] = "、".join(offices)
    if mobiles and not keeper:
        keeper = mobiles
        values["phone_was_public"] = "、".join(numbers)
        row.report("phone-private", "phone", value=masked_phones(mobiles), masked=masked_phones(mobiles))
    if keeper:
        values["keeper_phone"] = "、".join(keeper)


def settle_dates(row: Row) -> None:
    """A day ten years ahead is a slip of the key, not a plan."""
    opened = row.values.get("opened_on")
    if opened is not None and opened > timezone.localdate() + FARTHEST_PLAN:
        row.report("opened-far-ahead", "opened_on")
        del row.values["opened_on"]


def settle_facilities(row: Row) -> None:
    """The facilities of all columns as one: code to note, with what yes/no columns said kept apart."""
    values = row.values
    texts: list[FacilitiesFound] = values.pop("facilities", [])
    flags = [flag for flag in values.pop("facility_flag", []) if flag]
    if not texts and not flags:
        return
    flagged = {code: note for code, has, note in flags if has}
    named = {found.code: found.note for text in reversed(texts) for found in text.reading.found}
    values["facilities"] = {**flagged, **named}
    values["facilities_flagged"] = flagged
    values["facilities_absent"] = {code for code, has, _note in flags if not has}
    if texts:
        values["facilities_text"] = "；".join(dict.fromkeys(text.text for text in texts))
