"""The images that SageMaker provides, each in the region's own registry."""

from __future__ import annotations

from functools import cache

from sagemaker.core import image_uris

from pipeline.errors import SettingsError

# The newest version of each, and an instance where the SDK asks for one.
PYTORCH = {"version": "2.6.0", "py_version": "py312", "instance_type": "ml.m5.xlarge"}
VERSIONS = {
    "image-classification": {"version": "1"},
    "blazingtext": {"version": "1"},
    "sklearn": {"version": "1.9-0", "instance_type": "ml.m5.xlarge"},
    "pytorch-training": {**PYTORCH, "image_scope": "training"},
    "pytorch-inference": {**PYTORCH, "image_scope": "inference"},
}
SERVING_SCRIPT = "pytorch-inference"


@cache
def provided_image(name: str, region: str) -> str:
    """The image of one of VERSIONS, for the CPU where there are several. Raises SettingsError where there is none."""
    framework = name.removesuffix("-training").removesuffix("-inference")
    try:
        image: str = image_uris.retrieve(framework, region, **VERSIONS[name])
    except ValueError:
        raise SettingsError(
            f"setting region is {region!r}, where the SDK knows no image of {name}: set MEMOTION_REGION to another"
        ) from None
    return image
