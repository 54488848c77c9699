"""A spreadsheet's way in and out: read, find the table, match headings, clean cells, report, write.

The modules here know files and cells only; they touch no model and no database.
"""
