"""What is wrong with a dataset: one file a check, each a generator of findings."""
