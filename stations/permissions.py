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
for _child in ("stationfacility", "openingperiod", "openingexception", "stationphoto", "stationpurpose"):
    declare(f"stations.{_child}", view=STAFF, add=KEEPING, change=KEEPING, delete=KEEPING)
declare("stations.stationkeeper", view=OFFICE, add=DESK, change=DESK, delete=DESK)
declare("stations.stationticket", view=STAFF)
declare("stations.positiondoubt", view=OFFICE, change=DESK)
for _catalogue in ("stationkind", "hostkind", "facility"):
    declare(
        f"stations.{_catalogue}",
        view=STAFF,
        add={Role.SYSTEM_ADMINISTRATOR},
        change={Role.SYSTEM_ADMINISTRATOR},
        delete=NOBODY,
    )

# The people around a station: visits are counted, supplies and duty kept by who keeps it.
declare("stations.station", record=DESK | KEEPING)
for _counter in ("visithour", "visitday"):
    declare(f"stations.{_counter}", view=STAFF)
for _kept in ("supply", "dutyshift"):
    declare(f"stations.{_kept}", view=STAFF, add=KEEPING, change=KEEPING, delete=NOBODY)
declare("stations.supplymove", view=STAFF)

# Checks, honours, appeals. Who decides on a level is asked by the verbs: the union of that level.
declare(
    "stations.stationassessment",
    view=STAFF,
    add=DESK | KEEPING,
    change=DESK | KEEPING,
    delete=NOBODY,
    confirm={Role.REVIEWER},
)
declare("stations.answerphoto", view=STAFF, add=DESK | KEEPING, change=NOBODY, delete=NOBODY)
declare(
    "stations.rectification",
    view=STAFF,
    add=NOBODY,
    change=DESK | KEEPING,
    delete=NOBODY,
    verify={Role.REVIEWER},
)
declare(
    "stations.honour",
    view=STAFF,
    add=DESK,
    change=DESK,
    delete=NOBODY,
    select={Role.REVIEWER},
    confirm={Role.REVIEWER},
    publish=DESK,
    withdraw={Role.REVIEWER},
)
declare("stations.honourdecision", view=STAFF, add=NOBODY, change=NOBODY, delete=NOBODY)
declare(
    "stations.appeal",
    view=STAFF,
    add=DESK | KEEPING,
    change=DESK | KEEPING,
    delete=NOBODY,
    decide={Role.REVIEWER},
)

# Building: projects, money, subsidies, offered rooms.
declare("stations.buildingproject", view=OFFICE, add=DESK, change=DESK, delete=NOBODY, approve={Role.REVIEWER})
declare("stations.investmentline", view=DESK | {Role.AUDITOR, Role.READ_ONLY}, add=DESK, change=NOBODY, delete=NOBODY)
declare("stations.subsidystandard", view=OFFICE, add={Role.REVIEWER}, change={Role.REVIEWER}, delete=NOBODY)
declare(
    "stations.subsidy",
    view=OFFICE,
    add={Role.CLERK},
    change=DESK,
    delete=NOBODY,
    review={Role.REVIEWER},
    pay={Role.REVIEWER},
)
declare("stations.hostoffer", view=OFFICE, add=DESK, change=DESK, delete=NOBODY)
declare("stations.stationtarget", view=OFFICE, add=DESK, change=DESK, delete=NOBODY)

# The small nouns of a venue: a keeper looks after what his station offers; money stays at the desk.
for _noun in ("groupcode", "temporaryservice", "tenantservice", "exhibition", "groupvisit", "asset", "shopgood"):
    declare(f"stations.{_noun}", view=STAFF, add=KEEPING, change=KEEPING, delete=NOBODY)
for _noun in ("stationpost", "volunteerhours"):
    declare(f"stations.{_noun}", view=STAFF, add=KEEPING, change=KEEPING, delete=KEEPING)
for _noun in ("base", "exhibit", "guide"):
    declare(f"stations.{_noun}", view=OFFICE, add=DESK, change=DESK, delete=NOBODY)
for _noun in ("shopmonth", "fundspending"):
    declare(f"stations.{_noun}", view=DESK | {Role.AUDITOR, Role.READ_ONLY}, add=DESK, change=NOBODY, delete=NOBODY)
