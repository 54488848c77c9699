"""Who may see and hand in sheets. What a sheet may write is asked of the model it writes."""

from unionportal.organizations.roles import NOBODY, Role, declare

IMPORTERS = {Role.CLERK, Role.SYSTEM_ADMINISTRATOR}

declare(
    "sheets.sheetrun",
    view=IMPORTERS | {Role.REVIEWER, Role.AUDITOR},
    add=IMPORTERS,
    change=IMPORTERS,
    delete=NOBODY,
)
