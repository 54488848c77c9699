"""What the fields of the open data mean, in words for its page; `formats.COLUMNS` holds the same names."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FIELDS: dict[str, Promise] = {
    "code": _("Public code of the station, given once: division (6), kind (2), serial, check character"),
    "name": _("Name"),
    "local_brand": _("Local brand"),
    "kind": _("Kind, by code; the codes are listed below"),
    "kind_name": _("Name of the kind"),
    "status": _("open: in service; rectifying: being put right; suspended: closed for the time being"),
    "status_reason": _("Reason for the status"),
    "division": _("Division code (GB/T 2260; 9 digits for a township or street)"),
    "division_name": _("Name of the division"),
    "address": _("address"),
    "directions": _("How to find it"),
    "accuracy": _("How exact the position is: surveyed, map, address (worked out from it), unknown"),
    "access": _("Way in: open, staffed, qr, id_card, by_hours; empty: not stated"),
    "hours_text": _("Opening hours as published"),
    "hours_state": _("listed: as in hours; always: 24 hours; host: as its host is open; unknown"),
    "on_holidays": _("What the hours mean on public holidays: which weekday's hold, or closed"),
    "on_makeup_days": _("What the hours mean on make-up working days: which weekday's hold, or closed"),
    "hours": _(
        "Weekly hours as read: days (1 = Monday), opens, closes (past midnight it runs on: 32:00), perhaps access and "
        "season (MM-DD, both days included); empty: not known, which does not mean closed"
    ),
    "exceptions": _(
        "Closures and extra openings under way or to come: kind (closed or open), begins, ends (Beijing time), reason; "
        "they go before the weekly hours"
    ),
    "facilities": _("Facilities, by code; the codes are listed below"),
    "phone": _("Public telephone numbers without mobile ones"),
    "organization": _("Union that owns the station"),
    "host": _("Host that gives it the room"),
    "area": _("Area in m²"),
    "seats": _("Seats"),
    "opened_on": _("Opening date as exactly as it is known: year, month or day"),
    "last_confirmed_on": _("Day on which the union last confirmed that all of this is true; empty: not yet"),
    "updated_at": _(
        "Time of the last change to the record, a confirmation, a closure or an extra opening (Beijing time)"
    ),
    "url": _("Page of the station"),
}
