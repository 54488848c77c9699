"""Public pages are read-only and whole without JavaScript; a keeper's pages are his alone."""
