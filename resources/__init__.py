"""Data files of the application, read through importlib.resources."""
