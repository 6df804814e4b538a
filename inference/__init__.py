"""The ensemble in real time: a picture in, the heads with their probabilities out.

from inference.client import EnsembleClient
prediction = EnsembleClient(session, "memotion-staging").predict(picture)
"""
