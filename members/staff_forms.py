"""Forms of the staff's pages of members and applications."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from members.actions import Answers
from members.forms import IdNumberField, PhoneField
from members.models import Application, Member
from members.routing import NO_MEMBERS, require_members_there
from unionportal.free_text import refuse_personal_numbers
from unionportal.organizations.models import Organization
from unionportal.scope import reach_of, within


class ReasonForm(forms.Form):
    """Why; the person it is about is shown it."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=200, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3})
    )


class OptionalReasonForm(ReasonForm):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )


class PurposeForm(forms.Form):
    """What a whole number is needed for; kept with the look and shown to the person."""

    purpose = forms.CharField(
        label=gettext_lazy("Purpose"), min_length=2, max_length=200, widget=UnfoldAdminTextInputWidget
    )


class MethodForm(forms.Form):
    """How the identity was checked, if it was."""

    method = forms.ChoiceField(
        label=gettext_lazy("How was the identity checked?"), required=False, widget=UnfoldAdminSelectWidget
    )

    def __init__(self, *args: Any, must: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(value, label) for value, label in Member.VerificationMethod.choices if value]
        self.fields["method"].required = must
        self.fields["method"].choices = choices if must else [("", _("Not yet: leave unverified")), *choices]  # type: ignore[attr-defined]


class UnionForm(forms.Form):
    """A union by its code or full name: a federation has too many for a drop-down."""

    organization = forms.CharField(
        label=gettext_lazy("Union"),
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("Its code or its full name."),
    )

    def clean_organization(self) -> Organization:
        text = self.cleaned_data["organization"].strip()
        active = Organization.objects.active()
        found = list(active.filter(code=text.upper()) or active.filter(name=text)[:2])
        if len(found) != 1:
            raise ValidationError(_("There is no such union, or several bear this name."))
        require_members_there(found[0])
        return found[0]


class DataAnswerForm(forms.Form):
    """The answer to a member's request."""

    answer = forms.CharField(
        label=gettext_lazy("Answer"), max_length=300, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3})
    )
    refused = forms.BooleanField(
        label=gettext_lazy("The request is refused; the answer says why"), required=False, widget=UnfoldBooleanWidget
    )


class ClerkApplicationForm(forms.ModelForm):
    """An application that a clerk enters for somebody without a phone, or at a desk outdoors."""

    user: Any = None
    id_number = IdNumberField(widget=UnfoldAdminTextInputWidget)
    phone = PhoneField(required=False, widget=UnfoldAdminTextInputWidget)
    agreed = forms.BooleanField(
        label=gettext_lazy("The person has read the notice, or was read it, and agreed to it in my presence."),
        widget=UnfoldBooleanWidget,
        error_messages={"required": gettext_lazy("Without consent no data may be taken.")},
    )

    class Meta:
        model = Application
        fields = ["organization", "name", "occupation_group", "employer_name", "division", "channel"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        channels = (Application.Channel.CLERK, Application.Channel.STATION, Application.Channel.MOBILE)
        self.fields["channel"].choices = [(c.value, c.label) for c in (*channels, Application.Channel.FAIR)]  # type: ignore[attr-defined]
        self.fields["channel"].initial = Application.Channel.CLERK
        self.fields["organization"].queryset = Organization.objects.active().filter(  # type: ignore[attr-defined]
            within(reach_of(self.user, "members.add_application"), "path") & ~Q(kind__in=NO_MEMBERS)
        )

    def clean_id_number(self) -> Any:
        id_type, number = self.cleaned_data["id_number"]
        known = Member.objects.with_id_number(number, id_type).first()
        if known is not None and known.state not in ("left", "lapsed", "expelled"):
            raise ValidationError(_("This person is a member already. Ask for a transfer if it is another union."))
        hashed = Application._meta.get_field("id_hash").hash_of(number)  # type: ignore[union-attr]
        if Application.objects.filter(id_type=id_type, id_hash=hashed).waiting().exists():  # type: ignore[attr-defined]
            raise ValidationError(_("An application of this person is waiting already."))
        return id_type, number

    def clean_employer_name(self) -> str:
        refuse_personal_numbers(self.cleaned_data["employer_name"], self.fields["employer_name"].label)
        return self.cleaned_data["employer_name"]

    def answers(self) -> Answers:
        data = self.cleaned_data
        id_type, number = data["id_number"]
        return Answers(
            name=data["name"],
            id_type=id_type,
            id_number=number,
            phone=data["phone"],
            occupation_group=data["occupation_group"],
            employer_name=data["employer_name"],
            division=data["division"],
            organization=data["organization"],
        )


class MemberForm(forms.ModelForm):
    """A member as his clerk sees him: numbers are masked, and written anew or not at all."""

    new_id_number = IdNumberField(
        label=gettext_lazy("New ID number"),
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("Leave empty to keep the number on record. It is stored encrypted."),
    )
    new_phone = PhoneField(
        label=gettext_lazy("New mobile phone"),
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("Leave empty to keep the number on record. It is stored encrypted."),
    )

    class Meta:
        model = Member
        fields = [
            "name",
            "organization",
            "gender",
            "birth_date",
            "ethnic_group",
            "household",
            "occupation_group",
            "platform",
            "employer",
            "employer_name",
            "joined_on",
            "card_number",
            "remarks",
        ]
        help_texts = {"remarks": gettext_lazy("The member can read this on his page.")}
        widgets = {"remarks": UnfoldAdminTextareaWidget(attrs={"rows": 3})}

    def clean_employer_name(self) -> str:
        refuse_personal_numbers(self.cleaned_data["employer_name"], self.fields["employer_name"].label)
        return self.cleaned_data["employer_name"]

    def clean_new_id_number(self) -> Any:
        value = self.cleaned_data["new_id_number"]
        if value:
            other = Member.objects.with_id_number(value[1], value[0]).exclude(pk=self.instance.pk)
            if other.exists():
                raise ValidationError(_("A member with this ID number is on record already."))
        return value

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("new_id_number"):
            self.instance.id_type, self.instance.id_number = data["new_id_number"]
        if data.get("new_phone"):
            self.instance.phone = data["new_phone"]
        return data
