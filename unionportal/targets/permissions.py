"""Who may do what with plans and targets."""

from unionportal.organizations.roles import NOBODY, OFFICE, Role, declare

DESK = {Role.CLERK, Role.REVIEWER}

declare("targets.plan", view=OFFICE, add=DESK, change=DESK, delete=NOBODY)
declare(
    "targets.target",
    view=OFFICE,
    add=DESK,
    change=DESK,
    delete=NOBODY,
    # The quarter's figure is handed in by the unit's clerk; that it is true, a reviewer says.
    report=DESK,
    verify={Role.REVIEWER},
)
declare("targets.check", view=OFFICE, add=NOBODY, change=NOBODY, delete=NOBODY)
