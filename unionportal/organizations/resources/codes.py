"""What can be wrong with a row of the `organizations` sheet."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from unionportal.sheets.problems import NOTE, WARNING, Code, register_codes

register_codes(
    {
        "credit-code-wrong": Code(
            _("“%(value)s” is no valid credit code: %(why)s"), _("Copy it again from the certificate.")
        ),
        "credit-code-taken": Code(
            _("“%(name)s” has this credit code already."),
            _("Correct the code, or the name if it is the same union."),
        ),
        "superior-unknown": Code(
            _("“%(value)s” is no organization in your branch, nor one in this file.%(near)s"),
            _("Write its code or its full name; a new superior needs a row of its own."),
        ),
        "superior-rejected": Code(
            _("“%(value)s” stands in row %(superior)s, which has an error of its own."),
            _("Correct that row; this one follows it."),
        ),
        "superior-circle": Code(_("Following the superiors leads back to this row."), _("Correct the superior.")),
        "superior-moves": Code(
            _("“%(name)s” belongs to “%(superior)s”; a sheet does not move it."),
            _("Use “Move” at the organization, or correct the superior here."),
        ),
        "organization-code-other": Code(
            _("No organization has the code %(value)s, but “%(name)s” exists with the code %(own)s."),
            _("Correct the code, or clear it; a new organization needs another name."),
        ),
        "organization-repeated": Code(
            _("Rows %(rows)s mean the same organization (%(key)s)."), _("Leave one of them.")
        ),
        "organization-root": Code(
            _("There is one federation at the root, and it exists already."),
            _("Give the superior organization."),
        ),
        "term-impossible": Code(
            _("A term lasts one to five years, not %(value)s."), _("Trade Union Law art. 16."), WARNING
        ),
        "organization-figure-kept": Code(
            _("There is no field for “%(heading)s”: its values are kept among the remarks of each union."), "", NOTE
        ),
        "organization-personal-number": Code(
            _("The cell holds what looks like an ID or mobile number and was left out: it is not kept encrypted."),
            _("Give the union's own number, such as 0871-12345678."),
            WARNING,
        ),
        "organization-kind-assumed": Code(
            _("No kind is given; “%(kind)s” was taken from the name."),
            _("Fill in the kind to be sure."),
            WARNING,
        ),
        "organization-division-unknown": Code(
            _("“%(value)s” is no division code or name that is known."),
            _("Write the 6 or 9 digits of GB/T 2260."),
            WARNING,
        ),
    }
)
