"""The tree of union organisations."""

from __future__ import annotations

import datetime
from typing import Any

import pghistory
from django.contrib.postgres.indexes import GinIndex
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from treebeard.mp_tree import MP_Node, MP_NodeManager, MP_NodeQuerySet

from unionportal.codes import CodeError, check_credit_code, is_union_credit_code
from unionportal.free_text import NoPersonalNumbers
from unionportal.names import sort_key
from unionportal.scope import ScopedQuerySet


class OrganizationQuerySet(MP_NodeQuerySet, ScopedQuerySet["Organization"]):
    scope_path = "path"

    def active(self) -> OrganizationQuerySet:
        return self.filter(status=Organization.Status.ACTIVE)

    def branch_of(self, organization: Organization) -> OrganizationQuerySet:
        """The organisation and everything below it."""
        return self.filter(path__startswith=organization.path)

    def catch_all(self) -> OrganizationQuerySet:
        """Unions that take in workers without a union of their own (兜底建)."""
        return self.active().filter(is_catch_all=True)


class OrganizationManager(MP_NodeManager.from_queryset(OrganizationQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> OrganizationQuerySet:
        return OrganizationQuerySet(self.model, using=self._db).order_by("path")


def validate_union_credit_code(value: str) -> None:
    """GB 32100: 18 characters with a check character; a union's begins 81 (8 = union, 1 = grass roots)."""
    try:
        check_credit_code(value)
    except CodeError as error:
        raise ValidationError(str(error), code=error.code) from error
    if not is_union_credit_code(value):
        raise ValidationError(_("A union's credit code begins with 81."), code="credit-code-kind")


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), level=pghistory.Statement)
class Organization(NoPersonalNumbers, MP_Node):
    """A union, from the city federation down to a group; departments and task groups own work too.

    The tree holds the territorial superior. A trade union may have an industry superior beside it
    (`industry_superior`), which gives no reach. Order among siblings is that of creation.
    """

    steplen = 4

    class Kind(models.TextChoices):
        CITY_FEDERATION = "city_federation", _("City federation of trade unions")
        COUNTY_FEDERATION = "county_federation", _("County federation of trade unions")
        TOWNSHIP = "township", _("Township or street union")
        COMMUNITY = "community", _("Village, community, park, building or business-district union")
        GRASSROOTS_INDEPENDENT = "grassroots_independent", _("Independent grass-roots union")
        GRASSROOTS_JOINT = "grassroots_joint", _("Joint grass-roots union")
        BRANCH = "branch", _("Union branch")
        GROUP = "group", _("Union group")
        INDUSTRIAL = "industrial", _("Industrial union")
        INDUSTRY_FEDERATION = "industry_federation", _("Industry federation of unions")
        ENTERPRISE_GROUP = "enterprise_group", _("Group or system union")
        DEPARTMENT = "department", _("Department of a union")
        TASK_GROUP = "task_group", _("Task group")

    class Status(models.TextChoices):
        PREPARING = "preparing", _("Preparing")
        ACTIVE = "active", _("Active")
        MERGED = "merged", _("Merged")
        DISSOLVED = "dissolved", _("Dissolved")

    code = models.CharField(
        _("organization code"),
        max_length=32,
        unique=True,
        validators=[RegexValidator(r"^[0-9A-Z][0-9A-Z-]*$", _("Digits, capital letters and hyphens only."))],
        help_text=_("The portal's own code; it stays when the organization moves."),
        error_messages={"unique": _("Another organization has this code.")},
    )
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=24, choices=Kind)
    industry_superior = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="industry_members",
        verbose_name=_("industry superior"),
    )
    is_catch_all = models.BooleanField(
        _("catch-all union"),
        default=False,
        help_text=_("Takes in workers who have no union of their own (兜底建)."),
    )
    # NULL rather than "": many have none, and those that are given are unique.
    credit_code = models.CharField(  # noqa: DJ001
        _("credit code"), max_length=18, null=True, blank=True, validators=[validate_union_credit_code]
    )
    division = models.ForeignKey(
        "organizations.Division", models.PROTECT, null=True, blank=True, verbose_name=_("division")
    )
    address = models.CharField(_("address"), max_length=300, blank=True)
    phone = models.CharField(_("office phone"), max_length=60, blank=True)
    chair = models.CharField(_("chair"), max_length=60, blank=True)
    term_from = models.DateField(_("term from"), null=True, blank=True)
    term_years = models.PositiveSmallIntegerField(
        _("term in years"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(5)],
        help_text=_("Trade Union Law art. 16: 3 or 5 years at the grass roots, 5 years above."),
    )
    founded_on = models.DateField(_("founded on"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.ACTIVE)
    remarks = models.TextField(_("remarks"), blank=True)
    name_key = models.CharField(_("sort key"), max_length=400, editable=False, db_index=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)

    plain_texts = ("address", "phone", "chair", "remarks")

    objects = OrganizationManager()

    class Meta:
        ordering = ["path"]
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")
        constraints = [
            models.UniqueConstraint(
                fields=["credit_code"],
                name="organization_credit_code_once",
                violation_error_message=_("Another organization has this credit code."),
            ),
            models.CheckConstraint(
                condition=models.Q(credit_code__isnull=True) | models.Q(credit_code__regex=r"^8[0-9A-Z]{17}$"),
                name="organization_credit_code_shape",
                violation_error_message=_("A union's credit code has 18 characters and begins with 81."),
            ),
            models.CheckConstraint(
                condition=models.Q(term_years__isnull=True) | models.Q(term_years__range=(1, 5)),
                name="organization_term_years",
                violation_error_message=_("A term lasts one to five years."),
            ),
            models.CheckConstraint(
                condition=~models.Q(name=""),
                name="organization_has_name",
                violation_error_message=_("An organization needs a name."),
            ),
        ]
        indexes = [GinIndex(fields=["name"], opclasses=["gin_trgm_ops"], name="organization_name_trgm")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.credit_code = self.credit_code or None
        self.name_key = sort_key(self.name)
        super().save(*args, **kwargs)

    @property
    def term_ends(self) -> datetime.date | None:
        """The day on which the term is over, or None where it is not known."""
        if not self.term_from or not self.term_years:
            return None
        year = self.term_from.year + self.term_years
        try:
            return self.term_from.replace(year=year)
        except ValueError:  # 29 February
            return datetime.date(year, 3, 1)

    @property
    def indented_name(self) -> str:
        return "　" * (self.depth - 1) + self.name
