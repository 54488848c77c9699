"""Handing a spreadsheet in: which kind, for which union, which file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from unionportal.coordinates import Datum
from unionportal.organizations.models import Organization
from unionportal.scope import reach_of, within
from unionportal.sheets.resources import SheetResource, kinds, resource_for

# Unions that keep lists of what lies below them; the others are named in a column of the list.
_LIST_KEEPERS = (
    Organization.Kind.CITY_FEDERATION,
    Organization.Kind.COUNTY_FEDERATION,
    Organization.Kind.TOWNSHIP,
    Organization.Kind.COMMUNITY,
    Organization.Kind.INDUSTRIAL,
    Organization.Kind.INDUSTRY_FEDERATION,
    Organization.Kind.ENTERPRISE_GROUP,
    Organization.Kind.DEPARTMENT,
)
ACCEPTED = ".xlsx,.xls,.ods,.csv,.xlsm,.xlsb,.et,.txt"


def importable_kinds(user: Any) -> list[type[SheetResource]]:
    """The kinds of sheet that `user` may import somewhere."""
    return [resource for resource in kinds() if reach_of(user, resource.permission("import"))]


def importable_organizations(user: Any) -> Any:
    """The unions for which `user` may import some kind of sheet; those at which a role is held always."""
    prefixes = {path for resource in kinds() for path in reach_of(user, resource.permission("import"))}
    keepers = Q(kind__in=_LIST_KEEPERS) | Q(path__in=prefixes)
    return Organization.objects.filter(within(sorted(prefixes), "path")).filter(keepers).order_by("path")


class OrganizationChoice(forms.ModelChoiceField):
    """Unions indented as they lie in the tree."""

    def label_from_instance(self, obj: Any) -> str:
        return obj.indented_name


class HandInForm(forms.Form):
    """The choices are those of the import permission's reach; a forged one is refused like an unknown one."""

    kind = forms.ChoiceField(label=_("What the list holds"), widget=UnfoldAdminSelectWidget)
    organization = OrganizationChoice(
        label=_("For which union"),
        queryset=Organization.objects.none(),
        empty_label=None,
        widget=UnfoldAdminSelectWidget,
        help_text=_("Rows that name no union of their own go to this one. Nothing outside its branch is changed."),
    )
    file = forms.FileField(
        label=_("File"),
        widget=forms.ClearableFileInput(attrs={"accept": ACCEPTED}),
        help_text=_("Excel, WPS or CSV, as it is: titles, merged cells and other headings may stay."),
        error_messages={
            "required": _("Choose the file that holds the list."),
            "empty": _("The file is empty. Choose the file that holds the list."),
        },
    )
    datum = forms.ChoiceField(
        label=_("Coordinate system, where the list does not say"),
        required=False,
        widget=UnfoldAdminSelectWidget,
        choices=[
            ("", _("Not known (taken as GCJ-02: Amap, Tencent)")),
            (Datum.GCJ02, _("GCJ-02 (Amap, Tencent)")),
            (Datum.BD09, _("BD-09 (Baidu)")),
            (Datum.WGS84, _("WGS-84, CGCS2000 (GPS, Tianditu)")),
        ],
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        offered = [(resource.kind, resource.title) for resource in importable_kinds(user)]
        ask = [("", _("Please choose"))] if len(offered) > 1 else []
        self.fields["kind"].choices = [*ask, *offered]  # type: ignore[attr-defined]
        self.fields["organization"].queryset = importable_organizations(user)  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > settings.SHEETS_MAX_BYTES:
            raise ValidationError(
                _("The file has %(size)d MB; at most %(limit)d MB can be read. Remove pictures, or divide the list.")
                % {"size": file.size // 1024**2, "limit": settings.SHEETS_MAX_BYTES // 1024**2}
            )
        return file

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        kind, organization = cleaned.get("kind"), cleaned.get("organization")
        if kind and organization:
            prefixes = reach_of(self.user, resource_for(kind).permission("import"))
            if not any(organization.path.startswith(prefix) for prefix in prefixes):
                self.add_error("organization", _("Your roles do not allow importing this kind of list for this union."))
        return cleaned
