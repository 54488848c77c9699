"""Closing a shop's month and spending from the community fund: both are lines of the ledger."""

from __future__ import annotations

import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stations.models import Station
from stations.models.shop import SHARE_PERCENT, FundSpending, ShopMonth, fund_balance
from unionportal.audit.actions import record
from unionportal.figures import money
from unionportal.ledger.actions import book
from unionportal.ledger.models import LedgerLine
from unionportal.scope import covers


def share_of(income_fen: int, percent: int = SHARE_PERCENT) -> int:
    """The fund's share in whole fen, half a fen upwards; a month without income gives nothing."""
    return max(0, (income_fen * percent + 50) // 100)


@transaction.atomic
def close_month(
    station: Station, *, month: datetime.date, income_fen: int, by: Any, percent: int = SHARE_PERCENT
) -> ShopMonth:
    """Close the month (any of its days) and book the fund's share.

    Raises ValidationError where it is closed already or not over, PermissionDenied for who may not book.
    """
    _require(station, by, "stations.add_shopmonth")
    if month.replace(day=1) >= timezone.localdate().replace(day=1):
        raise ValidationError({"month": _("The month is not over yet.")})
    row = ShopMonth(station=station, month=month.replace(day=1), income_fen=income_fen, share_percent=percent)
    row.full_clean()
    share = share_of(income_fen, percent)
    if share:
        row.line = book(
            organization=station.organization,
            amount_fen=share,
            by=by,
            source_level=LedgerLine.Source.PARTNER,
            payee=_("Community fund of %(station)s") % {"station": station},
            purpose=_("%(percent)d%% of the shop's income in %(month)s")
            % {"percent": percent, "month": f"{row.month:%Y-%m}"},
            occurred_on=month,
        )
    row.save()
    record("close_month", row, by=by, organization=station.organization, details={"fen": income_fen})
    return row


@transaction.atomic
def spend_fund(
    station: Station, *, use: FundSpending.Use, amount_fen: int, payee: str, on: datetime.date, by: Any
) -> FundSpending:
    """Pay from the station's community fund. Raises ValidationError where it does not hold so much."""
    _require(station, by, "stations.add_fundspending")
    Station.objects.select_for_update(of=("self",), no_key=True).get(pk=station.pk)
    left = fund_balance(station)
    if amount_fen > left:
        raise ValidationError(_("The fund holds %(amount)s only.") % {"amount": money(left)})
    line = book(
        organization=station.organization,
        amount_fen=amount_fen,
        by=by,
        source_level=LedgerLine.Source.PARTNER,
        payee=payee,
        purpose=str(FundSpending.Use(use).label),
        occurred_on=on,
    )
    return FundSpending.objects.create(station=station, use=use, line=line)


def _require(station: Station, by: Any, permission: str) -> None:
    """The money desk of the station's own branch."""
    if not covers(by, permission, station.organization):
        raise PermissionDenied(_("Your roles do not allow this at %(name)s.") % {"name": station})


def follow_reversal(sender: Any, line: LedgerLine, by: Any = None, **signal: Any) -> None:
    """A month whose share the ledger undoes may be closed again. Raises ValidationError where the share is spent."""
    for row in ShopMonth.objects.select_related("station__organization").filter(line=line):
        Station.objects.select_for_update(of=("self",), no_key=True).get(pk=row.station_id)
        if fund_balance(row.station) < 0:
            raise ValidationError(_("The fund has spent this share already: reverse the spending first."))
        record("reopen_month", row, by=by, organization=row.station.organization, details={"fen": row.income_fen})
        row.delete()
