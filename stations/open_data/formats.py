"""Records as GeoJSON (RFC 7946) and as CSV, piece by piece."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from stations.open_data.fields import FIELDS
from stations.open_data.records import DATUM, Record
from unionportal.sheets.writing.safe import csv_cell

# The columns of the CSV and the properties of a GeoJSON feature, in this order.
COLUMNS = tuple(FIELDS)
_PIECE = 200  # records written at a time


def facts(record: Record, address: Callable[[str], str]) -> dict[str, Any]:
    """The record under the names of COLUMNS, in values that JSON knows; `address` makes a URL of a code."""
    return {
        **{name: getattr(record, name) for name in COLUMNS[:12]},
        "access": record.access,
        "hours_text": record.hours_text,
        "hours_state": record.hours_state,
        "on_holidays": record.on_holidays,
        "on_makeup_days": record.on_makeup_days,
        "hours": [hours.as_json() for hours in record.hours],
        "exceptions": record.exceptions,
        "facilities": record.facilities,
        "phone": record.phone,
        "organization": record.organization_name,
        "host": record.host,
        "area": record.area,
        "seats": record.seats,
        "opened_on": record.opened_on or None,
        "last_confirmed_on": record.last_confirmed_on.isoformat() if record.last_confirmed_on else None,
        "updated_at": record.updated_at.isoformat(timespec="seconds"),
        "url": address(record.code),
    }


def compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def geojson(found: Iterable[Record], about: dict[str, Any], address: Callable[[str], str]) -> Iterator[str]:
    """A FeatureCollection; `about` are its further members. A station without a position has a null geometry
    (RFC 7946 section 3.2). There is no "crs": RFC 7946 knows WGS-84 alone.
    """
    head = {"type": "FeatureCollection", "datum": DATUM, **about}
    yield compact(head)[:-1] + ',"features":[\n'
    piece: list[str] = []
    before = ""
    for record in found:
        piece.append(compact(_feature(record, address)))
        if len(piece) == _PIECE:
            yield before + ",\n".join(piece)
            piece, before = [], ",\n"
    yield (before if piece else "") + ",\n".join(piece) + "\n]}\n"


def _feature(record: Record, address: Callable[[str], str]) -> dict[str, Any]:
    geometry = None
    if record.latitude is not None and record.longitude is not None:
        geometry = {"type": "Point", "coordinates": [round(record.longitude, 6), round(record.latitude, 6)]}
    return {"type": "Feature", "id": record.code, "geometry": geometry, "properties": facts(record, address)}


def table(found: Iterable[Record], address: Callable[[str], str]) -> Iterator[str]:
    """CSV (RFC 4180) in UTF-8 with a byte order mark, for spreadsheets; lists are written as JSON in one cell.

    A text that a spreadsheet would run as a formula has an apostrophe before it.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    writer.writerow([*COLUMNS, "latitude", "longitude", "datum"])
    for number, record in enumerate(found, start=1):
        values = facts(record, address) | {"hours": compact([hours.as_json() for hours in record.hours])}
        values["exceptions"] = compact(record.exceptions)
        values["facilities"] = " ".join(record.facilities)
        position = [record.latitude, record.longitude, DATUM if record.latitude is not None else ""]
        writer.writerow([csv_cell(value) for value in [*(values[name] for name in COLUMNS), *position]])
        if number % _PIECE == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()
