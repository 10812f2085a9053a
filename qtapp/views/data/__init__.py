"""The data page: what a dataset is made of, and what is wrong with it."""
