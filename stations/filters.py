"""What a visitor may ask of the directory, as parameters of its address."""

from __future__ import annotations

import datetime
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_filters.fields import ModelMultipleChoiceField

from stations.daytypes import Calendar
from stations.listing import InOrder, NearestFirst, SortedOnce
from stations.models import Facility, StationKind, StationPurpose
from stations.models.stations import StationQuerySet
from unionportal.coordinates import Point, in_china
from unionportal.organizations.models import Division
from unionportal.public_version import Stamp

MOST_FACILITIES = 10
MOST_LETTERS = 100  # of the words searched for


class PositionField(forms.CharField):
    """ "LAT,LNG" in WGS-84 degrees, inside China. Raises ValidationError for anything else."""

    def to_python(self, value: str | None) -> Point | None:  # type: ignore[override]
        text = super().to_python(value)
        if not text:
            return None
        try:
            latitude, longitude = map(float, text.split(","))
        except ValueError:
            raise ValidationError(_("The position in the address was not understood, so nothing was sorted by it."))
        if not in_china(latitude, longitude):
            raise ValidationError(_("The position in the address lies outside China, so nothing was sorted by it."))
        return latitude, longitude


class PositionFilter(django_filters.Filter):
    field_class = PositionField


class FacilitiesField(ModelMultipleChoiceField):
    def clean(self, value: Any) -> Any:
        if value and len(value) > MOST_FACILITIES:
            raise ValidationError(_("Choose %(most)d facilities at most.") % {"most": MOST_FACILITIES})
        return super().clean(value)


class FacilitiesFilter(django_filters.ModelMultipleChoiceFilter):
    field_class = FacilitiesField


class StationFilter(django_filters.FilterSet):
    """`q`, `district` (division code), `kind` (code), `facility` (code, repeatable), `open=now`, `near=LAT,LNG`.

    A parameter that makes no sense is left out and named in `notices`; the others hold. Words beyond MOST_LETTERS
    are cut off, and `notices` say so. With `near` the nearest come first, without it those open at `moment`.
    """

    q = django_filters.CharFilter(method="filter_q", label=_("Name, place or address"))
    district = django_filters.ModelChoiceFilter(
        queryset=Division.objects.all(),
        method="filter_district",
        label=_("District"),
        empty_label=_("All districts"),
        error_messages={"invalid_choice": _("There is no district with this code, so it was left out.")},
    )
    kind = django_filters.ModelChoiceFilter(
        queryset=StationKind.objects.filter(is_active=True),
        method="filter_kind",
        label=_("Kind"),
        empty_label=_("All kinds"),
        error_messages={"invalid_choice": _("There is no such kind of station, so it was left out.")},
    )
    facility = FacilitiesFilter(
        queryset=Facility.objects.filter(is_active=True),
        method="filter_facility",
        label=_("Facilities"),
        error_messages={
            "invalid_choice": _("“%(value)s” is no facility on record, so no facility was asked for."),
            "invalid_pk_value": _("“%(pk)s” is no facility on record, so no facility was asked for."),
        },
    )
    open = django_filters.ChoiceFilter(
        choices=[("now", _("Open now"))],
        method="filter_open",
        label=_("Open now"),
        error_messages={"invalid_choice": _("“open” can only be “now”, so it was left out.")},
    )
    near = PositionFilter(method="filter_near", label=_("Near"))

    def __init__(
        self,
        data: QueryDict,
        queryset: StationQuerySet,
        *,
        moment: datetime.datetime,
        calendar: Calendar | None = None,
    ) -> None:
        self.is_cut = len(data.get("q", "")) > MOST_LETTERS
        if self.is_cut:
            data = data.copy()
            data["q"] = data["q"][:MOST_LETTERS]
        super().__init__(data, queryset)
        self.moment, self.calendar = moment, calendar or Calendar.now()

    @property
    def notices(self) -> list[str]:
        """What was left out or cut off, in words for the visitor."""
        said = [str(message) for messages in self.errors.values() for message in messages]
        if self.is_cut:
            said.append(
                gettext("What you searched for is long: only its first %(most)d characters count.")
                % {"most": MOST_LETTERS}
            )
        return said

    @property
    def address(self) -> QueryDict:
        """What was understood, as parameters for further links: nothing unknown, nothing refused, nothing endless."""
        kept = QueryDict(mutable=True)
        for name in self.filters:
            if name not in self.errors and (values := [value for value in self.data.getlist(name) if value]):
                kept.setlist(name, values)
        return kept

    def listed(self, stamp: Stamp) -> InOrder:
        """The stations in their order, for a Paginator; what many ask for is sorted once under a stamp
        (`unionportal.public_version.stamp`). Neither words searched for nor a position are kept.
        """
        asked = self.form.cleaned_data
        position, elsewhere = asked.get("near"), any(asked.get(name) for name in ("q", "district", "kind"))
        if not position and not asked.get("q"):
            return SortedOnce(lambda: self.qs, (stamp, self.address.urlencode()))
        if not position or elsewhere:
            return InOrder(lambda: self.qs, position)
        return NearestFirst(
            lambda: self.qs,
            position,
            facilities=[facility.code for facility in asked.get("facility") or ()],
            open_at=self.moment if asked.get("open") else None,
            calendar=self.calendar,
        )

    def filter_queryset(self, queryset: StationQuerySet) -> StationQuerySet:
        rows = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("near") else rows.open_first(self.moment, self.calendar)

    def filter_q(self, rows: StationQuerySet, name: str, words: str) -> StationQuerySet:
        return rows.matching(words)

    def filter_district(self, rows: StationQuerySet, name: str, district: Division) -> StationQuerySet:
        return rows.filter(division__in=Division.objects.inside(district.code))

    def filter_kind(self, rows: StationQuerySet, name: str, kind: StationKind) -> StationQuerySet:
        also = StationPurpose.objects.filter(kind=kind).values("station")
        return rows.filter(Q(kind=kind) | Q(pk__in=also))

    def filter_facility(self, rows: StationQuerySet, name: str, facilities: Any) -> StationQuerySet:
        return rows.with_facilities([facility.code for facility in facilities])

    def filter_open(self, rows: StationQuerySet, name: str, value: str) -> StationQuerySet:
        return rows.open_at(self.moment, self.calendar)

    def filter_near(self, rows: StationQuerySet, name: str, position: Point) -> StationQuerySet:
        return rows.near(*position)
