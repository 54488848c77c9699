"""Administrative divisions (GB/T 2260), and development zones that the standard does not list."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from unionportal.codes import division_stem


class DivisionQuerySet(models.QuerySet["Division"]):
    def counties(self) -> DivisionQuerySet:
        return self.filter(level=Division.Level.COUNTY)

    def inside(self, code: str) -> DivisionQuerySet:
        """The division `code` and all below it, by the standard's own prefixes, zones by their parent."""
        return self.filter(models.Q(code__startswith=division_stem(code)) | models.Q(parent__code=code))


class Division(models.Model):  # type: ignore[django-manager-missing]
    """A place by its code: 6 digits for province, city, county (GB/T 2260), 9 for a township or street.

    Development and high-tech zones are management areas outside the standard; a federation gives them a code of
    its own with ``is_official=False`` and the city or district they lie in as parent.
    """

    class Level(models.TextChoices):
        PROVINCE = "province", _("Province")
        CITY = "city", _("City")
        COUNTY = "county", _("County or district")
        TOWNSHIP = "township", _("Township or street")

    code = models.CharField(
        _("code"),
        max_length=12,
        primary_key=True,
        validators=[RegexValidator(r"^\d{6}(\d{3}(\d{3})?)?$", _("A division code has 6, 9 or 12 digits."))],
    )
    name = models.CharField(_("name"), max_length=100)
    level = models.CharField(_("level"), max_length=10, choices=Level)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("parent")
    )
    is_official = models.BooleanField(_("in GB/T 2260"), default=True)

    objects = DivisionQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        verbose_name = _("division")
        verbose_name_plural = _("divisions")
        indexes = [GinIndex(fields=["name"], opclasses=["gin_trgm_ops"], name="division_name_trgm")]

    def __str__(self) -> str:
        return self.name

    @property
    def with_county(self) -> str:
        """The name as people say where something lies: a township's after its county's."""
        named = self.level == self.Level.TOWNSHIP and self.parent is not None
        return f"{self.parent} {self}" if named else str(self)
