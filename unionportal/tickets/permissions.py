"""Who may do what with tickets."""

from unionportal.organizations.roles import NOBODY, OFFICE, Role, declare

DESK = {Role.CLERK, Role.REVIEWER}
# A station's keeper answers for his stations; an app that ties tickets to its objects says which are his.
ANSWERING = DESK | {Role.STATION_KEEPER}

declare(
    "tickets.ticket",
    view=OFFICE | {Role.STATION_KEEPER},
    add=DESK,
    change=ANSWERING,
    delete=NOBODY,
    answer=ANSWERING,
    refer=ANSWERING,
    close=ANSWERING,
    dismiss=DESK,
    look=ANSWERING,
)
declare("tickets.ticketevent", view=OFFICE | {Role.STATION_KEEPER})
declare("tickets.referral", view=OFFICE | {Role.STATION_KEEPER})
