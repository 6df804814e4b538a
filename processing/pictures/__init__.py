"""The pictures: decoded and resized side by side, and fingerprinted."""
