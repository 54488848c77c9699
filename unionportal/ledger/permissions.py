"""Who may do what with money lines."""

from unionportal.organizations.roles import NOBODY, Role, declare

DESK = {Role.CLERK, Role.REVIEWER}

declare(
    "ledger.ledgerline",
    view=DESK | {Role.AUDITOR, Role.READ_ONLY},
    add=DESK,
    # A line that is wrong is reversed by another line, never rewritten.
    change=NOBODY,
    delete=NOBODY,
    export=DESK | {Role.AUDITOR},
)
