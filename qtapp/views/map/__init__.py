"""The 2-D map of all images."""
