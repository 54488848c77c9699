"""The lists that staff may extend: kinds of station, kinds of host, facilities."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class Catalogue(models.Model):
    """A named entry with the other words people use for it. An entry in use is retired, never deleted."""

    code = models.CharField(_("code"), max_length=20, primary_key=True)
    name = models.CharField(_("name"), max_length=60, unique=True)
    name_en = models.CharField(_("English name"), max_length=80, blank=True)
    synonyms = ArrayField(
        models.CharField(max_length=60),
        default=list,
        blank=True,
        verbose_name=_("other words for it"),
        help_text=_("Separated by commas. An import recognises them."),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=100)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        abstract = True
        ordering = ["position", "code"]

    def __str__(self) -> str:
        return self.name_en if self.name_en and get_language() == "en" else self.name


class StationKind(Catalogue):
    """What a service place is: rest station, drivers' home, mother's room … Its code stands in the public code."""

    code = models.CharField(
        _("code"),
        max_length=2,
        primary_key=True,
        validators=[RegexValidator(r"^[A-Z]{2}$", _("Two capital letters."))],
    )

    class Meta(Catalogue.Meta):
        verbose_name = _("kind of station")
        verbose_name_plural = _("kinds of station")


class HostKind(Catalogue):
    """What sort of place gives a station its room: police post, bank branch, sanitation station …"""

    class Meta(Catalogue.Meta):
        verbose_name = _("kind of host")
        verbose_name_plural = _("kinds of host")


class Facility(Catalogue):
    """Something a visitor can use at a station. WIFI, Wi-Fi and 无线网络 are one facility."""

    group = models.CharField(_("group"), max_length=20, blank=True)
    icon = models.CharField(_("icon"), max_length=20, blank=True)
    # Short enough for the arrays of the finder (`stations.models.finder`).
    number = models.SmallIntegerField(
        unique=True,
        editable=False,
        db_default=models.Func(models.Value("stations_facility_number"), function="nextval"),
    )

    class Meta(Catalogue.Meta):
        verbose_name = _("facility")
        verbose_name_plural = _("facilities")
