"""The `stations` sheet: its columns, the headings real lists use, and how a row becomes a station.

A row goes through `rows` and `where` (its cells settle one another), `identity` (which station it means) and
`comparing` (what it would change).
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext_lazy as _

from stations.actions import WRITABLE, StationDraft, save_stations
from stations.cells import DatumWidget, DivisionWidget, FacilitiesWidget, FacilityFlagWidget, MoneyWidget
from stations.facilities import CatalogueEntry, FacilityIndex
from stations.models import Facility, Station
from stations.places import Places
from stations.resources import codes  # noqa: F401  (declares what can be wrong with a row)
from stations.resources.columns import COLUMNS
from stations.resources.comparing import (
    changes_of,
    check_unique,
    facilities_in_words,
    new_values,
    refuse_unread_status,
    status_is_left_out,
)
from stations.resources.identity import KnownStations, identify
from stations.resources.partners import Partners
from stations.resources.rows import (
    Kinds,
    join_opening_hours,
    settle_dates,
    settle_facilities,
    settle_name,
    settle_phones,
    take_place_texts,
    unknown_facility_headings,
)
from stations.resources.where import Districts, check_points, settle_position
from unionportal.coordinates import Datum
from unionportal.organizations.cells import OrganizationWidget
from unionportal.organizations.models import Division, Organization
from unionportal.sheets.headings import Vocabulary
from unionportal.sheets.resources import Row, SheetField, SheetResource, register

__all__ = ["StationResource"]


@register
class StationResource(SheetResource):
    """One row is one station.

    A row means a station that exists by the portal's own code, else by the list's number or the sign number, else
    by its name within the organisation, spelling apart. A blank cell leaves what is known; it never clears it. The
    status of a station that exists is left alone: only the verbs of its life cycle change it.
    """

    kind = "stations"
    title = _("Stations")
    model = Station
    subject_words = (
        "站点",
        "驿站",
        "服务站点",
        "服务站",
        "工会驿站",
        "户外劳动者服务站点",
        "阵地",
        "纳凉点",
        "网点",
        "poi",
    )
    columns = COLUMNS
    undo_parts = (
        "stations.StationFacility",
        "stations.OpeningPeriod",
        "stations.PositionDoubt",
        "stations.Station_co_builders",
    )

    # --- Look-ups --------------------------------------------------------------------------------------------

    def vocabulary(self) -> Vocabulary:
        """With every facility of the catalogue as a possible yes/no column."""
        words = super().vocabulary()
        known = {column.name: column.headings for column in self.columns}
        flags = [
            word
            for entry in self._catalogue()
            for word in (entry.name, f"facilities.{entry.code}", *_flag_words(entry.synonyms))
        ]
        asked = [word for word in flags if not word.isascii() and len(word) <= LONGEST_ASKED]
        flags += [form % word for word in asked for form in ASKED_FORMS]
        taken = set(words.normal)
        known["facility_flag"] = [*known["facility_flag"], *(w for w in flags if w.lower() not in taken)]
        return Vocabulary(
            known, repeatable=words.repeatable, subject_words=self.subject_words, title_field=self.lone_field
        )

    def _catalogue(self) -> list[CatalogueEntry]:
        if not hasattr(self, "_entries"):
            self._entries = [
                CatalogueEntry(entry.code, entry.name, tuple(entry.synonyms))
                for entry in Facility.objects.filter(is_active=True)
            ]
        return self._entries

    def prepare(self) -> None:
        context, home = self.context, self.context.organization
        self.index = FacilityIndex(self._catalogue())
        self.kinds = Kinds()
        self.districts = Districts(Places(Division.objects.select_related(None), home.division_id or ""), home)
        self.known = KnownStations(context)
        self.partners = Partners(context, self.known.by_code.values())
        self._set_widgets()

    def _set_widgets(self) -> None:
        """Widgets that know this reading's look-ups; the columns of the class are shared by all readings."""
        district, facilities, flag = DivisionWidget(), FacilitiesWidget(), FacilityFlagWidget()
        district.places = self.districts.places
        facilities.index = flag.index = self.index
        self.by_name = {name: copy.copy(column) for name, column in self.by_name.items()}
        for name, widget in {
            "district": district,
            "facilities": facilities,
            "facility_flag": flag,
            "kind": self.kinds.widget,
            "host_kind": self.kinds.host_widget,
            "organization": OrganizationWidget(self.context.editable(Organization)),
            "investment": MoneyWidget(2),
        }.items():
            self.by_name[name].widget = widget

    # --- Rows ------------------------------------------------------------------------------------------------

    def read_row(self, row: Row) -> None:
        join_opening_hours(row)
        take_place_texts(row)
        super().read_row(row)
        row.values.pop("closes", None)

    def check_rows(self, rows: Sequence[Row]) -> None:
        self.context.problems += unknown_facility_headings(rows, self.index)
        self.districts.use_neighbours(rows)
        for row in self.context.passing(rows):
            settle_name(row)
            self.kinds.settle(row)
            self.districts.settle(row, self.context)
            settle_position(row, self.context)
            settle_phones(row)
            settle_dates(row)
            settle_facilities(row)
        check_points(rows)

    def identify(self, rows: Sequence[Row]) -> None:
        identify(rows, self.known)
        for row in rows:
            refuse_unread_status(row)
        self.partners.settle(rows)

    # --- What would change -----------------------------------------------------------------------------------

    def _new_values(self, row: Row) -> dict[str, Any]:
        return new_values(row, self.context.organization, self.index)

    def compare(self, row: Row) -> None:
        new = self._new_values(row)
        self.check_values(row, new)
        station = row.existing
        if station is None:
            return
        row.label = row.label or station.name
        if status_is_left_out(row):
            row.report("status-not-by-sheet", "status")
        row.changes |= changes_of(station, new, {entry.code: entry.name for entry in self._catalogue()})

    def check_outcome(self, rows: Sequence[Row]) -> None:
        check_unique(rows, self.known, self.index)

    def save(self, rows: Sequence[Row], *, by: Any) -> None:
        drafts = []
        for row in rows:
            new = self._new_values(row)
            facilities, co_builders = new.pop("facilities", None), new.pop("co_builders", None)
            # Hours that staff have mended by hand are not read anew from a text that has not changed.
            read_hours = row.existing is None or "hours_text" in row.changes
            station = row.existing or Station()
            for name, value in new.items():
                if name in WRITABLE:
                    setattr(station, name, value)
            drafts.append(StationDraft(station, facilities, co_builders, read_hours))
        save_stations(drafts, by=by, wrote=self.context.wrote_of(len(rows)))

    # --- Export ----------------------------------------------------------------------------------------------

    def export_rows(self, queryset: QuerySet[Any]) -> Any:
        names = Organization.objects.values("name").annotate(count=Count("pk")).filter(count__gt=1)
        self.index = FacilityIndex(self._catalogue())
        # Unions of one name are written by their code, or the list could not come back.
        self.repeated = set(names.order_by().values_list("name", flat=True))
        return super().export_rows(
            queryset.select_related("organization", "kind", "division", "host", "host_kind").prefetch_related(
                "station_facilities__facility"
            )
        )

    def export_cell(self, column: SheetField, record: Any) -> str:
        if column.name in ("latitude", "longitude"):
            given = getattr(record, f"given_{column.name}")
            return column.widget.render(given if given is not None else getattr(record, column.name))
        if column.name == "organization":
            return record.organization.code if record.organization.name in self.repeated else record.organization.name
        if column.name == "opened_on":
            shown = column.widget.render(record.opened_on)
            return shown[: {"year": 4, "month": 7}.get(record.opened_precision, 10)]
        if column.name == "datum":
            return DatumWidget().render(record.given_datum or (Datum.WGS84 if record.has_position else ""))
        if column.name == "host":
            return str(record.host or record.host_name)
        if column.name in ("kind", "host_kind"):
            return str(getattr(record, column.name) or "")
        if column.name == "phone":
            return record.public_phone
        if column.name == "facilities":
            return facilities_in_words(record, self.index)
        return super().export_cell(column, record)


# How a heading asks for a facility; long words are not asked for so.
ASKED_FORMS = ("%s数量", "有无%s", "是否有%s", "是否配备%s")
LONGEST_ASKED = 5
# Latin words that mean a facility also where they stand alone as a heading.
_PLAIN_LATIN = frozenset(("wifi", "wi-fi", "wlan", "aed", "iptv"))


def _flag_words(synonyms: Sequence[str]) -> list[str]:
    """A facility's words as headings; a Latin one only as "facilities.ac", for "ac" alone may mean anything."""
    words = []
    for word in synonyms:
        if word.isascii():
            words.append(f"facilities.{word}")
        if not word.isascii() or word.lower() in _PLAIN_LATIN:
            words.append(word)
    return words
