"""Numbers of membership cards."""

from __future__ import annotations

from django.db import models


class CardSerial(models.Model):
    """The last serial given under a prefix. Counts up only: a number is never given twice."""

    prefix = models.CharField(max_length=12, primary_key=True)
    last = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.prefix}: {self.last}"
