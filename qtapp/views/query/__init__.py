"""The query line: typing a condition, its errors in place, and saved ones."""
