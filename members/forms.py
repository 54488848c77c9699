"""Forms of joining and of the member's page: few fields, said so that a courier fills them in at a red light."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from members.actions import Answers, read_card_number
from members.models import DataRequest, OccupationGroup
from members.routing import require_members_there
from unionportal.codes import CodeError
from unionportal.free_text import refuse_personal_numbers
from unionportal.organizations.models import Division, Organization
from unionportal.privacy import PhoneError, looks_like_mobile, normalize_phone


class PhoneField(forms.CharField):
    """A mobile number in its one form."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Mobile phone"))
        super().__init__(max_length=30, **kwargs)
        self.widget.attrs |= {"type": "tel", "inputmode": "tel", "autocomplete": "tel"}

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if not text:
            return ""
        try:
            phone = normalize_phone(text)
        except PhoneError as error:
            raise forms.ValidationError(str(error), code=error.code)
        if not looks_like_mobile(phone):
            raise forms.ValidationError(_("Enter a mobile number: the code is sent to it."), code="phone-not-mobile")
        return phone


class IdNumberField(forms.CharField):
    """The 18 characters of an identity or residence card; cleaned to (type, number)."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("ID number"))
        super().__init__(max_length=40, **kwargs)
        self.widget.attrs |= {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            id_type, number, _gender, _born = read_card_number(text)
        except CodeError as error:
            raise forms.ValidationError(str(error), code=error.code)
        return id_type, number


class PhoneForm(forms.Form):
    """A phone to which a code is sent."""

    phone = PhoneField(help_text=_("We send a six-digit code to it."))


class WhoForm(forms.Form):
    """Who of several people with one phone it is."""

    id_number = IdNumberField()


class ConsentForm(PhoneForm):
    """Step 1: the notice, agreed to before anything is asked."""

    agreed = forms.BooleanField(
        label=_("I have read the notice and agree that my data is used for joining as it says."),
        error_messages={"required": _("Without your consent we may not take your data. Your union's desk can help.")},
    )
    field_order = ["agreed", "phone"]


class CodeForm(forms.Form):
    """Step 2: the code from the phone."""

    code = forms.RegexField(
        r"^\s*\d{6}\s*$",
        label=_("Six-digit code"),
        error_messages={"invalid": _("The code has six digits.")},
        widget=forms.TextInput(
            attrs={
                "class": "code-input",
                "inputmode": "numeric",
                "autocomplete": "one-time-code",
                "maxlength": 6,
                "pattern": "[0-9]{6}",
            }
        ),
    )


def street_choices(root: Organization | None) -> list[Any]:
    """Streets of the federation's city under their counties, for a <select> with groups."""
    if root is None or not root.division_id:
        return [("", "—")]
    places = list(Division.objects.inside(root.division_id).order_by("code"))
    counties = {place.code: place for place in places if place.level == Division.Level.COUNTY}
    groups: dict[str, list[tuple[str, str]]] = {code: [] for code in counties}
    for place in places:
        if place.level == Division.Level.TOWNSHIP and place.parent_id in groups:
            groups[place.parent_id].append((place.code, place.name))
    elsewhere = _("elsewhere in this county")
    return [
        ("", "—"),
        *((county.name, [*groups[code], (code, f"{county.name} · {elsewhere}")]) for code, county in counties.items()),
    ]


class JoinForm(forms.Form):
    """Step 3: what the union needs to know, and nothing else. With a union's QR the street is not asked."""

    name = forms.CharField(label=_("Full name"), max_length=60, help_text=_("As on the card."))
    id_number = IdNumberField(help_text=_("18 characters. It is stored encrypted; staff see only a part of it."))
    occupation_group = forms.ModelChoiceField(
        OccupationGroup.objects.filter(is_active=True), label=_("What do you do?"), empty_label=_("Please choose")
    )
    employer_name = forms.CharField(
        label=_("Employer or platform"),
        max_length=120,
        required=False,
        help_text=_("If you have one: the firm you deliver for, or the name of the platform."),
    )
    division = forms.ChoiceField(label=_("Street where you mostly work"), required=False)

    def __init__(self, *args: Any, organization: Organization | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organization = organization
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        if organization is not None:
            del self.fields["division"]
        else:
            field = self.fields["division"]
            field.choices = street_choices(Organization.objects.filter(depth=1).first())  # type: ignore[attr-defined]

    def clean_name(self) -> str:
        name = (
            "".join(self.cleaned_data["name"].split())
            if _is_chinese(self.cleaned_data["name"])
            else (" ".join(self.cleaned_data["name"].split()))
        )
        if len(name) < 2 or any(sign.isdigit() for sign in name):
            raise forms.ValidationError(_("Write your name as on the card."))
        return name

    def clean_employer_name(self) -> str:
        refuse_personal_numbers(self.cleaned_data["employer_name"], self.fields["employer_name"].label)
        return self.cleaned_data["employer_name"]

    def answers(self, phone: str) -> Answers:
        """What was stated; the phone is the one that was proved."""
        data = self.cleaned_data
        id_type, number = data["id_number"]
        return Answers(
            name=data["name"],
            id_type=id_type,
            id_number=number,
            phone=phone,
            occupation_group=data["occupation_group"],
            employer_name=data["employer_name"].strip(),
            division=Division.objects.filter(pk=data.get("division") or None).first(),
            organization=self.organization,
        )


def _is_chinese(name: str) -> bool:
    return any("\u4e00" <= sign <= "\u9fff" for sign in name)


class LeaveForm(forms.Form):
    """Leaving is confirmed by its own word, so that a slip of the thumb does nothing."""

    sure = forms.BooleanField(label=_("Yes, I leave the union."))


class DataRequestForm(forms.ModelForm):
    class Meta:
        model = DataRequest
        fields = ["kind", "text"]
        labels = {"text": _("What is it about?")}
        widgets = {"text": forms.Textarea(attrs={"rows": 3, "maxlength": 500})}


class TransferForm(forms.Form):
    """To which union, by the code under its name or on its QR; in one step."""

    organization = forms.CharField(label=_("Code of the union you want to go to"), max_length=32)
    reason = forms.CharField(label=_("Why (optional)"), max_length=200, required=False)

    def clean_organization(self) -> Organization:
        code = self.cleaned_data["organization"].strip().upper()
        found = Organization.objects.active().filter(code=code).first()
        if found is None:
            raise forms.ValidationError(_("There is no union with this code."))
        require_members_there(found)
        return found

    def clean_reason(self) -> str:
        refuse_personal_numbers(self.cleaned_data["reason"], self.fields["reason"].label)
        return self.cleaned_data["reason"]
