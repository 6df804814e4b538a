"""Whether a model.bin is whole: fastText reads on behind the end of a truncated one, and answers from what it finds.

    int32 magic, int32 version, int32 × 12 and a float64: the arguments
    int32 entries, words, labels; int64 tokens, pruned; then for each entry its word, NUL, int64 count, int8 type
    int32 × 2 for each of the pruned
    bool quantised; int64 rows, int64 columns, float32 × rows × columns      the input matrix
    bool quantised; int64 rows, int64 columns, float32 × rows × columns      the output matrix

As `FastText::saveModel` and `Dictionary::save` write it. A quantised matrix, which training here never writes, is
refused.
"""

from __future__ import annotations

import mmap
import struct
from pathlib import Path

MAGIC, VERSION = 793712314, 12
_HEAD = struct.Struct("<ii12id")
_DICTIONARY = struct.Struct("<iiiqq")
_MATRIX = struct.Struct("<?qq")
_ENTRY_END = 9


class ModelFileError(ValueError):
    """A model.bin that is none, or not whole."""


def check_model_file(path: Path) -> None:
    """Raises ModelFileError unless the file holds all that its own counts say, and no more."""
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            end = _matrix_end(data, _matrix_end(data, _dictionary_end(data)))
            size = len(data)
    except (OSError, ValueError, struct.error) as error:
        raise ModelFileError(f"{path.name} is no whole model: {error}") from None
    if end != size:
        raise ModelFileError(f"{path.name} is no whole model: it has {size} bytes, and says itself that it has {end}")


def _dictionary_end(data: mmap.mmap) -> int:
    """The offset behind the dictionary. Raises ValueError and struct.error."""
    magic, version, *_ = _HEAD.unpack_from(data)
    if (magic, version) != (MAGIC, VERSION):
        raise ValueError("it does not begin as one")
    entries, _, _, _, pruned = _DICTIONARY.unpack_from(data, _HEAD.size)
    offset: int = _HEAD.size + _DICTIONARY.size
    for _ in range(entries):
        offset = _entry_end(data, offset)
    return offset + 8 * max(int(pruned), 0)


def _entry_end(data: mmap.mmap, offset: int) -> int:
    word_end = data.find(b"\0", offset)
    if word_end < 0:
        raise ValueError("its dictionary is cut off")
    return word_end + 1 + _ENTRY_END


def _matrix_end(data: mmap.mmap, offset: int) -> int:
    """The offset behind a matrix; it may lie behind the file's end. Raises ValueError and struct.error."""
    quantised, rows, columns = _MATRIX.unpack_from(data, offset)
    if quantised or rows < 0 or columns < 0:
        raise ValueError("a matrix of it is quantised, or has a size below 0")
    return offset + _MATRIX.size + 4 * int(rows) * int(columns)
