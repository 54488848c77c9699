"""Who may do what with rule sets, negotiations and agreements.

The adviser leads negotiations, the clerk too; the reviewer confirms what binds and what the public sees. The
mediator reads, for disputes grow out of agreements. Read-only and auditor read.
"""

from unionportal.organizations.roles import NOBODY, OFFICE, Role, declare

LEADING = {Role.CLERK, Role.ADVISER}
DESK = LEADING | {Role.REVIEWER}
READING = DESK | {Role.MEDIATOR, Role.READ_ONLY, Role.AUDITOR}

declare(
    "bargaining.negotiation",
    view=READING,
    add=LEADING,
    change=LEADING,
    delete=NOBODY,
    progress=LEADING,
    confirm={Role.REVIEWER},
    check={Role.ADVISER},
    export=DESK | {Role.AUDITOR},
)
for _part in ("topic", "representative"):
    declare(f"bargaining.{_part}", view=READING, add=LEADING, change=LEADING, delete=LEADING)
for _record in ("step", "vote", "stagecheck"):
    declare(f"bargaining.{_record}", view=READING, change=NOBODY, delete=NOBODY)
declare("bargaining.round", view=READING, add=LEADING, change=LEADING, delete=NOBODY)
declare(
    "bargaining.agreement",
    view=READING,
    add={Role.CLERK},
    change=LEADING,
    delete=NOBODY,
    import_={Role.CLERK},
    export=DESK | {Role.AUDITOR, Role.READ_ONLY},
    publish={Role.REVIEWER},
)
declare("bargaining.clause", view=READING, add=LEADING, change=LEADING, delete=LEADING)
for _reference in ("ruleset", "deadlinerule"):
    declare(
        f"bargaining.{_reference}",
        view=OFFICE,
        add={Role.SYSTEM_ADMINISTRATOR},
        change={Role.SYSTEM_ADMINISTRATOR},
        delete=NOBODY,
    )
