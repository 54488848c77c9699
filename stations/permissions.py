"""Who may do what with stations."""

from unionportal.organizations.roles import NOBODY, OFFICE, STAFF, Role, declare

DESK = {Role.CLERK, Role.REVIEWER}
KEEPING = {Role.CLERK, Role.STATION_KEEPER}

declare(
    "stations.station",
    view=STAFF,
    add={Role.CLERK},
    change=DESK | KEEPING,
    delete=NOBODY,
    import_={Role.CLERK},
    export=DESK | {Role.AUDITOR, Role.READ_ONLY},
    # Verbs of the transition table, and confirming that the page still tells the truth.
    accept={Role.REVIEWER},
    progress={Role.CLERK},
    suspend=DESK | KEEPING,
    close=DESK,
    confirm=DESK | KEEPING,
    look=DESK,
)
for _child in ("stationfacility", "openingperiod", "stationphoto", "stationpurpose"):
    declare(f"stations.{_child}", view=STAFF, add=KEEPING, change=KEEPING, delete=KEEPING)
declare("stations.stationkeeper", view=OFFICE, add=DESK, change=DESK, delete=DESK)
declare("stations.positiondoubt", view=OFFICE, change=DESK)
for _catalogue in ("stationkind", "hostkind", "facility"):
    declare(
        f"stations.{_catalogue}",
        view=STAFF,
        add={Role.SYSTEM_ADMINISTRATOR},
        change={Role.SYSTEM_ADMINISTRATOR},
        delete=NOBODY,
    )
