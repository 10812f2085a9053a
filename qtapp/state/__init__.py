"""What is true now. QtCore only, so that none of it needs a widget to be tested."""
