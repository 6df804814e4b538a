"""The domain, pure: what is predicted, how a caption is cleaned, what a picture looks like, how opinions are combined.

The jobs and the real-time client import the same functions, so training, evaluation and prediction see the same data.
"""
