"""Amounts as people type them: yuan in the form, whole fen inside."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from unionportal.figures import to_fen


class YuanField(forms.DecimalField):
    """An amount typed in yuan with at most two decimals; its value is whole fen."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_digits": 13, "decimal_places": 2, "min_value": Decimal("0.01"), **kwargs})

    def clean(self, value: Any) -> Any:
        yuan = super().clean(value)
        return None if yuan is None else to_fen(yuan)

    def prepare_value(self, value: Any) -> Any:
        return Decimal(value) / 100 if isinstance(value, int) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)
