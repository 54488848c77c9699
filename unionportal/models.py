"""Tables of the portal as a whole, below every noun."""

from __future__ import annotations

from django.db import models


class RateCount(models.Model):
    """How often something happened under one key since its window began; see `limits`.

    The key is a keyed hash: phones and addresses do not stand here.
    """

    key = models.CharField(max_length=64, primary_key=True)
    began_at = models.DateTimeField()
    ends_at = models.DateTimeField(db_index=True)
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("began_at")), name="rate_count_window")
        ]

    def __str__(self) -> str:
        return f"{self.count} since {self.began_at:%Y-%m-%d %H:%M:%S}"
