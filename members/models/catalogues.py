"""Occupation groups as data: the eight groups of 2018, the four key groups of 2021, and what a city adds."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class OccupationGroup(models.Model):
    """What a worker does: courier, food delivery, ride-hailing … An entry in use is retired, never deleted.

    `is_eight_group` marks the "eight groups" of 2018 (八大群体), `is_key_group` the four key groups of 2021
    (四类重点群体); statistics count by these flags, so that a city may add a group without code.
    """

    code = models.CharField(_("code"), max_length=20, primary_key=True)
    name = models.CharField(_("name"), max_length=60, unique=True)
    name_en = models.CharField(_("English name"), max_length=80, blank=True)
    synonyms = ArrayField(
        models.CharField(max_length=60), default=list, blank=True, verbose_name=_("other words for it")
    )
    is_eight_group = models.BooleanField(_("one of the eight groups"), default=False)
    is_key_group = models.BooleanField(_("one of the four key groups"), default=False)
    position = models.PositiveSmallIntegerField(_("position"), default=100)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        ordering = ["position", "code"]
        verbose_name = _("occupation group")
        verbose_name_plural = _("occupation groups")

    def __str__(self) -> str:
        return self.name_en if self.name_en and get_language() == "en" else self.name
