"""The ensemble in real time: a picture in, the heads with their probabilities out.

from inference import EnsembleClient
prediction = EnsembleClient(session, "memotion-staging").predict(picture)
"""

from inference.client import EnsembleClient
from inference.errors import InferenceError
from inference.prediction import Prediction

__all__ = ["EnsembleClient", "InferenceError", "Prediction"]
