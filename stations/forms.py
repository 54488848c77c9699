"""Forms of the staff's pages of stations: what a person writes, turned into what the register keeps."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelect2MultipleWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from stations.models import Facility, Station, StationFacility, StationKeeper, StationPhoto
from stations.models.week import HoursState
from stations.photos import two_sizes
from stations.schedule import read_periods
from unionportal.coordinates import Datum, convert
from unionportal.organizations.models import Account
from unionportal.organizations.roles import Role
from unionportal.privacy import PhoneError, split_phones
from unionportal.scope import reach_of, within


def accounts_that_may_keep(user: Any, station: Station | None = None) -> Any:
    """Station keepers' accounts of the branches in which `user` names keepers, and those named already."""
    own = within(reach_of(user, "stations.change_stationkeeper"), "organization__path")
    found = Account.objects.active().filter(own, role_assignments__role=Role.STATION_KEEPER)
    ids = set(found.values_list("pk", flat=True))
    if station is not None and station.pk:
        ids |= set(StationKeeper.objects.filter(station=station).values_list("account", flat=True))
    return Account.objects.filter(pk__in=ids)


class StationForm(forms.ModelForm):
    """A station as its clerk sees it. The state changes by buttons, never here."""

    facility_codes = forms.ModelMultipleChoiceField(
        queryset=Facility.objects.filter(is_active=True),
        label=gettext_lazy("Facilities"),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    keeper_accounts = forms.ModelMultipleChoiceField(
        queryset=Account.objects.none(),
        label=gettext_lazy("Keepers' accounts"),
        required=False,
        widget=UnfoldAdminSelect2MultipleWidget,
        help_text=gettext_lazy("Accounts with the role of station keeper. They see and keep this station."),
    )
    new_keeper_phone = forms.CharField(
        label=gettext_lazy("New keeper's phone"),
        required=False,
        max_length=120,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("Leave empty to keep the number on record. It is stored encrypted."),
    )

    class Meta:
        model = Station
        fields = [
            "name",
            "local_brand",
            "kind",
            "organization",
            "inside",
            "theme",
            "division",
            "address",
            "directions",
            "given_latitude",
            "given_longitude",
            "given_datum",
            "accuracy",
            "hours_text",
            "hours_state",
            "on_holidays",
            "on_makeup_days",
            "access",
            "facilities_text",
            "public_phone",
            "responsible_cadre",
            "keeper_name",
            "build_mode",
            "host_kind",
            "host",
            "host_name",
            "co_builders",
            "area",
            "seats",
            "opened_on",
            "opened_precision",
            "sign_number",
            "list_id",
            "investment",
            "remarks",
        ]
        widgets = {
            "hours_text": UnfoldAdminTextareaWidget(attrs={"rows": 2}),
            "facilities_text": UnfoldAdminTextareaWidget(attrs={"rows": 2}),
            "remarks": UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        }

    # Set on a subclass made for each request.
    user: Any = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        station = self.instance if self.instance.pk else None
        if "keeper_accounts" in self.fields:
            self.fields["keeper_accounts"].queryset = accounts_that_may_keep(self.user, station)
        if station is None:
            return
        self.notes = dict(StationFacility.objects.filter(station=station).values_list("facility_id", "note"))
        self.initial["facility_codes"] = list(self.notes)
        self.initial["keeper_accounts"] = list(
            StationKeeper.objects.filter(station=station).values_list("account", flat=True)
        )
        if "facility_codes" in self.fields:
            # A retired entry that the station still has stays, until somebody takes it off.
            self.fields["facility_codes"].queryset = Facility.objects.filter(is_active=True) | Facility.objects.filter(
                pk__in=self.notes
            )

    notes: dict[str, str] = {}

    @property
    def facilities(self) -> dict[str, str]:
        """Codes of the ticked facilities with the notes they had."""
        return {entry.pk: self.notes.get(entry.pk, "") for entry in self.cleaned_data["facility_codes"]}

    def clean_new_keeper_phone(self) -> str:
        return _clean_phones(self.cleaned_data["new_keeper_phone"])

    def clean_public_phone(self) -> str:
        return _clean_phones(self.cleaned_data["public_phone"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if {"given_latitude", "given_longitude", "given_datum"} & set(self.changed_data) or not self.instance.pk:
            self._place(cleaned)
        self._check_hours(cleaned)
        if cleaned.get("new_keeper_phone"):
            self.instance.keeper_phone = cleaned["new_keeper_phone"]
        return cleaned

    def _check_hours(self, cleaned: dict[str, Any]) -> None:
        """Who says that the hours are listed must have written some that can be read, or have had some."""
        if "hours_state" not in self.changed_data or cleaned.get("hours_state") != HoursState.LISTED:
            return
        kept = "hours_text" not in self.changed_data and self.instance.pk and self.instance.periods.exists()
        if not kept and not read_periods(cleaned.get("hours_text", "")):
            raise ValidationError({"hours_state": _("No opening hours can be read from the text.")})

    def _place(self, cleaned: dict[str, Any]) -> None:
        """The position in WGS-84 from what was given in its datum."""
        pair = (cleaned.get("given_latitude"), cleaned.get("given_longitude"))
        if pair == (None, None):
            self.instance.latitude = self.instance.longitude = None
            return
        if None in pair:
            raise ValidationError(_("Latitude and longitude go together."))
        if not (3 <= pair[0] <= 54 and 73 <= pair[1] <= 136):
            raise ValidationError(_("Latitude (3 to 54) and longitude (73 to 136) go together, in degrees."))
        if not cleaned.get("given_datum"):
            raise ValidationError({"given_datum": _("Say which map the position comes from.")})
        point = convert(*pair, cleaned["given_datum"], Datum.WGS84)
        self.instance.latitude, self.instance.longitude = round(point[0], 7), round(point[1], 7)

    def _post_clean(self) -> None:
        """Also the rules on columns that are worked out, so that a second station of a name is a form error."""
        super()._post_clean()
        if self.errors:
            return
        self.instance.prepare()
        try:
            # The public code is given on saving.
            self.instance.validate_constraints(exclude=set() if self.instance.pk else {"code"})
        except ValidationError as error:
            self.add_error(None, error.messages)


def _clean_phones(text: str) -> str:
    try:
        return "、".join(split_phones(text))
    except PhoneError as error:
        raise ValidationError(str(error), code=error.code)


class PhotoForm(forms.ModelForm):
    """A photo is stored re-encoded in two sizes, whatever was uploaded."""

    class Meta:
        model = StationPhoto
        fields = ["image", "caption", "position"]

    def clean_image(self) -> Any:
        upload = self.cleaned_data["image"]
        if "image" not in self.changed_data:
            return upload
        large, self.small = two_sizes(upload)
        return large

    small: Any = None

    def save(self, commit: bool = True) -> StationPhoto:
        if self.small is not None:
            self.instance.thumbnail = self.small
        return super().save(commit)


class ReasonForm(forms.Form):
    """Why: shown to visitors and kept in the record."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=200, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3})
    )


class PurposeForm(forms.Form):
    """What personal data is needed for; kept with the look (Personal Information Protection Law arts 6, 51)."""

    purpose = forms.CharField(label=gettext_lazy("Purpose"), max_length=200, widget=UnfoldAdminTextInputWidget)


class AnswerForm(forms.Form):
    """How a doubt was settled."""

    answer = forms.CharField(
        label=gettext_lazy("How was it settled?"), max_length=200, widget=UnfoldAdminTextInputWidget
    )
