"""The pipeline's parameters: names, types, defaults, what they mean and what they may be."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from localcloud import Parameter
from memotion.layout import IMAGES, INPUT_PARAMETER, LABELS
from memotion.opinions import Opinion, load_opinions, script_opinions
from pipeline.definition.settings import INSTANCE_FORM, INSTANCE_WORDS, Settings, name_form

Value = str | int | float


@dataclass(frozen=True)
class Form:
    """What the whole of a text matches, and that in words."""

    pattern: str
    description: str


NUM_LAYERS = (18, 34, 50, 101, 152, 200, 20, 32, 44, 56, 110)
AUGMENTATIONS = ("crop", "crop_color", "crop_color_transform")
METHODS = ("average", "plain_average", "weighted", "stacked")
RULES = ("argmax", "balanced")
DEVICES = ("gpu", "cpu")
URI = Form(r"s3://[a-z0-9.-]+(/.*)?", "s3://BUCKET or s3://BUCKET/PREFIX")
INSTANCE = Form(INSTANCE_FORM, INSTANCE_WORDS)
IMAGE_INSTANCE = "ImageTrainingInstanceType"
ENDPOINT = Form(name_form(50), "at most 50 letters, digits and hyphens between them")


@dataclass(frozen=True)
class PipelineParameter:
    """One parameter; `allowed` lists its values where they are few, a number has bounds, a text may have a form."""

    name: str
    default: Value
    description: str
    allowed: tuple[Value, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    form: Form | None = None

    @property
    def type(self) -> Literal["String", "Integer", "Float"]:
        """As the definition spells it."""
        if isinstance(self.default, str):
            return "String"
        return "Integer" if isinstance(self.default, int) else "Float"

    def problem(self, text: str) -> str | None:
        """What is wrong with `text` as this parameter's value, in a sentence; None if nothing is."""
        parameter = Parameter(self.name, self.type)
        if problem := parameter.problem(text):
            return problem
        value = parameter.value(text)
        if self.allowed and value not in self.allowed:
            return f"{self.name} is one of {', '.join(map(str, self.allowed))}: {text!r} is not"
        if self.form is not None and not re.fullmatch(self.form.pattern, text, re.ASCII):
            return f"{self.name} is {self.form.description}: {text!r} is not"
        return self._out_of_bounds(value) if isinstance(value, int | float) else None

    def _out_of_bounds(self, value: float) -> str | None:
        if self.minimum is not None and not value >= self.minimum:
            return f"{self.name} is at least {self.minimum:g}: {value} is less"
        if self.maximum is not None and not value <= self.maximum:
            return f"{self.name} is at most {self.maximum:g}: {value} is more"
        return None


def pipeline_parameters(settings: Settings, opinions: Iterable[Opinion] | None = None) -> tuple[PipelineParameter, ...]:
    """Return all parameters, in the order in which data meets them; each opinion by a script of one's own has some.

    `opinions` are those that are enabled where none are given.
    """
    named = load_opinions() if opinions is None else opinions
    scripts = (each for opinion in script_opinions(named) for each in _script(opinion))
    return (*_data(settings), *_image(), *_text(), *scripts, *_gate(), *_instances(settings))


def _data(settings: Settings) -> tuple[PipelineParameter, ...]:
    p = PipelineParameter
    return (
        p(INPUT_PARAMETER, f"s3://{settings.bucket}/data/default", f"The prefix of {LABELS} and {IMAGES}/", form=URI),
        p("SplitSeed", 0, "Draws the training, validation and test sets", minimum=0),
        p("MaxRejectedFraction", 0.05, "More unreadable pictures than this fail", minimum=0, maximum=1),
        p("ImageSize", 224, "Side of the standard picture, and of the network's input, in pixels", minimum=16),
    )


def _image() -> tuple[PipelineParameter, ...]:
    p = PipelineParameter
    return (
        p("ImageNumLayers", 50, "Depth of the ResNet; 20, 32, 44, 56 and 110 for pictures of 28 pixels", NUM_LAYERS),
        p("ImageEpochs", 30, "Passes of the image training over its data", minimum=1),
        p("ImageMiniBatchSize", 32, "Pictures a step; the training set holds at least as many", minimum=1),
        p("ImageLearningRate", 0.01, "The image training's first learning rate", minimum=1e-6, maximum=1),
        p("ImageUsePretrainedModel", 1, "1 begins with ImageNet's weights, which are for 224 pixels", (0, 1)),
        p("ImageAugmentation", "crop_color_transform", "How training varies its pictures", AUGMENTATIONS),
    )


def _text() -> tuple[PipelineParameter, ...]:
    p = PipelineParameter
    return (
        p("TextEpochs", 10, "Passes of the text training over its data", minimum=1),
        p("TextMinCount", 2, "Words seen less often than this are left out", minimum=0),
        p("TextWordNgrams", 2, "Words in a row that count as a feature", minimum=1),
        p("TextVectorDim", 100, "Length of a word's vector", minimum=1),
        p("TextBuckets", 200_000, "Buckets of word n-grams; times TextVectorDim it makes the model's size", minimum=1),
    )


def _script(opinion: Opinion) -> tuple[PipelineParameter, ...]:
    p = PipelineParameter
    instance, device = script_parameters(opinion)
    return (
        p(instance, "ml.g4dn.xlarge", f"Instance of {opinion.training_step}", form=INSTANCE),
        p(device, "gpu", f"The image of {opinion.training_step}, for a GPU or the CPU, as its instance has", DEVICES),
    )


def script_parameters(opinion: Opinion) -> tuple[str, str]:
    """Return the names of a script's parameters: its training's instance type, and the device of its image."""
    return f"{opinion.title}TrainingInstanceType", f"{opinion.title}TrainingDevice"


def _gate() -> tuple[PipelineParameter, ...]:
    p = PipelineParameter
    return (
        p("EnsembleMethod", "average", "How the models' opinions become one", METHODS),
        p("DecisionRule", "argmax", "Which class a head names: the likeliest, or balanced by training shares", RULES),
        p("MinMacroF1", 0.0, "The gate: the ensemble's macro-F1 is at least this", minimum=0, maximum=1),
        p(
            "MinLiftOverChance",
            0.0,
            "The gate: its lift over chance's lower end is at least this",
            minimum=-1,
            maximum=1,
        ),
        p("MinMacroAuc", 0.0, "The gate: the ensemble's macro-AUC is at least this", minimum=0, maximum=1),
    )


def _instances(settings: Settings) -> tuple[PipelineParameter, ...]:
    p = PipelineParameter
    return (
        p("ProcessingInstanceType", "ml.m5.xlarge", "Instance of PrepareData and EvaluateEnsemble", form=INSTANCE),
        p(
            IMAGE_INSTANCE,
            settings.image_training_instance_types[0],
            "Instance of TrainImageClassifier; ml.g4dn and ml.g5 do too",
            form=INSTANCE,
        ),
        p("TextTrainingInstanceType", "ml.c5.4xlarge", "Instance of TrainTextClassifier", form=INSTANCE),
        p("TransformInstanceType", "ml.m5.xlarge", "Instance of PredictImages and PredictTexts", form=INSTANCE),
        p("EndpointInstanceType", "ml.m5.xlarge", "Instance of the staging endpoint", form=INSTANCE),
        p("EndpointInstanceCount", 1, "Instances of the staging endpoint", minimum=1),
        p(
            "StagingEndpointName",
            settings.staging_endpoint_name,
            "The endpoint that DeployEndpoint creates or updates",
            form=ENDPOINT,
        ),
    )
