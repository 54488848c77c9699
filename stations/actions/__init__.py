"""What can happen to stations. Views, the admin, imports and commands all come through here."""

from stations.actions.positions import (
    FAR_FROM,
    FAR_METRES,
    SHARED_BY,
    position_doubts,
    review_positions,
    settle_doubt,
)
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
    "SHARED_BY",
    "WRITABLE",
    "StationDraft",
    "change_state",
    "confirm",
    "give_codes",
    "name_keepers",
    "position_doubts",
    "review_positions",
    "save_stations",
    "settle_doubt",
    "show_keeper_phone",
]
