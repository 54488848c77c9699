"""A deadline with its proof on the command line."""

import datetime
import json
import re
import sys
from argparse import ArgumentParser
from typing import Any, NoReturn

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from bargaining.models import DeadlineRule, NoFixedLimit, RuleSet, UnknownStep
from unionportal.workdays import Deadline

WRONG_QUESTION = 2


def as_dict(rule: DeadlineRule, deadline: Deadline) -> dict[str, Any]:
    """The deadline as JSON; dates are ISO 8601, `due` is None where the year's holidays are not announced."""
    return {
        "due": deadline.due.isoformat() if deadline.due else None,
        "certain": deadline.certain,
        "earliest": deadline.earliest.isoformat(),
        "latest": deadline.latest.isoformat(),
        "rule": f"{rule.name}：{rule.limit}",
        "article": f"{rule.rule_set.law} {rule.article}",
        "text": rule.text,
        "certainty": rule.certainty,
        "rules": rule.rule_set.slug,
        "step": rule.step,
        "from": deadline.start.isoformat(),
        "count": rule.count,
        "unit": rule.unit,
        "event": rule.event,
        "first_day_counted": rule.first_day_counted,
        "moves_on": rule.moves_on,
        "counted": [day.isoformat() for day in deadline.counted],
        "skipped": [{"date": day.isoformat(), "why": str(why)} for day, why in deadline.skipped],
    }


class Command(BaseCommand):
    help = "Print when a step of collective bargaining is due, with its proof, as JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--rules", required=True, metavar="SLUG", help="for instance shandong-2016")
        parser.add_argument("--step", required=True, help="for instance reply, file, effect, publish")
        parser.add_argument("--from", required=True, metavar="YYYY-MM-DD", dest="start")

    def handle(self, *args: Any, **options: Any) -> None:
        rule = self._rule(options["rules"], options["step"])
        start = self._date(options["start"])
        try:
            deadline = rule.due(start)
        except NoFixedLimit:
            self._refuse(
                _("%(rules)s, %(step)s: the law sets no number of days (%(limit)s, %(article)s).")
                % {"rules": rule.rule_set.slug, "step": rule.step, "limit": rule.limit, "article": rule.article}
            )
        except OverflowError:
            self._refuse(
                _("“%(value)s” is too near the first or the last day of the calendar (years 1 to 9999).")
                % {"value": options["start"]}
            )
        self.stdout.write(json.dumps(as_dict(rule, deadline), ensure_ascii=False))

    def _rule(self, slug: str, step: str) -> DeadlineRule:
        rule_set = RuleSet.objects.prefetch_related("rules").filter(slug=slug).first()
        if rule_set is None:
            known = ", ".join(RuleSet.objects.values_list("slug", flat=True))
            self._refuse(_("There is no rule set “%(value)s”. Known: %(known)s.") % {"value": slug, "known": known})
        try:
            return rule_set.rule(step)
        except UnknownStep:
            known = ", ".join(rule.step for rule in rule_set.rules.all())
            self._refuse(
                _("%(rules)s has no time limit for the step “%(value)s”. Known: %(known)s.")
                % {"rules": slug, "value": step, "known": known}
            )

    def _date(self, text: str) -> datetime.date:
        try:
            if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
                return datetime.date.fromisoformat(text)
        except ValueError:
            pass
        self._refuse(_("“%(value)s” is no date of the form YYYY-MM-DD, such as 2026-02-10.") % {"value": text})

    def _refuse(self, message: str) -> NoReturn:
        self.stderr.write(message)
        sys.exit(WRONG_QUESTION)
