"""The audit dock: what is wrong with a dataset, the images that prove it, and the way out."""
