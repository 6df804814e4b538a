"""Lambda and Callback steps: what they are told, what they give, and how they fail."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

import localcloud
from localcloud_tests.definitions import BUCKET, ROLE, Document, Local, Make, wait_until
from localcloud_tests.functions import zipped

FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:double"
DOUBLES = """
def handler(event, context):
    return {"statusCode": 200, "twice": 2 * event["number"], "told": context.function_name}
"""


def function(local: Local, code: str = DOUBLES, **more: Any) -> str:
    client = local.session.client("lambda")
    request = {"Role": ROLE, "Handler": "index.handler", "Runtime": "python3.12", "Timeout": 60, **more}
    return str(client.create_function(FunctionName="double", Code={"ZipFile": zipped(code)}, **request)["FunctionArn"])


def lambda_step(arguments: Document, *outputs: str, arn: str = FUNCTION) -> Document:
    parameters = [{"OutputName": name, "OutputType": "String"} for name in outputs]
    return {
        "Name": "Call",
        "Type": "Lambda",
        "FunctionArn": arn,
        "Arguments": arguments,
        "OutputParameters": parameters,
    }


def output(step: str, name: str) -> Document:
    return {"Get": f"Steps.{step}.OutputParameters['{name}']"}


def test_a_lambda_stands_between_two_steps_and_passes_values_on(local: Local, make: Make) -> None:
    arn = function(local)
    code = "import sys; open('/opt/ml/processing/out/said', 'w').write(' '.join(sys.argv[1:]))"
    after = make.processing("After", code, arguments=[output("Call", "told"), output("Call", "twice")])
    call = lambda_step({"number": make.content("First", "n")}, "told", "twice", arn=arn)
    call["OutputParameters"][1]["OutputType"] = "Integer"
    after["Arguments"]["AppSpecification"]["ContainerArguments"][1] = {
        "Std:Join": {"On": "", "Values": [output("Call", "twice")]}
    }
    execution = local.run(make.definition(make.writing("First", {"n": 21}), call, after))
    assert local.statuses(execution) == {"First": "Succeeded", "Call": "Succeeded", "After": "Succeeded"}
    assert local.object("After/said") == "double 42"
    metadata = local.steps(execution)["Call"]["Metadata"]["Lambda"]
    assert metadata["Arn"] == arn
    assert {"Name": "twice", "Value": "42"} in metadata["OutputParameters"]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("def handler(event, context): raise ValueError('no such number')", "ValueError: no such number"),
        ("def handler(event, context): return {}", "has no twice"),
        ("import time\ndef handler(event, context): time.sleep(60)", "timed out after 1.00 seconds"),
        ("import os\ndef handler(event, context): os._exit(3)", "exited with code 3"),
    ],
)
def test_a_function_that_fails_fails_its_step_and_says_why(local: Local, make: Make, code: str, reason: str) -> None:
    arn = function(local, code, Timeout=1 if "sleep" in code else 60)
    execution = local.run(make.definition(lambda_step({}, "twice", arn=arn)))
    assert local.status(execution) == "Failed"
    assert reason in local.steps(execution)["Call"]["FailureReason"]


def test_a_function_that_is_not_there_fails_its_step(local: Local, make: Make) -> None:
    execution = local.run(make.definition(lambda_step({})))
    assert "Function not found" in local.steps(execution)["Call"]["FailureReason"]


def test_a_function_is_invoked_by_boto3_and_asks_the_local_cloud_itself(local: Local) -> None:
    local.put("asked", "hello")
    code = (
        "import boto3\n"
        "def handler(event, context):\n"
        "    return boto3.client('s3').get_object(Bucket=event['bucket'], Key='asked')['Body'].read().decode()\n"
    )
    function(local, code)
    client = local.session.client("lambda")
    answer = client.invoke(FunctionName="double", Payload=json.dumps({"bucket": BUCKET}).encode())
    assert (answer["StatusCode"], json.loads(answer["Payload"].read())) == (200, "hello")
    client.update_function_code(FunctionName="double", ZipFile=zipped("def handler(event, context): return 1 / 0"))
    failed = client.invoke(FunctionName="double")
    assert failed["FunctionError"] == "Unhandled"
    assert json.loads(failed["Payload"].read())["errorType"] == "ZeroDivisionError"
    client.delete_function(FunctionName="double")
    with pytest.raises(ClientError) as refused:
        client.get_function(FunctionName="double")
    assert refused.value.response["Error"]["Code"] == "ResourceNotFoundException"


def test_a_function_of_another_language_is_refused(local: Local) -> None:
    with pytest.raises(ClientError, match="name a Runtime such as python3"):
        function(local, Runtime="nodejs20.x")


def callback_step(url: str) -> Document:
    return {
        "Name": "Ask",
        "Type": "Callback",
        "SqsQueueUrl": url,
        "Arguments": {"question": "6 x 7"},
        "OutputParameters": [{"OutputName": "answer", "OutputType": "Integer"}],
    }


def received(local: Local, url: str) -> Document:
    sqs = local.session.client("sqs")
    messages: list[Document] = []

    def has_come() -> bool:
        messages.extend(sqs.receive_message(QueueUrl=url).get("Messages", []))
        return bool(messages)

    wait_until(has_come)
    sqs.delete_message(QueueUrl=url, ReceiptHandle=messages[0]["ReceiptHandle"])
    message: Document = json.loads(messages[0]["Body"])
    return message


def test_a_callback_waits_for_whoever_has_its_token(local: Local, make: Make) -> None:
    url = local.session.client("sqs").create_queue(QueueName="questions")["QueueUrl"]
    gate = {"Type": "Equals", "LeftValue": output("Ask", "answer"), "RightValue": 42}
    wrong = make.fail("Wrong", "it is another")
    local.create(make.definition(callback_step(url), make.condition("IsRight", gate, no=[wrong])))
    execution = local.start()
    message = received(local, url)
    assert message["pipelineExecutionArn"] == execution
    assert message["arguments"] == {"question": "6 x 7"}
    answer = local.sagemaker.send_pipeline_execution_step_success(
        CallbackToken=message["token"], OutputParameters=[{"Name": "answer", "Value": "42"}]
    )
    assert answer["PipelineExecutionArn"] == execution
    assert local.status(local.ended(execution)) == "Succeeded"
    assert local.steps(execution)["Ask"]["Metadata"]["Callback"]["OutputParameters"] == [
        {"Name": "answer", "Value": "42"}
    ]
    with pytest.raises(ClientError, match="has been answered"):
        local.sagemaker.send_pipeline_execution_step_failure(CallbackToken=message["token"])


def test_a_callback_fails_by_the_reason_that_it_is_told(local: Local, make: Make) -> None:
    url = local.session.client("sqs").create_queue(QueueName="questions")["QueueUrl"]
    local.create(make.definition(callback_step(url)))
    execution = local.start()
    token = received(local, url)["token"]
    local.sagemaker.send_pipeline_execution_step_failure(CallbackToken=token, FailureReason="nobody knows")
    assert local.status(local.ended(execution)) == "Failed"
    assert local.steps(execution)["Ask"]["FailureReason"] == "nobody knows"


def test_an_execution_that_is_stopped_gives_its_callback_up(local: Local, make: Make) -> None:
    url = local.session.client("sqs").create_queue(QueueName="questions")["QueueUrl"]
    local.create(make.definition(callback_step(url)))
    execution = local.start()
    token = received(local, url)["token"]
    local.sagemaker.stop_pipeline_execution(PipelineExecutionArn=execution)
    assert local.status(local.ended(execution)) == "Stopped"
    with pytest.raises(ClientError, match="it is Stopped"):
        local.sagemaker.send_pipeline_execution_step_success(CallbackToken=token)


def test_a_token_of_nobody_is_refused(local: Local) -> None:
    with pytest.raises(ClientError) as refused:
        local.sagemaker.send_pipeline_execution_step_success(CallbackToken="a" * 10)
    assert refused.value.response["Error"]["Code"] == "ResourceNotFound"


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        ({"FunctionArn": None}, "FunctionArn: it is missing"),
        ({"FunctionArn": "double"}, "not the ARN of a function"),
        ({"SqsQueueUrl": "https://x"}, "SqsQueueUrl: a Lambda step has none"),
        ({"OutputParameters": [{"OutputName": "a", "OutputType": "Text"}]}, "one of String, Integer, Float, Boolean"),
        ({"Arguments": {"a": output("Call", "b")}}, "there is no Steps.Call.OutputParameters"),
        ({"RetryPolicies": [{"ExceptionType": ["Step.THROTTLING"], "MaxAttempts": 1}]}, "takes no retry policy"),
    ],
)
def test_what_is_wrong_with_such_a_step_is_found_beforehand(make: Make, change: Document, finding: str) -> None:
    step = {name: value for name, value in {**lambda_step({}, "a"), **change}.items() if value is not None}
    assert finding in "\n".join(map(str, localcloud.validate(make.definition(step))))


def test_a_processing_step_gives_no_output_parameters(make: Make) -> None:
    step = {**make.processing("P"), "OutputParameters": [{"OutputName": "a", "OutputType": "String"}]}
    assert "they are a Lambda or Callback step's" in "\n".join(map(str, localcloud.validate(make.definition(step))))
