"""Which station a row means, and which rows of a file mean the same one."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from stations.lifecycle import State
from stations.models import Station
from unionportal.names import identity_key
from unionportal.organizations.models import Organization
from unionportal.sheets.headings import similarity
from unionportal.sheets.resources import Context, Row, numbers_of, surplus

# How alike two names must be for a mere running number to mean the same station, 0 to 1.
ALIKE = 0.6

_RUNNING = re.compile(r"(?:no\.?\s*|第|[(（\[【])?(\d{1,5})(?:[.、．号。)）\]】]+)?", re.IGNORECASE)


def bare_number(text: str) -> str:
    """No.1, No3. and 1、 are 1; a real number stays as it is."""
    bare = _RUNNING.fullmatch(text.strip())
    return bare[1] if bare else text.strip()


def is_running(list_id: str) -> bool:
    """Whether a number is a mere running number (station_list_id_once leaves it free)."""
    return list_id.isdigit() and len(list_id) <= 5


def owner_of(row: Row, home: Organization) -> Organization:
    """The union a row says it belongs to; else that of the station it means; else `home`, the list's own."""
    stated: Organization | None = row.values.get("organization")
    if stated is not None:
        return stated
    return row.existing.organization if row.existing is not None else home


class KnownStations:
    """The stations of the branch by code; those not closed, of each organisation, by number, sign and name."""

    def __init__(self, context: Context) -> None:
        self.home = context.organization
        reachable = (
            context.editable(Station)
            .select_related("organization", "kind", "division", "host", "host_kind")
            .prefetch_related("station_facilities__facility", "co_builders")
        )
        self.by_code: dict[str, Station] = {station.code: station for station in reachable}
        self._by_list_id: dict[tuple[int, str], Station] = {}
        self._by_sign: dict[tuple[int, str], Station] = {}
        self._by_identity: defaultdict[tuple[int, str], list[Station]] = defaultdict(list)
        self._anywhere: defaultdict[str, list[Station]] = defaultdict(list)
        self._closed: dict[tuple[int, str], Station] = {}
        for station in self.by_code.values():
            if station.status != State.CLOSED:
                self._index(station)
            else:
                self._closed[station.organization_id, station.identity] = station

    def _index(self, station: Station) -> None:
        owner = station.organization_id
        if station.list_id:
            self._by_list_id[owner, station.list_id] = station
        if station.sign_number:
            self._by_sign[owner, station.sign_number] = station
        self._by_identity[owner, station.identity].append(station)
        self._anywhere[station.identity].append(station)

    def meant_by(self, row: Row, names_in_file: set[str]) -> Station | None:
        """By code, then by a real number or the sign, then by name, and last by a mere running number."""
        values = row.values
        if values.get("code"):
            found = self.by_code.get(values["code"].upper())
            if found is None:
                row.report("station-code-unknown", "code")
            return found
        owner = owner_of(row, self.home).pk
        list_id, running = values.get("list_id", ""), is_running(values.get("list_id", ""))
        if list_id and not running and (found := self._by_list_id.get((owner, list_id))):
            return found
        if values.get("sign_number") and (found := self._by_sign.get((owner, values["sign_number"]))):
            return found
        if found := self._by_name(row, owner):
            return found
        if list_id and running and (found := self._by_list_id.get((owner, list_id))):
            return self._by_running_number(row, found, names_in_file)
        if values.get("status") == State.CLOSED:  # the same list again: what it calls closed is not opened anew
            found = self._closed.get((owner, identity_key(values["name"])))
            return None if found and list_id and found.list_id not in ("", list_id) else found
        return None

    def _by_name(self, row: Row, owner: int) -> Station | None:
        values, identity = row.values, identity_key(row.values["name"])
        list_id = values.get("list_id", "")
        same = [
            station
            for station in self._by_identity.get((owner, identity), [])
            if not (list_id and station.list_id and bare_number(station.list_id) != list_id)
            and not (values.get("sign_number") and station.sign_number)
        ]
        if len(same) > 1:
            row.report("station-ambiguous", "name", count=len(same))
        if same:
            return same[0]
        division = getattr(values.get("division"), "pk", None)
        for station in self._anywhere.get(identity, []):
            if station.organization_id != owner and station.division_id == division:
                row.report("station-name-elsewhere", "name", organization=station.organization.name)
                break
        return None

    @staticmethod
    def _by_running_number(row: Row, found: Station, names_in_file: set[str]) -> Station | None:
        """A running number comes again in the next list: it counts only beside a name that resembles, and only
        where no other row bears the name that the number had.
        """
        identity = identity_key(row.values["name"])
        if similarity(found.identity, identity) >= ALIKE and found.identity not in names_in_file:
            row.report("list-id-renames", "list_id", name=found.name)
            return found
        row.report("list-id-other-name", "list_id", name=found.name)
        return None


def identify(rows: Sequence[Row], known: KnownStations) -> None:
    """Set the station each row means (`row.existing`), and report rows that mean the same one."""
    # Rows with another error take part: a clerk who mends one of two rows must not find the next error then.
    rows = [row for row in rows if "name" in row.values or row.values.get("code")]
    names_in_file = {identity_key(row.values["name"]) for row in rows if "name" in row.values}
    meant: defaultdict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        row.existing = known.meant_by(row, names_in_file)
        meant[_key(row, known.home)].append(row)
    for key, same in meant.items():
        if len(same) > 1:
            _report_repeated(key, same)
    _report_same_names(rows, known.home)


def _key(row: Row, home: Organization) -> tuple[Any, ...]:
    """What two rows share when they mean the same station."""
    values = row.values
    if row.existing is not None:
        return ("station", row.existing.pk)
    if values.get("code"):
        return ("code", values["code"].upper())
    owner, identity = owner_of(row, home).pk, identity_key(values["name"])
    if values.get("list_id"):
        return ("list_id", owner, values["list_id"], identity if is_running(values["list_id"]) else "")
    if values.get("sign_number"):
        return ("sign_number", owner, values["sign_number"])
    return ("name", owner, identity)


def _report_repeated(key: tuple[Any, ...], same: list[Row]) -> None:
    """A copy under another running number is a copy all the same."""
    for row in surplus(same, apart_from="list_id"):
        field = key[0] if key[0] in row.cells else "name"
        shown = row.values.get("name") or row.values.get("code")
        row.report("station-repeated", field, rows=numbers_of(same), key=shown)


def _report_same_names(rows: Sequence[Row], home: Organization) -> None:
    named: defaultdict[tuple[int, str], list[Row]] = defaultdict(list)
    for row in rows:
        if not row.is_rejected:
            named[owner_of(row, home).pk, identity_key(row.values["name"])].append(row)
    for same in named.values():
        for row in same if len(same) > 1 else ():
            row.report("station-same-name", "name", rows=numbers_of(same))
