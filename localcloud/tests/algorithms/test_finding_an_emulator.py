from __future__ import annotations

import pytest

from localcloud.algorithms import find
from localcloud.errors import ValidationException


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        ("811284229777.dkr.ecr.us-east-1.amazonaws.com/image-classification:1", "image-classification"),
        ("811284229777.dkr.ecr.eu-west-1.amazonaws.com/blazingtext:latest", "blazingtext"),
        ("registry:5000/blazingtext@sha256:0123", "blazingtext"),
        ("blazingtext", "blazingtext"),
        ("811284229777.dkr.ecr.us-east-1.amazonaws.com/xgboost:latest", "xgboost"),
        ("683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1", "xgboost"),
    ],
)
def test_an_image_is_known_by_the_name_of_its_repository(uri: str, name: str) -> None:
    assert find(uri).name == name


def test_an_image_without_an_emulator_is_an_error_that_says_how_to_add_one() -> None:
    with pytest.raises(ValidationException, match=r"kmeans:1.*To add one, write"):
        find("811284229777.dkr.ecr.us-east-1.amazonaws.com/kmeans:1")
