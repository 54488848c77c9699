"""The portal's own table of public holidays, which wins over the package's (see `unionportal.workdays`)."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from unionportal.workdays import Day, DayKind, Overrides


class CalendarDay(models.Model):
    """A public holiday, or the weekend day worked in exchange for one, as the State Council announced it."""

    class Kind(models.TextChoices):
        HOLIDAY = DayKind.HOLIDAY.value, _("Public holiday")
        MAKE_UP = DayKind.MAKE_UP.value, _("Make-up working day")

    day = models.DateField(_("day"), primary_key=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    name = models.CharField(_("name"), max_length=60, blank=True)

    class Meta:
        ordering = ["day"]
        verbose_name = _("calendar day")
        verbose_name_plural = _("calendar days")

    def __str__(self) -> str:
        return f"{self.day} {self.name or self.get_kind_display()}"


class CalendarYear(models.Model):
    """A year whose holidays and make-up days have all been entered: its other days are plain."""

    year = models.PositiveSmallIntegerField(
        _("year"), primary_key=True, validators=[MinValueValidator(2004), MaxValueValidator(2200)]
    )
    source = models.CharField(_("source"), max_length=200, help_text=_("Number of the State Council's notice."))

    class Meta:
        ordering = ["-year"]
        verbose_name = _("calendar year entered completely")
        verbose_name_plural = _("calendar years entered completely")

    def __str__(self) -> str:
        return str(self.year)


def overrides() -> Overrides:
    """The table as it stands now. Two queries: read it once for a list and hand it on."""
    return Overrides(
        days={row.day: Day(DayKind(row.kind), row.name) for row in CalendarDay.objects.all()},
        years=frozenset(CalendarYear.objects.values_list("year", flat=True)),
    )
