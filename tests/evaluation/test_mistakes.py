"""Which misjudged memes are shown: the surest, and some of each cell that lies off a matrix's diagonal."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix

from evaluation.mistakes import misjudged
from evaluation.rows import Row
from evaluation.tasks import head_tasks
from memotion.heads import Columns, Heads

HEADS = Heads(Columns("i", "t"), {"mood": ("bad", "good"), "taste": ("bland", "salty", "sweet")})


@given(st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_every_cell_of_scikit_learns_matrices_off_the_diagonal_is_shown_as_often_as_asked(n: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    labels = np.stack([draw.integers(2, size=n), draw.integers(3, size=n)], axis=1).astype(np.intp)
    answers = draw.random((n, 5))
    rows = [Row(str(place), f"{place}.png", "test", "", ()) for place in range(n)]

    shown = misjudged(rows, head_tasks(HEADS), answers, labels, surest=3, a_cell=2)

    mistakes = [mistake for meme in shown for mistake in meme.mistakes]
    for place, columns in enumerate((slice(0, 2), slice(2, 5))):
        k = columns.stop - columns.start
        matrix = confusion_matrix(labels[:, place], answers[:, columns].argmax(axis=1), labels=range(k))
        for cell in np.ndindex(k, k):
            count = sum(mistake.place == place and mistake.cell == cell for mistake in mistakes)
            least = 0 if cell[0] == cell[1] else min(2, int(matrix[cell]))
            assert least <= count <= (0 if cell[0] == cell[1] else matrix[cell])
    sureness = [meme.mistakes[0].said_probability for meme in shown]
    assert sureness == sorted(sureness, reverse=True)
    assert len({meme.row.key for meme in shown}) == len(shown)
