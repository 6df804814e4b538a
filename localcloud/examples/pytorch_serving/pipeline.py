"""A PyTorch model with an inference.py of its own, behind an endpoint and in a batch transform, with SDK line 3.

python localcloud/examples/pytorch_serving/pipeline.py
"""

# ruff: noqa: E402

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from local_pipeline import BUCKET, PYTORCH, PYTORCH_INFERENCE, ROLE, SESSION, begin_model, pipeline_session, run
from sagemaker.core.helper.session_helper import production_variant
from sagemaker.core.training.configs import Compute, InputData, OutputDataConfig, SourceCode
from sagemaker.core.transformer import Transformer
from sagemaker.core.workflow.execution_variables import ExecutionVariables
from sagemaker.core.workflow.functions import Join
from sagemaker.mlops.workflow.endpoint_step import EndpointConfigStep, EndpointStep
from sagemaker.mlops.workflow.model_step import ModelStep
from sagemaker.mlops.workflow.pipeline import Pipeline
from sagemaker.mlops.workflow.steps import TrainingStep, TransformStep
from sagemaker.train.model_trainer import ModelTrainer

OUTPUT = f"s3://{BUCKET}/pytorch-serving"
ENDPOINT = "flowers"
LINES = "application/jsonlines"
session = pipeline_session()
SESSION.client("s3").put_object(Bucket=BUCKET, Key="questions/two.jsonl", Body=b"[1.5, 0.3]\n[4.5, 1.3]\n")

trainer = ModelTrainer(
    training_image=PYTORCH,
    source_code=SourceCode(source_dir=str(HERE / "code"), entry_script="train.py"),
    hyperparameters={"epochs": 50},
    compute=Compute(instance_type="ml.m5.large", instance_count=1),
    output_data_config=OutputDataConfig(s3_output_path=f"{OUTPUT}/models"),
    role=ROLE,
    sagemaker_session=session,
)
channel = InputData(channel_name="train", data_source=f"s3://{BUCKET}/data/")
train = TrainingStep(name="Train", step_args=trainer.train(input_data_config=[channel]))

begin_model(session)
container = {"Image": PYTORCH_INFERENCE, "ModelDataUrl": train.properties.ModelArtifacts.S3ModelArtifacts}
session.create_model(name=None, role=ROLE, container_defs={**container, "Environment": {}})
create_model = ModelStep(name="CreateModel", step_args=session.context)
model = create_model.properties.ModelName

transformer = Transformer(
    model_name=model,
    instance_count=1,
    instance_type="ml.m5.large",
    output_path=f"{OUTPUT}/answers",
    accept=LINES,
    assemble_with="Line",
    base_transform_job_name="flowers",
    sagemaker_session=session,
)
transform = TransformStep(
    name="Transform",
    step_args=transformer.transform(
        data=f"s3://{BUCKET}/questions/", data_type="S3Prefix", content_type=LINES, split_type="Line"
    ),
)

variant = production_variant(
    model_name=model, instance_type="ml.m5.large", initial_instance_count=1, variant_name="AllTraffic"
)
configure = EndpointConfigStep(
    name="Configure",
    step_args=session.create_endpoint_config(
        name=Join(on="-", values=[ENDPOINT, ExecutionVariables.PIPELINE_EXECUTION_ID]), production_variants=[variant]
    ),
)
deploy = EndpointStep(
    name="Deploy",
    step_args=session.create_endpoint(endpoint_name=ENDPOINT, config_name=configure.properties.EndpointConfigName),
)
pipeline = Pipeline(
    name="flower-network",
    steps=[train, create_model, transform, configure, deploy],
    sagemaker_session=session,
)

if __name__ == "__main__":
    run(pipeline)
    answers = SESSION.client("s3").get_object(Bucket=BUCKET, Key="pytorch-serving/answers/two.jsonl.out")["Body"].read()
    asked = (
        SESSION.client("sagemaker-runtime")
        .invoke_endpoint(EndpointName=ENDPOINT, ContentType=LINES, Accept=LINES, Body=b"[1.5, 0.3]\n[4.5, 1.3]\n")[
            "Body"
        ]
        .read()
    )
    SESSION.client("sagemaker").delete_endpoint(EndpointName=ENDPOINT)
    kinds = [round(float(line)) for line in answers.split()]
    told = "the same" if asked.split() == answers.split() else asked
    print(f"The transform says kinds {kinds}; the endpoint says {told}.")
