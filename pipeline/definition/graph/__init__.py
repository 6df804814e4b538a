"""The pipeline as a picture, with or without the statuses of an execution."""

from pipeline.definition.graph.mermaid import mermaid
from pipeline.definition.graph.svg import svg

__all__ = ["mermaid", "svg"]
