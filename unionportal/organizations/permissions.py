"""Who may do what with organisations, accounts, partners, divisions and the audit record."""

from unionportal.organizations.roles import NOBODY, OFFICE, STAFF, Role, declare

ADMIN = {Role.SYSTEM_ADMINISTRATOR}
DESK = {Role.CLERK, Role.REVIEWER}

declare(
    "organizations.organization",
    view=OFFICE,
    add={Role.CLERK, Role.SYSTEM_ADMINISTRATOR},
    change={Role.CLERK, Role.SYSTEM_ADMINISTRATOR},
    delete=NOBODY,
    move={Role.SYSTEM_ADMINISTRATOR},
    import_={Role.CLERK, Role.SYSTEM_ADMINISTRATOR},
    export=DESK | {Role.SYSTEM_ADMINISTRATOR, Role.AUDITOR},
)
declare("organizations.account", view=ADMIN | {Role.AUDITOR}, add=ADMIN, change=ADMIN, delete=NOBODY)
declare("organizations.roleassignment", view=ADMIN | {Role.AUDITOR}, add=ADMIN, change=ADMIN, delete=ADMIN)
declare("organizations.division", view=STAFF, add=ADMIN, change=ADMIN, delete=NOBODY)
for _calendar in ("calendarday", "calendaryear"):
    declare(f"organizations.{_calendar}", view=STAFF, add=ADMIN, change=ADMIN, delete=ADMIN)
declare("organizations.partner", view=OFFICE, add=DESK, change=DESK, delete=NOBODY, export=DESK)
declare("organizations.partneragreement", view=OFFICE, add=DESK, change=DESK, delete=DESK)
declare("audit.auditevent", view={Role.AUDITOR, Role.SYSTEM_ADMINISTRATOR})
declare("audit.history", view={Role.AUDITOR, Role.SYSTEM_ADMINISTRATOR, Role.CLERK, Role.REVIEWER})
