"""What can be wrong with a definition: each rule answers where, and what, in words."""
