"""Encoded images, wherever they lie: one module a format, and what decodes them."""
