"""What the composition root builds: jobs, views, docks, each from what it needs and no more."""
