from bargaining.models.agreements import Agreement, Clause
from bargaining.models.negotiations import (
    Level,
    Negotiation,
    Representative,
    Round,
    StageCheck,
    Step,
    Subject,
    Topic,
    Vote,
)
from bargaining.models.rules import Certainty, DeadlineRule, Event, NoFixedLimit, RuleSet, UnknownStep

__all__ = [
    "Agreement",
    "Certainty",
    "Clause",
    "DeadlineRule",
    "Event",
    "Level",
    "Negotiation",
    "NoFixedLimit",
    "Representative",
    "Round",
    "RuleSet",
    "StageCheck",
    "Step",
    "Subject",
    "Topic",
    "UnknownStep",
    "Vote",
]
