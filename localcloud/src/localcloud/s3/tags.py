"""What S3 takes as the tags of an object or a bucket.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
"""

from __future__ import annotations

from collections.abc import Sequence

from localcloud.errors import ServiceError

OBJECT_TAGS, BUCKET_TAGS = 10, 50
LONGEST_KEY, LONGEST_VALUE = 128, 256
RESERVED = "aws:"


def checked(pairs: Sequence[tuple[str, str]], most: int = OBJECT_TAGS) -> dict[str, str]:
    """Return tags by their keys. Raises ServiceError InvalidTag, and BadRequest for more than `most`."""
    if len(pairs) > most:
        raise ServiceError(
            f"tags cannot be greater than {most}: {len(pairs)} were given", code="BadRequest", status=400
        )
    tags = dict(pairs)
    if len(tags) < len(pairs):
        raise _invalid("each key stands once")
    for key, value in pairs:
        if not 1 <= len(key) <= LONGEST_KEY or len(value) > LONGEST_VALUE:
            raise _invalid(f"a key has 1 to {LONGEST_KEY} characters, a value at most {LONGEST_VALUE}")
        if key.lower().startswith(RESERVED):
            raise _invalid(f"keys that begin with {RESERVED} are AWS's own")
    return tags


def _invalid(sentence: str) -> ServiceError:
    return ServiceError(f"the tags cannot be taken: {sentence}", code="InvalidTag", status=400)
