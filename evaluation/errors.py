"""Everything that this job refuses.

EvaluationError      a sentence that names file and row, and what to do
├── InputError       what was given does not add up
└── MetricError      a figure that the gate needs is missing or not finite
"""

from __future__ import annotations


class EvaluationError(Exception):
    """The job cannot judge; its text is the job's exit message."""


class InputError(EvaluationError):
    """Rows or predictions that do not add up."""


class MetricError(EvaluationError):
    """A figure that the quality gate compares was not computed, or is not a finite number."""
