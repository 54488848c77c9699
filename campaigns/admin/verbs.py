"""The verbs of a transition table as buttons above a record: the portal's, under the name this app knows."""

from unionportal.verb_pages import VerbPages, dressed

__all__ = ["VerbPages", "dressed"]
