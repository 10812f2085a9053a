"""The pages of a blind session: what is offered, one image after the other, the result."""
