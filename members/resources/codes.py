"""What can be wrong with a row of the `members` sheet, beside what its cells tell (`members.cells`)."""

from django.utils.translation import gettext_lazy as _

from unionportal.sheets.problems import WARNING, Code, register_codes

register_codes(
    {
        "member-repeated": Code(_("Rows %(rows)s mean the same person."), _("Leave one of them.")),
        "member-repeated-other-name": Code(
            _("Rows %(rows)s have one ID number and different names."), _("Check the ID numbers against the cards.")
        ),
        "member-repeated-other-union": Code(
            _("Rows %(rows)s put the same person into different unions."),
            _("A person belongs to one union: leave the row of the one that counts."),
        ),
        "member-other-name": Code(
            _("The person with this number is on record under another name (%(name)s)."),
            _("Check the number. If the name on record is wrong, correct it on the member's page."),
        ),
        "member-transferred": Code(
            _("A member of %(organization)s so far: the row transfers the membership."),
            _("If that is not meant, delete the row."),
            WARNING,
        ),
        "member-elsewhere": Code(
            _("This person is a member of a union outside your branch already."),
            _("Nothing is doubled: ask for a transfer, or let the member ask for it in the portal."),
        ),
        "member-ended": Code(
            _("This person was a member before (%(state)s); a list does not resume a membership."),
            _("Resume it on the member's page, or let the person apply."),
        ),
        "member-without-id": Code(
            _("Without an ID number a second record of the same person cannot be excluded."),
            _("Add the number when you have it."),
            WARNING,
        ),
        "member-ambiguous": Code(
            _("Several members have this name here, and the row does not say which."),
            _("Add the ID number or the card number."),
        ),
        "gender-conflict": Code(
            _("The gender differs from the ID number; the ID number's was taken."), _("Check both."), WARNING
        ),
        "birth-date-conflict": Code(
            _("The birth date differs from the ID number; the ID number's was taken."), _("Check both."), WARNING
        ),
        "card-number-taken": Code(
            _("Another member has this card number."), _("Correct it, or clear the cell to have one given.")
        ),
        "platform-unknown": Code(
            _("“%(value)s” is no platform on record; it was left out."), _("Add the platform as a partner."), WARNING
        ),
        "occupation-group-conflict": Code(
            _("“%(value)s” does not agree with the occupation group “%(group)s”, which was taken."),
            _("Check both."),
            WARNING,
        ),
        "occupation-group-unnamed": Code(
            _("The row says that the person belongs to these groups, but not to which."),
            _("Write it into a column of occupation groups, such as 快递员."),
            WARNING,
        ),
        "joined-in-future": Code(
            _("The day of joining lies in the future and was left out."), _("Correct it."), WARNING
        ),
    }
)
