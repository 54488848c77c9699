"""Choosing a member at a desk: by mobile number, card number or full name, never from a list of thousands."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextInputWidget

from members.models import Member
from unionportal.privacy import looks_like_mobile


class MemberField(forms.CharField):
    """A member the user may see. `user` is set by the form; the value is the Member."""

    user: Any = None

    def __init__(self, **kwargs: Any) -> None:
        defaults = {
            "label": gettext_lazy("member"),
            "help_text": gettext_lazy("Mobile number, card number or full name."),
            "widget": UnfoldAdminTextInputWidget,
            "max_length": 60,
        }
        super().__init__(**{**defaults, **kwargs})

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        rows = Member.objects.visible_to(self.user).select_related("organization", "occupation_group")
        found = list(rows.with_phone(text)[:2] if looks_like_mobile(text) else rows.filter(card_number=text)[:2])
        found = found or list(rows.filter(name=text)[:2])
        if not found:
            raise ValidationError(_("No member in your branch has this number or name."), code="member_unknown")
        if len(found) > 1:
            raise ValidationError(_("Several members fit: write the mobile or card number."), code="member_unclear")
        return found[0]
