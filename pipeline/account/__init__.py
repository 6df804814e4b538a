"""The account that answers: the session over AWS or this machine, what it allows, and leaving it."""
