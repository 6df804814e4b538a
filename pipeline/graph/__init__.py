"""The pipeline as a picture, with or without the statuses of an execution."""

from pipeline.graph.mermaid import mermaid
from pipeline.graph.svg import svg

__all__ = ["mermaid", "svg"]
