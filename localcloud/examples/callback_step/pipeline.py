"""A step that waits for somebody outside of the pipeline, with SDK line 3: a queue has its question, and a token.

python localcloud/examples/callback_step/pipeline.py
"""

# ruff: noqa: E402

import json
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from local_pipeline import ROLE, SESSION, ended, pipeline_session
from sagemaker.core.workflow.conditions import ConditionGreaterThanOrEqualTo
from sagemaker.mlops.workflow.callback_step import CallbackOutput, CallbackOutputTypeEnum, CallbackStep
from sagemaker.mlops.workflow.condition_step import ConditionStep
from sagemaker.mlops.workflow.fail_step import FailStep
from sagemaker.mlops.workflow.pipeline import Pipeline

session = pipeline_session()
queue = SESSION.client("sqs").create_queue(QueueName="labels")["QueueUrl"]
agreed = CallbackOutput(output_name="agreed", output_type=CallbackOutputTypeEnum.Float)
ask = CallbackStep(
    name="AskPeople",
    sqs_queue_url=queue,
    inputs={"question": "On how many of the flowers do you agree?", "flowers": 120},
    outputs=[agreed],
)
gate = ConditionStep(
    name="DoTheyAgree",
    conditions=[ConditionGreaterThanOrEqualTo(left=ask.properties.Outputs["agreed"], right=0.9)],
    if_steps=[],
    else_steps=[FailStep(name="TheyDoNot", error_message="people agree on too few")],
)
pipeline = Pipeline(name="ask-people", steps=[ask, gate], sagemaker_session=session)


def answer(share: float) -> str:
    """Answer the next question of the queue, as somebody would who watches it; the question."""
    client = SESSION.client("sqs")
    while not (messages := client.receive_message(QueueUrl=queue).get("Messages")):
        time.sleep(0.1)
    asked = json.loads(messages[0]["Body"])
    SESSION.client("sagemaker").send_pipeline_execution_step_success(
        CallbackToken=asked["token"], OutputParameters=[{"Name": "agreed", "Value": str(share)}]
    )
    client.delete_message(QueueUrl=queue, ReceiptHandle=messages[0]["ReceiptHandle"])
    return str(asked["arguments"]["question"])


if __name__ == "__main__":
    pipeline.upsert(role_arn=ROLE)
    arn = pipeline.start().arn
    question = answer(0.95)
    given = ended(arn)["AskPeople"]["Callback"]["OutputParameters"][0]["Value"]
    print(f"{question} {given}")
