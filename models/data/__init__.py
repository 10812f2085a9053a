"""Datasets, projects and the journal; the only place with h5py, sqlite3 and Pillow.

Modules here that the window's process imports (fingerprint, journal, project, runs)
never import h5py or Pillow; `readers` and `writers` are for child processes alone.
"""
