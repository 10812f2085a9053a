"""How the review goes: pace, errors, what changed and why."""
