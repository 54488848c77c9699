"""What happens to supplies: stocked in, put on the shelf, taken, written off."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from stations.models.supplies import Supply, SupplyMove

# Verb -> what a quantity of one changes: (in stock, on the shelf).
_EFFECT = {
    SupplyMove.Verb.STOCK_IN: (1, 0),
    SupplyMove.Verb.PUT_OUT: (-1, 1),
    SupplyMove.Verb.TAKEN: (0, -1),
    SupplyMove.Verb.WRITE_OFF: (-1, 0),
}


@transaction.atomic
def move_supply(supply: Supply, verb: SupplyMove.Verb, *, quantity: int, by: Any, note: str = "") -> Supply:
    """Move a quantity and write it down. The move itself is the record; its log is the supply's history.

    Raises PermissionDenied for who may not, ValidationError where there is not so much.
    """
    supply = Supply.objects.select_for_update(of=("self",)).get(pk=supply.pk)
    if by is not None and not by.has_perm("stations.change_supply", supply):
        raise PermissionDenied(_("Your roles do not allow this at %(name)s.") % {"name": supply})
    if quantity < 1:
        raise ValidationError(_("A move is of at least one."))
    stock, shelf = _EFFECT[verb]
    supply.in_stock += stock * quantity
    supply.on_shelf += shelf * quantity
    if supply.in_stock < 0 or supply.on_shelf < 0:
        raise ValidationError(_("There is not so much of %(item)s left there.") % {"item": supply.item})
    supply.save(update_fields=["in_stock", "on_shelf"])
    SupplyMove.objects.create(supply=supply, verb=verb, quantity=quantity, note=note.strip()[:120], by=by)
    return supply
