"""Who may do what with standards. What may be done with an assessment is said by the domain that links it."""

from unionportal.organizations.roles import NOBODY, OFFICE, STAFF, Role, declare

ADMIN = {Role.SYSTEM_ADMINISTRATOR}
DESK = {Role.CLERK, Role.REVIEWER}

for _part in ("standard", "criterion", "grade"):
    declare(f"standards.{_part}", view=STAFF, add=ADMIN, change=ADMIN, delete=NOBODY)
declare("standards.criterion", delete=ADMIN)
declare("standards.grade", delete=ADMIN)
for _part in ("assessment", "answer"):
    declare(f"standards.{_part}", view=OFFICE, add=DESK, change=DESK, delete=NOBODY)
