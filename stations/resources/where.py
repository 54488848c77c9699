"""Where the station of a row lies: its district, its street and its point."""

from __future__ import annotations

from collections.abc import Sequence

from stations.cells import datum_in
from stations.models import Station
from stations.places import Places
from stations.positions import far_points, outside_box, shared_points
from unionportal.codes import division_stem
from unionportal.coordinates import Datum, convert
from unionportal.organizations.models import Division, Organization
from unionportal.sheets.cells import as_text
from unionportal.sheets.problems import problem
from unionportal.sheets.resources import Context, Row, numbers_of


class Districts:
    """Finds the district of each row of a list that is imported for `home`."""

    def __init__(self, places: Places, home: Organization) -> None:
        self.places, self.home = places, home
        # Stem of the division code in which every known district of the list lies; "" where they share none.
        self._around = ""
        # The district after which a worksheet is named, None for any other name; and those of which a note was made.
        self._sheets: dict[str, Division | None] = {}
        self._told: set[str] = set()

    def use_neighbours(self, rows: Sequence[Row]) -> None:
        """江北区 alone may be Chongqing's or Ningbo's: in a list whose other districts lie in one city it is
        that city's.
        """
        known = [row.values.get("district") or self._in_address(row) for row in rows]
        cities = {district.code[:4] for district in known if district is not None}
        provinces = {city[:2] for city in cities}
        self._around = cities.pop() if len(cities) == 1 else provinces.pop() if len(provinces) == 1 else ""
        for row in rows:
            if self._around and any(found.code == "division-unknown" for found in row.problems):
                cell = row.cells["district"][0]
                if district := self.places.find(as_text(cell.value), near=self._around):
                    row.values["district"] = district
                    row.drop("division-unknown")

    def _in_address(self, row: Row) -> Division | None:
        address = row.values.get("address", "")
        return self.places.find(address, short_names=False, near=self._around) if address else None

    def _of_sheet(self, row: Row, context: Context, from_address: Division | None) -> Division | None:
        """The district after which the row's worksheet is named, in a list without a column of districts: 章贡区.

        Only one in the clerk's territory counts, and none where the address names another.
        """
        name = row.sheet or context.sheet_name
        if row.has("district") or not name:
            return None
        if name not in self._sheets:
            found = self.places.find(name)
            inside = found and self.home.division_id and self.places.below(found, division_stem(self.home.division_id))
            self._sheets[name] = found if inside else None
        found = self._sheets[name]
        if found is None or (from_address and not self.places.below(found, division_stem(from_address.code))):
            return None
        if name not in self._told:
            self._told.add(name)
            context.problems.append(problem("division-from-sheet", sheet=name, value=name, division=found.name))
        return found

    def settle(self, row: Row, context: Context) -> None:
        """The district by its own column; else, and for the street, from the address or the name of the sheet."""
        values = row.values
        district: Division | None = values.pop("district", None)
        source = "district" if district is not None else "address"
        from_address = self._in_address(row)
        district = district or self._of_sheet(row, context, from_address)
        if street := values.pop("street", ""):
            district = self._settle_street(row, street, district, from_address)
        if district is None or (from_address and self.places.below(from_address, division_stem(district.code))):
            district = from_address or district
        if district is None:
            return
        if source == "address" and any(as_text(cell.value) == district.name for cell in row.cells.get("district", [])):
            row.drop("division-unknown")
        values["division"] = district
        territory = self.home.division_id
        if territory and not self.places.below(district, division_stem(territory)):
            row.report(
                "division-outside",
                source if source in row.cells else "street",
                division=district.name,
                organization=self.home.name,
            )

    def _settle_street(
        self, row: Row, street: str, district: Division | None, from_address: Division | None
    ) -> Division | None:
        """The street as a division below the district; a street that is none is kept in the address."""
        upper = district or from_address
        named = self.places.find(f"{upper.name if upper else ''}{street}") or self.places.find(street)
        if named and (upper is None or self.places.below(named, division_stem(upper.code))):
            return named
        address = row.values.get("address", "")
        if street not in address:
            row.values["address"] = f"{street}{address}"
        return district


def settle_position(row: Row, context: Context) -> None:
    """Latitude and longitude in their places, in WGS-84, with what was given beside them."""
    values = row.values
    pair, stated = _pair_of(row), values.pop("datum", None)
    if pair is None:
        return
    datum = stated or datum_in(context.hints.get("datum", "")) or datum_in(context.options.get("datum", ""))
    if datum is None:
        datum = Datum.GCJ02
        if not any(found.code == "datum-assumed" for found in context.problems):
            context.problems.append(problem("datum-assumed"))
    values["given_latitude"], values["given_longitude"] = pair
    values["given_datum"] = datum
    latitude, longitude = convert(*pair, datum, Datum.WGS84)
    values["latitude"], values["longitude"] = round(latitude, 7), round(longitude, 7)
    values.setdefault("accuracy", Station.Accuracy.MAP)


def _pair_of(row: Row) -> tuple[float, float] | None:
    """(latitude, longitude) in degrees, of one column or two; None where the row gives none that can be used."""
    values = row.values
    pair: tuple[float, float] | None = values.pop("coordinates", None)
    one, two = values.pop("latitude", None), values.pop("longitude", None)
    if pair is not None or (one is None and two is None):
        return pair
    if one is None or two is None:
        if not any(found.code == "coordinate-impossible" for found in row.problems):
            row.report("coordinate-alone", "longitude" if one is not None else "latitude")
        return None
    if one > 60 and two < 60:
        one, two = two, one
        row.report("coordinates-swapped", "latitude")
    if not one < 60 < two:
        row.report("coordinates-not-two", "latitude", value=f"{one},{two}")
        return None
    return one, two


def check_points(rows: Sequence[Row]) -> None:
    """Report points that lie outside the territory, far from all others, or on one another."""
    points = {
        place: (row.values["latitude"], row.values["longitude"])
        for place, row in enumerate(rows)
        if row.values.get("latitude") is not None
    }
    field = "coordinates" if any("coordinates" in row.cells for row in rows[:1]) else "latitude"
    for place in outside_box(points):
        rows[place].report("position-outside", field)
    for place, km in far_points(points).items():
        rows[place].report("position-far", field, km=km)
    for places in shared_points(points):
        shared = numbers_of([rows[place] for place in places])
        for place in places:
            rows[place].report("position-shared", field, rows=shared)
