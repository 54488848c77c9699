"""Everyone outside the union that it works with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pghistory
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from unionportal.codes import CodeError, check_credit_code
from unionportal.free_text import NoPersonalNumbers
from unionportal.names import sort_key
from unionportal.organizations.models.organizations import Organization
from unionportal.scope import Reaching, ScopedQuerySet, reach_of, within

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


def validate_credit_code(value: str) -> None:
    """GB 32100: 18 characters with a check character."""
    try:
        check_credit_code(value)
    except CodeError as error:
        raise ValidationError(str(error), code=error.code) from error


class PartnerQuerySet(ScopedQuerySet["Partner"]):
    def visible_to(self, user: Reaching | AnonymousUser) -> PartnerQuerySet:
        """Those of the user's branch, and those that a superior shares downwards (a platform, a bank)."""
        prefixes = reach_of(user, "organizations.view_partner")
        superiors = {p[:end] for p in prefixes for end in range(Organization.steplen, len(p), Organization.steplen)}
        return self.filter(
            within(prefixes, self.scope_path) | models.Q(is_shared=True, organization__path__in=superiors)
        )


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), level=pghistory.Statement)
class Partner(NoPersonalNumbers):
    """A body outside the union: host of a station, employer or platform, court, hospital, merchant, insurer.

    What it does for the union is said by its agreements (`PartnerAgreement`), each with a role and dates. A
    platform's delivery firms point to it with the relation they stand in.
    """

    class Kind(models.TextChoices):
        EMPLOYER = "employer", _("Employer")
        PLATFORM = "platform", _("Platform")
        GOVERNMENT = "government", _("Government body")
        POLICE = "police", _("Police")
        COURT = "court", _("Court")
        HOSPITAL = "hospital", _("Hospital")
        BANK = "bank", _("Bank")
        MERCHANT = "merchant", _("Merchant")
        INSURER = "insurer", _("Insurer")
        LIBRARY = "library", _("Library")
        SCHOOL = "school", _("School or training body")
        LAW_FIRM = "law_firm", _("Law firm")
        CHARITY = "charity", _("Charity or association")
        OTHER = "other", _("Other")

    class Relation(models.TextChoices):
        DIRECT = "direct", _("Run by the platform itself")
        FRANCHISE = "franchise", _("Franchise")
        AGENCY = "agency", _("Agency")
        AFFILIATED = "affiliated", _("Affiliated vehicle or site")

    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="partners", verbose_name=_("kept by organization")
    )
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.OTHER)
    # NULL rather than "": many have none, and those that are given are unique.
    credit_code = models.CharField(  # noqa: DJ001
        _("credit code"), max_length=18, null=True, blank=True, validators=[validate_credit_code]
    )
    superior = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="subordinates",
        verbose_name=_("platform or parent firm"),
    )
    relation = models.CharField(_("relation to it"), max_length=12, choices=Relation, blank=True)
    is_shared = models.BooleanField(
        _("shared with the branch"),
        default=False,
        help_text=_("Unions below may choose this partner too."),
    )
    division = models.ForeignKey(
        "organizations.Division", models.PROTECT, null=True, blank=True, verbose_name=_("division")
    )
    address = models.CharField(_("address"), max_length=300, blank=True)
    phone = models.CharField(_("office phone"), max_length=60, blank=True)
    remarks = models.TextField(_("remarks"), blank=True)
    name_key = models.CharField(_("sort key"), max_length=400, editable=False, db_index=True)

    plain_texts = ("address", "phone", "remarks")

    objects = PartnerQuerySet.as_manager()

    class Meta:
        ordering = ["name_key", "id"]
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "name"],
                name="partner_name_once",
                violation_error_message=_("This organization keeps a partner of this name already."),
            ),
            models.UniqueConstraint(
                fields=["organization", "credit_code"],
                name="partner_credit_code_once",
                violation_error_message=_("This organization keeps a partner with this credit code already."),
            ),
            models.CheckConstraint(
                condition=models.Q(relation="") | models.Q(superior__isnull=False),
                name="partner_relation_needs_superior",
                violation_error_message=_("A relation needs the platform or parent firm it is to."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: object, **kwargs: object) -> None:
        self.credit_code = self.credit_code or None
        self.name_key = sort_key(self.name)
        super().save(*args, **kwargs)  # type: ignore[arg-type]


class PartnerAgreementQuerySet(ScopedQuerySet["PartnerAgreement"]):
    scope_path = "partner__organization__path"

    def in_force(self, day: object | None = None) -> PartnerAgreementQuerySet:
        day = day or timezone.localdate()
        return self.filter(starts_on__lte=day).filter(models.Q(ends_on=None) | models.Q(ends_on__gte=day))


class PartnerAgreement(models.Model):
    """What a partner has agreed to do, from when to when."""

    class Role(models.TextChoices):
        HOST = "host", _("Host of a station")
        CO_BUILDER = "co_builder", _("Co-builder")
        SERVICE = "service", _("Gives a service")
        DISCOUNT = "discount", _("Gives a discount")
        FUNDING = "funding", _("Gives money or goods")
        REFERRAL = "referral", _("Takes referrals")
        EMPLOYER = "employer", _("Employer of members")
        COOPERATION = "cooperation", _("Co-operation between bodies")

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="agreements", verbose_name=_("partner"))
    role = models.CharField(_("role"), max_length=12, choices=Role)
    subject = models.CharField(_("agreed on"), max_length=200, blank=True)
    number = models.CharField(_("document number"), max_length=60, blank=True)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)

    objects = PartnerAgreementQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "id"]
        verbose_name = _("agreement with a partner")
        verbose_name_plural = _("agreements with partners")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True) | models.Q(ends_on__gte=models.F("starts_on")),
                name="partner_agreement_dates",
                violation_error_message=_("An agreement cannot end before it begins."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.partner} · {self.get_role_display()}"
