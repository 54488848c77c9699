"""Who may do what with members and applications."""

from unionportal.organizations.roles import NOBODY, OFFICE, Role, declare

DESK = {Role.CLERK, Role.REVIEWER}
READERS = DESK | {Role.READ_ONLY, Role.AUDITOR}

declare(
    "members.member",
    view=READERS,
    add={Role.CLERK},
    change=DESK,
    delete=NOBODY,
    import_={Role.CLERK},
    export=DESK,
    transfer=DESK,
    expel={Role.REVIEWER},
    # To be shown an ID or phone number whole, with a stated purpose.
    look=DESK,
)
declare("members.membershipspell", view=READERS)
declare("members.transfer", view=READERS, add=DESK, change=DESK, delete=NOBODY)
declare("members.application", view=READERS, add={Role.CLERK}, change=DESK, delete=NOBODY, accept=DESK, look=DESK)
declare(
    "members.occupationgroup",
    view=OFFICE,
    add={Role.SYSTEM_ADMINISTRATOR},
    change={Role.SYSTEM_ADMINISTRATOR},
    delete=NOBODY,
)
# A version in use never changes: a new notice is a new version.
declare("members.consenttext", view=OFFICE, add={Role.SYSTEM_ADMINISTRATOR}, change=NOBODY, delete=NOBODY)
declare("members.datarequest", view=READERS, change=DESK, delete=NOBODY)
