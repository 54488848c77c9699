"""A process that claims coupons, as a worker of the web server would; started by `test_races`.

    python -m tests.campaigns.claimant DATABASE POOL FIRST

Prints "ready", waits for a line, claims for every member beginning with the FIRST-th, and prints what each was told
as JSON: [[member, coupon or why not], …].
"""

from __future__ import annotations

import json
import os
import sys

import django


def main(database: str, pool: str, first: str) -> None:
    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = database
    django.setup()
    from campaigns import actions
    from campaigns.models import Pool
    from members.models import Member

    asked = Pool.objects.get(pk=pool)
    members = list(Member.objects.order_by("pk"))
    members = members[int(first) :] + members[: int(first)]
    told: list[tuple[int, int | str]] = []
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    for member in members:
        try:
            told.append((member.pk, actions.claim(asked, member=member).pk))
        except Exception as refusal:
            told.append((member.pk, getattr(refusal, "code", "") or repr(refusal)))
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "unionportal.settings")
    main(*sys.argv[1:])
