"""The rule sets that come with the portal. Loaded after every migrate; what staff have changed stays."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings

from bargaining.models import DeadlineRule, RuleSet


def load_rule_sets(**signal: Any) -> None:
    """Add the rule sets of ``rule_sets.json`` that the database does not hold yet, and rules missing in the others."""
    with (settings.REFERENCE_DIR / "rule_sets.json").open(encoding="utf-8") as file:
        entries = json.load(file)
    known = {rule_set.slug: rule_set for rule_set in RuleSet.objects.prefetch_related("rules")}
    new_rules = []
    for entry in entries:
        fields = {name: value for name, value in entry.items() if name != "rules"}
        held = known.get(entry["slug"]) or RuleSet.objects.create(**fields)
        steps = {rule.step for rule in held.rules.all()}
        new_rules += [DeadlineRule(rule_set=held, **rule) for rule in entry["rules"] if rule["step"] not in steps]
    DeadlineRule.objects.bulk_create(new_rules, ignore_conflicts=True)
