"""Files of named arrays: one module a format, and what makes a Source of them (opening.py)."""
