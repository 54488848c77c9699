"""Small standards for tests: two criteria to answer, one from the record, stars by points and by what is required."""

from __future__ import annotations

from typing import Any

from unionportal.standards.models import Criterion, Grade, Standard

Judged = Criterion.Judged


def make_standard(*criteria: dict[str, Any], grades: dict[int, int | None] | None = None, **fields: Any) -> Standard:
    """A standard for stations with the criteria given; `grades` maps stars to the points they need."""
    defaults = {"name": "示例标准", "version": "1", "issuer": "昆明市总工会（演示）", "source": "测试"}
    standard = Standard.objects.create(
        **{"slug": f"test-{Standard.objects.count()}", "object_kind": "station", **defaults, **fields}
    )
    for place, told in enumerate(criteria, 1):
        Criterion.objects.create(standard=standard, **{"position": place, "text": f"条目{place}", **told})
    for rank, points in (grades or {}).items():
        Grade.objects.create(standard=standard, rank=rank, name=f"{rank}星", minimum_points=points)
    return standard


def stars_standard() -> Standard:
    """30 points: a sign (10, required from one star), opening (10), on the map from the record (10)."""
    return make_standard(
        {"text": "有标识", "points": 10, "required_from": 1},
        {"text": "按时开放", "points": 10},
        {"text": "有地图可查", "points": 10, "judged": Judged.COMPUTED, "rule": "on_the_map"},
        grades={1: 10, 2: 20, 3: 30},
    )
