"""What can be wrong with a row of the `stations` sheet, beside what its cells tell (`stations.cells`)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from unionportal.sheets.problems import NOTE, WARNING, Code, register_codes

register_codes(
    {
        "station-code-unknown": Code(
            _("There is no station with the code %(value)s in this organization's branch."),
            _("Clear the cell to add a new station, or correct the code."),
        ),
        "name-is-heading": Code(
            _("“%(value)s” is the heading of a column and no name."),
            _("Each station needs a row of its own; where each fills a column, turn the list (paste, transpose)."),
        ),
        "division-from-sheet": Code(
            _("The list has no column of districts: “%(division)s” was taken from the name of the sheet."), "", NOTE
        ),
        "station-repeated": Code(
            _("Rows %(rows)s mean the same station (%(key)s)."),
            _("Leave one of them, or tell them apart by name, number or sign."),
        ),
        "station-same-name": Code(
            _("Rows %(rows)s have the same name but different numbers, so they are taken as different stations."),
            _("If they are one, delete the others."),
            WARNING,
        ),
        "station-name-elsewhere": Code(
            _("%(organization)s has a station of this name already."),
            _("If it is the same one, import the row for that organization."),
            WARNING,
        ),
        "list-id-other-name": Code(
            _("The number %(value)s belongs to “%(name)s” so far; this row was taken as a new station."),
            _("If it is the same station, give its station code."),
            WARNING,
        ),
        "station-ambiguous": Code(
            _("%(count)d stations of this organization bear the name “%(value)s”."),
            _("Give the station code of the one that is meant."),
        ),
        "station-number-taken": Code(
            _("“%(value)s” belongs to the station “%(name)s” already."),
            _("Correct the number; if it is the same station, give its station code or reopen it."),
        ),
        "station-name-taken": Code(
            _("This organization has a station “%(value)s” already, and neither has a number or sign."),
            _("Give the station code to change that one, or tell the two apart by name, number or sign."),
        ),
        "list-id-renames": Code(
            _("The number %(value)s belongs to “%(name)s” so far; this row gives it another name."),
            _("If it is another station, change or clear the number."),
            WARNING,
        ),
        "facility-heading-unknown": Code(
            _("“%(heading)s” names no facility of the catalogue; the column was left out."),
            _("Nothing has to be done; an administrator can add the word to the catalogue."),
            WARNING,
        ),
        "area-zero": Code(_("An area of 0 was taken as not known."), "", NOTE),
        "division-outside": Code(
            _("%(division)s lies outside the territory of %(organization)s."),
            _("Check the district, or whether this is the right organization."),
            WARNING,
        ),
        "position-outside": Code(
            _("The point lies outside the federation's territory."),
            _("Check the coordinates and their order."),
            WARNING,
        ),
        "position-shared": Code(
            _("Rows %(rows)s have one and the same point."),
            _("Check whether it was copied by mistake."),
            WARNING,
        ),
        "position-far": Code(
            _("The point lies %(km)d km from the nearest other station of the list."),
            _("Check the coordinates."),
            WARNING,
        ),
        "kind-guessed": Code(
            _("“%(value)s” is no kind of station known here; “%(kind)s” was taken from the name."),
            _("Correct the kind, or ask an administrator to add the word."),
            WARNING,
        ),
        "status-not-by-sheet": Code(
            _("The status of a station is changed at the station itself: “%(value)s” was left out."),
            _("Use the buttons at the station."),
            WARNING,
        ),
        "opened-far-ahead": Code(
            _("“%(value)s” lies more than ten years ahead and was left out."), _("Correct the date."), WARNING
        ),
        "host-ambiguous": Code(
            _("“%(value)s” is a partner of several unions (%(unions)s); the name is kept as text."),
            _("Choose the partner at the station."),
            WARNING,
        ),
        "host-unknown": Code(
            _("“%(value)s” is no partner on record; the name is kept as text."),
            _("Add the partner to link the two."),
            WARNING,
        ),
    }
)
