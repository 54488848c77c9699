"""Forms of the member's pages and of the questions the staff's pages ask."""

from __future__ import annotations

import datetime
import re
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from campaigns.models import Activity, ActivityPhoto, Wish
from stations.forms import PhotoForm
from unionportal.ledger.forms import YuanField
from unionportal.ledger.models import LedgerLine
from unionportal.organizations.models import Organization, Partner
from unionportal.scope import visible


class WishForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a member wishes. Nothing of it is shown before the union has spoken with him."""

    text = forms.CharField(label=_("What do you wish for?"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))

    class Meta:
        model = Wish
        fields = ["text", "wished_for"]


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("reason"), max_length=200)


class OptionalReasonForm(forms.Form):
    reason = forms.CharField(label=_("reason"), max_length=200, required=False)


class ReportForm(forms.Form):
    """What happened at an activity. Who came with a sign-up is counted from the sign-ups."""

    report = forms.CharField(label=_("how it went"), max_length=2000)
    guests = forms.IntegerField(
        label=_("came without a sign-up"),
        min_value=0,
        max_value=100_000,
        initial=0,
        widget=UnfoldAdminIntegerFieldWidget,
    )


class RepeatForm(forms.Form):
    """The rhythm of an activity that recurs."""

    every = forms.ChoiceField(label=_("recurs"), choices=Activity.Every.choices)
    until = forms.DateField(label=_("until"))
    skip = forms.CharField(
        label=_("but not on"), max_length=400, required=False, help_text=_("Days such as 2026-10-01, 2026-10-08.")
    )

    def clean_skip(self) -> set[datetime.date]:
        """The days left out."""
        days = re.split(r"[\s,，、;；]+", self.cleaned_data["skip"])
        try:
            return {datetime.date.fromisoformat(day) for day in days if day}
        except ValueError:
            raise forms.ValidationError(_("Write days as 2026-10-01, with commas between them."))


class ActivityPhotoForm(PhotoForm):
    """A photo of an activity, stored as those of stations are."""

    class Meta:
        model = ActivityPhoto
        fields = ["image", "caption"]


class ConfirmWishForm(forms.Form):
    """What was agreed with the wisher."""

    may_be_shown = forms.BooleanField(label=_("He agrees that the wish is shown, without his name"), required=False)
    public_text = forms.CharField(label=_("wish as shown"), max_length=120, required=False)
    public_name = forms.CharField(
        label=_("wisher as shown"), max_length=40, required=False, help_text=_("Such as “a courier”; never a name.")
    )


class AdoptWishForm(forms.Form):
    """Who makes the wish come true: a partner or a union, one of the two."""

    partner = forms.ModelChoiceField(Partner.objects.none(), label=_("partner"), required=False)
    union = forms.ModelChoiceField(Organization.objects.none(), label=_("union"), required=False)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["partner"].queryset = visible(Partner, user)  # type: ignore[attr-defined]
        self.fields["union"].queryset = visible(Organization, user)  # type: ignore[attr-defined]


class BuyWishForm(forms.Form):
    """The purchase: the ledger line that is booked with it."""

    amount_fen = YuanField(label=_("amount in yuan"))
    source_level = forms.ChoiceField(label=_("source"), choices=LedgerLine.Source.choices)
    on = forms.DateField(label=_("on"), initial=timezone.localdate)
    payee = forms.CharField(label=_("payee"), max_length=120, required=False)
    evidence = forms.CharField(label=_("evidence (document number)"), max_length=120, required=False)


class DeliverWishForm(forms.Form):
    on = forms.DateField(label=_("delivered on"), initial=timezone.localdate)
    note = forms.CharField(label=_("how it was delivered"), max_length=200, required=False)


class ThanksForm(forms.Form):
    words = forms.CharField(label=_("thanks in the wisher's words"), max_length=1000, required=False)
