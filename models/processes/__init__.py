"""Starts and supervises child processes; reader, trainer and fold are their entry points."""
