"""A definition's expressions: references, conditions, and the values they resolve to."""
