"""The bias view: what labels and suspicions follow from, and the images that show it."""
