"""Draws memes to learn from, in the layout that heads.toml names."""
