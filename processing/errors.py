"""Everything that the job can end with.

PreparationError      a sentence: where, what, and what to do now
├── UsageError        the arguments make no sense
├── LabelsError       labels.csv is missing, or a row of it cannot be right
├── PicturesError     more pictures than allowed are unusable, or there are none
└── SplitError        the rows cannot be split as asked
"""

from __future__ import annotations


class PreparationError(Exception):
    """The job cannot go on; the text is its exit message."""


class UsageError(PreparationError):
    """The arguments, or the job's configuration, make no sense."""


class LabelsError(PreparationError):
    """labels.csv is missing, or a row of it cannot be right."""


class PicturesError(PreparationError):
    """More pictures than allowed are unusable, or there are none."""


class SplitError(PreparationError):
    """The rows cannot be split as asked."""
