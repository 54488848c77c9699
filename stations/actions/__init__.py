"""What can happen to stations. Views, the admin, imports and commands all come through here."""

from stations.actions.assessments import (
    add_evidence,
    assessing_organization,
    begin_check,
    change_check,
    fill_in,
    reached,
)
from stations.actions.building import (
    apply_for_subsidy,
    change_phase,
    change_subsidy,
    invest,
    subsidy_standard_for,
)
from stations.actions.honours import (
    answer_appeal,
    change_honour,
    deciding_organization,
    file_appeal,
    may_answer,
    may_appeal,
    may_decide,
    nominate,
)
from stations.actions.offers import change_offer, pledge_offers
from stations.actions.openings import end_exception, except_hours
from stations.actions.positions import (
    FAR_FROM,
    FAR_METRES,
    SHARED_BY,
    position_doubts,
    review_positions,
    settle_doubt,
)
from stations.actions.rectifications import RECTIFY_DAYS, change_rectification
from stations.actions.register import (
    WRITABLE,
    StationDraft,
    change_state,
    confirm,
    give_codes,
    name_keepers,
    save_stations,
    show_keeper_phone,
)

__all__ = [
    "FAR_FROM",
    "FAR_METRES",
    "RECTIFY_DAYS",
    "SHARED_BY",
    "WRITABLE",
    "StationDraft",
    "add_evidence",
    "answer_appeal",
    "apply_for_subsidy",
    "assessing_organization",
    "begin_check",
    "change_check",
    "change_honour",
    "change_offer",
    "change_phase",
    "change_rectification",
    "change_state",
    "change_subsidy",
    "confirm",
    "deciding_organization",
    "end_exception",
    "except_hours",
    "file_appeal",
    "fill_in",
    "give_codes",
    "invest",
    "may_answer",
    "may_appeal",
    "may_decide",
    "name_keepers",
    "nominate",
    "pledge_offers",
    "position_doubts",
    "reached",
    "review_positions",
    "save_stations",
    "settle_doubt",
    "show_keeper_phone",
    "subsidy_standard_for",
]
