"""Where standards stand in the sidebar."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from unionportal.audit.words import register_words
from unionportal.workplace import REFERENCE, place


def register() -> None:
    """Called once when the app is ready."""
    register_words(of="standards", verbs={"new_version": gettext_lazy("New version")})
    place("standards.standard", REFERENCE, order=85, icon="checklist")
