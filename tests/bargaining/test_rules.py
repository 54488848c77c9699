"""Rule sets as data: limits, votes, representatives, terms, and the command that prints a deadline with its proof."""

import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bargaining.models import DeadlineRule, NoFixedLimit, RuleSet, UnknownStep
from bargaining.reference import load_rule_sets
from unionportal.organizations.models import CalendarDay, CalendarYear
from unionportal.workdays import NO_OVERRIDES, is_workday

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
ENTRIES = json.loads((Path(settings.REFERENCE_DIR) / "rule_sets.json").read_text(encoding="utf-8"))


def due(slug, step, start):
    return RuleSet.objects.get(slug=slug).due(step, start)


@pytest.mark.parametrize(
    ("slug", "step", "start", "expected"),
    [
        # Ten working days around Spring Festival and National Day, with their make-up days.
        ("zhejiang-2010", "reply", date(2026, 2, 10), date(2026, 3, 2)),
        ("henan-2013", "reply", date(2026, 2, 10), date(2026, 3, 2)),
        ("hangzhou-2014", "reply", date(2025, 9, 25), date(2025, 10, 15)),
        ("ningbo-2014", "reply", date(2023, 1, 16), date(2023, 2, 2)),
        ("zhejiang-2010", "vote", date(2026, 2, 10), date(2026, 3, 9)),
        ("hangzhou-2014", "vote", date(2025, 9, 25), date(2025, 10, 22)),
        # Ten days end in the holiday and move to the day after it (Civil Code 203).
        ("shandong-2016", "reply", date(2026, 2, 10), date(2026, 2, 24)),
        ("shandong-2016", "reply", date(2025, 9, 25), date(2025, 10, 9)),
        ("shandong-2016", "reply", date(2023, 1, 16), date(2023, 1, 28)),
        # The day of the event does not count (201): 20 days from 2 March end on 22 March, a Sunday.
        ("national-2004", "reply", date(2026, 3, 2), date(2026, 3, 23)),
        ("national-2004", "reply", date(2026, 3, 3), date(2026, 3, 23)),
        ("shanghai", "reply", date(2026, 3, 2), date(2026, 3, 17)),
        ("beijing", "reply", date(2026, 3, 3), date(2026, 3, 23)),
        ("chongqing-2016", "reply", date(2026, 3, 3), date(2026, 3, 23)),
        ("shandong-2016", "file", date(2026, 3, 2), date(2026, 3, 12)),
        ("henan-2013", "file", date(2026, 3, 2), date(2026, 3, 9)),
        ("shandong-2016", "effect", date(2026, 3, 2), date(2026, 3, 17)),
        ("shandong-2016", "publish", date(2026, 3, 17), date(2026, 3, 24)),
        ("henan-2013", "publish", date(2026, 3, 17), date(2026, 3, 23)),
        ("zhejiang-2010", "publish", date(2026, 3, 17), date(2026, 3, 24)),
        ("chongqing-2016", "publish", date(2026, 3, 17), date(2026, 3, 27)),
        ("shandong-2016", "negotiation-ends", date(2026, 3, 2), date(2026, 5, 6)),
        ("hangzhou-2014", "negotiation-ends", date(2026, 3, 3), date(2026, 5, 6)),
        ("henan-2013", "negotiation-ends", date(2026, 3, 9), date(2026, 5, 9)),
        ("ningbo-2014", "negotiation-ends", date(2026, 3, 2), date(2026, 4, 14)),
        # Counted backwards a window opens on the day itself.
        ("national-2004", "renewal-opens", date(2026, 5, 31), date(2026, 2, 28)),
        ("zhejiang-2010", "renewal-opens", date(2026, 6, 30), date(2026, 4, 1)),
        ("henan-2013", "renewal-opens", date(2026, 6, 30), date(2026, 4, 30)),
        ("shandong-2016", "materials", date(2026, 3, 20), date(2026, 3, 10)),
    ],
)
def test_each_rule_set_counts_as_its_law_says(slug, step, start, expected):
    assert due(slug, step, start).due == expected


def test_the_proof_names_article_and_every_day_counted_or_skipped():
    found = due("zhejiang-2010", "reply", date(2026, 2, 10))
    assert found.article == "第七条"
    assert len(found.counted) == 10
    assert date(2026, 2, 14) in found.counted, "a Saturday worked in exchange for the festival"
    assert [day for day, _why in found.skipped] == [date(2026, 2, 15) + i * DAY for i in range(9)] + [date(2026, 3, 1)]
    assert sorted([*found.counted, *(day for day, _why in found.skipped)]) == [
        date(2026, 2, 11) + i * DAY for i in range(20)
    ]


def test_a_year_without_announced_holidays_gives_a_range_and_no_guess():
    found = due("henan-2013", "reply", date(2099, 9, 25))
    assert found.due is None and not found.certain
    assert found.earliest < found.latest


def test_the_portals_own_calendar_makes_a_year_certain_and_moves_the_deadline():
    for day in range(1, 8):
        CalendarDay.objects.create(day=date(2099, 10, day), kind="holiday", name="国庆节")
    CalendarYear.objects.create(year=2099, source="国办发明电〔2098〕1号")
    found = due("henan-2013", "reply", date(2099, 9, 25))
    assert found.certain and found.due == date(2099, 10, 16)
    assert (date(2099, 10, 1), "国庆节") in found.skipped


def slow_due(rule, start):
    """The deadline counted day by day with nothing but the definition, for days and working days."""
    step = DAY if rule.count > 0 else -DAY
    day, counted = (start if rule.first_day_counted else start + step), 0
    while True:
        if rule.unit == "days" or is_workday(day, NO_OVERRIDES):
            counted += 1
            if counted == abs(rule.count):
                break
        day += step
    while rule.moves_on and not is_workday(day, NO_OVERRIDES):
        day += step
    return day


@hypothesis_settings(max_examples=60, deadline=None)
@given(start=st.dates(date(2008, 6, 1), date(2025, 6, 30)), data=st.data())
def test_every_rule_of_every_set_agrees_with_a_slow_count(start, data):
    rules = [r for r in DeadlineRule.objects.all() if r.count is not None and r.unit != "months"]
    rule = data.draw(st.sampled_from(rules))
    assert rule.due(start).due == slow_due(rule, start)


# --- Data ----------------------------------------------------------------------------------------------------


def test_the_nine_sets_of_the_file_are_in_the_database():
    slugs = set(RuleSet.objects.values_list("slug", flat=True))
    assert slugs >= {
        "national-2004",
        "shandong-2016",
        "shanghai",
        "beijing",
        "henan-2013",
        "zhejiang-2010",
        "hangzhou-2014",
        "ningbo-2014",
        "chongqing-2016",
    }
    for entry in ENTRIES:
        assert all(rule["article"] and rule["text"] and rule["certainty"] for rule in entry["rules"])


def test_loading_again_adds_nothing_and_keeps_what_staff_changed():
    rule = DeadlineRule.objects.get(rule_set__slug="shandong-2016", step="reply")
    rule.count = 12
    rule.save()
    DeadlineRule.objects.filter(rule_set__slug="shandong-2016", step="file").delete()
    before = DeadlineRule.objects.count()
    load_rule_sets()
    rule.refresh_from_db()
    assert rule.count == 12
    assert DeadlineRule.objects.count() == before + 1


def test_a_step_that_a_set_does_not_have_or_prints_no_number_for_is_no_date():
    with pytest.raises(UnknownStep):
        due("shandong-2016", "renewal-opens", date(2026, 3, 2))
    with pytest.raises(NoFixedLimit):
        due("national-2004", "publish", date(2026, 3, 2))


def test_the_database_refuses_a_rule_with_a_number_but_no_unit():
    rules = RuleSet.objects.get(slug="shanghai")
    with pytest.raises(IntegrityError), transaction.atomic():
        DeadlineRule.objects.create(rule_set=rules, step="x", name="x", count=3, unit="", event="effect")


@pytest.mark.parametrize(
    ("first", "last", "fits"),
    [
        (date(2026, 1, 1), date(2026, 12, 31), True),
        (date(2026, 1, 1), date(2026, 12, 30), False),
        (date(2026, 1, 1), date(2028, 12, 31), True),
        (date(2026, 1, 1), date(2029, 1, 1), False),
        (date(2024, 2, 29), date(2025, 2, 28), True),
        (date(2026, 1, 1), date.max, False),
        (date(9998, 1, 1), date.max, False),
    ],
)
def test_a_term_lasts_one_to_three_years(first, last, fits):
    assert RuleSet.objects.get(slug="national-2004").term_fits(first, last) is fits


@pytest.mark.parametrize(
    ("entitled", "present", "met"), [(60, 40, True), (60, 39, False), (61, 41, True), (61, 40, False), (1, 1, True)]
)
def test_a_quorum_of_two_thirds_is_exact_in_whole_people(entitled, present, met):
    assert RuleSet.objects.get(slug="national-2004").quorum_met(entitled=entitled, present=present) is met


def test_a_set_without_a_quorum_asks_for_none():
    for slug in ("shandong-2016", "shanghai"):
        assert RuleSet.objects.get(slug=slug).quorum_met(entitled=100, present=0)


@pytest.mark.parametrize(
    ("entitled", "in_favour", "met"), [(60, 30, False), (60, 31, True), (61, 31, True), (61, 30, False)]
)
def test_exactly_half_is_not_more_than_half_of_all(entitled, in_favour, met):
    assert RuleSet.majority_met(entitled=entitled, in_favour=in_favour) is met


# --- The command ---------------------------------------------------------------------------------------------


def test_the_command_prints_json_alone(capsys):
    call_command("deadline", "--rules", "zhejiang-2010", "--step", "reply", "--from", "2026-02-10")
    out, err = capsys.readouterr()
    answer = json.loads(out)
    assert err == ""
    assert answer["due"] == answer["earliest"] == answer["latest"] == "2026-03-02"
    assert answer["certain"] is True
    assert answer["counted"][-1] == "2026-03-02"
    assert {"date": "2026-03-01", "why": "周末"} in answer["skipped"]
    assert "第七条" in answer["article"]


def test_the_command_says_null_where_nothing_is_certain(capsys):
    call_command("deadline", "--rules", "henan-2013", "--step", "reply", "--from", "2099-09-25")
    answer = json.loads(capsys.readouterr().out)
    assert answer["due"] is None and answer["certain"] is False
    assert answer["earliest"] < answer["latest"]


@pytest.mark.parametrize(
    ("rules", "step", "start", "named"),
    [
        ("jiangxi", "reply", "2026-02-10", "shandong-2016"),
        ("shandong-2016", "renewal-opens", "2026-02-10", "negotiation-ends"),
        ("shandong-2016", "reply", "2026-02-30", "YYYY-MM-DD"),
        ("shandong-2016", "reply", "tomorrow", "YYYY-MM-DD"),
        ("national-2004", "publish", "2026-02-10", "第四十八条"),
        ("shandong-2016", "reply", "2026-2-1", "YYYY-MM-DD"),
        ("shandong-2016", "reply", "20260201", "YYYY-MM-DD"),
        ("shandong-2016", "reply", "２０２６-０２-０１", "YYYY-MM-DD"),
        ("shandong-2016", "reply", "0000-02-01", "YYYY-MM-DD"),
        ("zhejiang-2010", "reply", "0001-01-01", "0001-01-01"),
        *(
            (rules, step, start, start)
            for start in ("9999-12-30", "9999-12-31")
            for rules, step in (("shandong-2016", "reply"), ("shandong-2016", "negotiation-ends"))
        ),
    ],
)
def test_a_wrong_question_is_answered_on_stderr_with_what_is_known(capsys, rules, step, start, named):
    with pytest.raises(SystemExit) as stopped:
        call_command("deadline", "--rules", rules, "--step", step, "--from", start)
    out, err = capsys.readouterr()
    assert stopped.value.code == 2
    assert out == ""
    assert named in err


def test_the_command_line_needs_all_three_answers():
    run = subprocess.run(
        [sys.executable, "manage.py", "deadline", "--rules", "shanghai"],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 2
    assert run.stdout == ""
