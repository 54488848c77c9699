"""How an app hears that a line of its own was undone: inside the transaction, so that a refusal there undoes it."""

from django.dispatch import Signal

# Arguments: `line` (LedgerLine, the one that was undone), `by` (Account; None: the portal itself).
reversed_line = Signal()
