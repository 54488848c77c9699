"""How an app hears of its tickets: sent inside the transaction of the verb, so that a refusal there undoes it."""

from django.dispatch import Signal

# Arguments: `tickets` (list[Ticket], in their new state), `verb` (str), `by` (Account; None: the portal itself).
moved = Signal()
