"""The value plots: how scores are distributed, and the way to the images behind a bar."""
