"""Who may do what with campaigns and what they bring."""

from unionportal.organizations.roles import NOBODY, Role, declare

DESK = {Role.CLERK, Role.REVIEWER}
READERS = DESK | {Role.READ_ONLY, Role.AUDITOR}

declare("campaigns.campaign", view=READERS, add=DESK, change=DESK, delete=NOBODY, publish=DESK)
declare("campaigns.activity", view=READERS, add=DESK, change=DESK, delete=NOBODY)
# Who may write the report keeps its photos.
declare("campaigns.activityphoto", view=READERS, add=DESK, change=DESK, delete=DESK)
# Sign-ups, claims and wishes tell who did what: readers of the register of members see them too.
declare("campaigns.registration", view=READERS, add=DESK, change=DESK, delete=NOBODY, attend=DESK, export=DESK)
declare("campaigns.pool", view=READERS, add=DESK, change=DESK, delete=NOBODY, announce=DESK)
declare("campaigns.coupon", view=READERS, change=NOBODY, add=NOBODY, delete=NOBODY, redeem=DESK)
# One enters a wish, another may screen it; both are desk work and each step names who took it.
declare(
    "campaigns.wish",
    view=DESK | {Role.AUDITOR},
    add=DESK,
    change=DESK,
    delete=NOBODY,
    screen={Role.REVIEWER, Role.CLERK},
)
declare("campaigns.wishledgerline", view=DESK | {Role.AUDITOR})
declare(
    "campaigns.jobpost",
    view=READERS,
    add=DESK,
    change=DESK,
    delete=NOBODY,
    import_={Role.CLERK},
    export=DESK | {Role.AUDITOR, Role.READ_ONLY},
)
declare("campaigns.jobinterest", view=DESK, change=DESK, delete=NOBODY)
