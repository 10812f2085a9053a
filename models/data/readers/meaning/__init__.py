"""What arrays and names mean: images, labels, classes, splits, axes."""
