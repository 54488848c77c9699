"""Money: one line for each amount that went from somebody to somebody for something."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.db import models
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from unionportal.figures import money
from unionportal.organizations.models import Account, Organization, Partner
from unionportal.scope import ScopedQuerySet


class LedgerLineQuerySet(ScopedQuerySet["LedgerLine"]):
    def total(self) -> int:
        """Sum in fen; reversals count against what they reverse."""
        return self.aggregate(total=Sum("amount_fen"))["total"] or 0

    def by_source(self) -> dict[str, int]:
        """Fen by source level: the question "whose money was it" that a printed total leaves open."""
        rows = self.values_list("source_level").annotate(total=Sum("amount_fen")).order_by("source_level")
        return dict(rows)


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), level=pghistory.Statement)
class LedgerLine(models.Model):
    """An amount with its payer, payee, source level, purpose and evidence.

    Amounts are whole fen. A line is never rewritten, the database refuses it: a mistake is undone by a line
    with the negative amount that points to it (`reverses`). A domain ties its objects to lines by a link table of its
    own.
    """

    class Source(models.TextChoices):
        NATIONAL = "national", _("All-China Federation")
        PROVINCE = "province", _("Province")
        CITY = "city", _("City")
        COUNTY = "county", _("County")
        GRASSROOTS = "grassroots", _("Grass-roots union")
        EMPLOYER = "employer", _("Employer")
        PARTNER = "partner", _("Partner")
        GOVERNMENT = "government", _("Government")
        DONATION = "donation", _("Donations")

    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="ledger_lines", verbose_name=_("booked by organization")
    )
    amount_fen = models.BigIntegerField(_("amount in fen"))
    source_level = models.CharField(_("source"), max_length=10, choices=Source)
    payer = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("paying union")
    )
    payer_partner = models.ForeignKey(
        Partner, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("paying partner")
    )
    payee = models.CharField(_("payee"), max_length=120, blank=True)
    purpose = models.CharField(_("purpose"), max_length=200)
    occurred_on = models.DateField(_("on"))
    evidence = models.CharField(_("evidence (document number)"), max_length=120, blank=True)
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="reversed_by", verbose_name=_("reverses")
    )
    booked_at = models.DateTimeField(_("booked at"), default=timezone.now, editable=False)
    booked_by = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("booked by")
    )

    objects = LedgerLineQuerySet.as_manager()

    class Meta:
        ordering = ["-occurred_on", "-id"]
        verbose_name = _("ledger line")
        verbose_name_plural = _("ledger lines")
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount_fen__gt=0) | models.Q(amount_fen__lt=0, reverses__isnull=False),
                name="ledger_amount_positive_or_reversal",
                violation_error_message=_("An amount is more than nothing; only a reversal is negative."),
            ),
            models.CheckConstraint(
                condition=~models.Q(purpose=""),
                name="ledger_line_has_purpose",
                violation_error_message=_("Say what the money was for."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.amount}"

    @property
    def amount(self) -> str:
        """As printed: 6.84万元."""
        return money(self.amount_fen)
