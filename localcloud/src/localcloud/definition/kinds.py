"""The step types that can run here: each is one kind of resource that an API creates and describes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """The resource that a step of one type makes, in SageMaker's noun, and how its calls spell it.

    `metadata` is its member of a step's Metadata. `cache_key` has the arguments that a cache hit compares; none where
    the service does not cache such steps. `is_named_by_definition`: the execution makes up no name.
    `role` is the argument with the role, which is the pipeline's where the step names none. `retries` are the errors
    after which a step can be retried, `longest_name` bounds the resource's name.
    """

    noun: str
    metadata: str
    cache_key: tuple[str, ...] = ()
    is_named_by_definition: bool = False
    role: str | None = None
    longest_name: int = 63
    retries: tuple[str, ...] = ()

    @property
    def create(self) -> str:
        return f"Create{self.noun}"

    @property
    def describe(self) -> str:
        return f"Describe{self.noun}"

    @property
    def name(self) -> str:
        return f"{self.noun}Name"

    @property
    def arn(self) -> str:
        return f"{self.noun}Arn"

    @property
    def status(self) -> str:
        return f"{self.noun}Status"


_STEP_RETRIES = ("Step.SERVICE_FAULT", "Step.THROTTLING")
_JOB_RETRIES = (*_STEP_RETRIES, "SageMaker.JOB_INTERNAL_ERROR", "SageMaker.CAPACITY_ERROR", "SageMaker.RESOURCE_LIMIT")

KINDS = {
    "Processing": Kind(
        "ProcessingJob",
        "ProcessingJob",
        ("AppSpecification", "Environment", "ProcessingInputs"),
        role="RoleArn",
        retries=_JOB_RETRIES,
    ),
    "Training": Kind(
        "TrainingJob",
        "TrainingJob",
        ("AlgorithmSpecification", "CheckpointConfig", "Environment", "HyperParameters", "InputDataConfig"),
        role="RoleArn",
        retries=_JOB_RETRIES,
    ),
    "Tuning": Kind(
        "HyperParameterTuningJob",
        "TuningJob",
        ("HyperParameterTuningJobConfig", "TrainingJobDefinition", "TrainingJobDefinitions", "WarmStartConfig"),
        longest_name=32,
        retries=_JOB_RETRIES,
    ),
    "Transform": Kind(
        "TransformJob", "TransformJob", ("Environment", "ModelName", "TransformInput"), retries=_JOB_RETRIES
    ),
    "Model": Kind("Model", "Model", role="ExecutionRoleArn", retries=_STEP_RETRIES),
    "RegisterModel": Kind("ModelPackage", "RegisterModel", is_named_by_definition=True, retries=_STEP_RETRIES),
    "EndpointConfig": Kind("EndpointConfig", "EndpointConfig", retries=_STEP_RETRIES),
    "Endpoint": Kind("Endpoint", "Endpoint", is_named_by_definition=True),
}

CONDITION = "Condition"
FAIL = "Fail"
LAMBDA = "Lambda"
CALLBACK = "Callback"
STEP_TYPES = (*KINDS, CONDITION, FAIL, LAMBDA, CALLBACK)

# The member of a step that names who does its work, where that is none of SageMaker's resources.
OUTSIDE = {LAMBDA: "FunctionArn", CALLBACK: "SqsQueueUrl"}
OUTPUT_TYPES = {"String": "string", "Integer": "integer", "Float": "float", "Boolean": "boolean"}

# Kinds whose work takes time: the step ends when its job does, or when its endpoint serves.
JOBS = ("ProcessingJob", "TrainingJob", "TransformJob", "HyperParameterTuningJob")
