"""SQS queues: records, whose messages are records too. A message that is received is hidden for its queue's time."""

from __future__ import annotations

import hashlib
import time
import uuid
from typing import Any

from localcloud.cloud import Answer, Cloud, Request, operation
from localcloud.errors import ServiceError
from localcloud.state.store import Record, insert, select, update

QUEUE, MESSAGE = "Queue", "Message"
HIDDEN_SECONDS = 30
MOST = 10


@operation("sqs", "CreateQueue")
def create_queue(cloud: Cloud, request: Request) -> Answer:
    """One that is there is answered again."""
    name, now = request["QueueName"], time.time()
    url = f"https://sqs.{cloud.region}.amazonaws.com/{cloud.account}/{name}"
    with cloud.store.write() as connection:
        if select(connection, QUEUE, name) is None:
            body = {"QueueUrl": url, "Attributes": request.get("Attributes") or {}}
            insert(connection, Record(QUEUE, name, cloud.arn("sqs", name), None, body, now, now))
    return {"QueueUrl": url}


@operation("sqs", "GetQueueUrl")
def get_queue_url(cloud: Cloud, request: Request) -> Answer:
    return {"QueueUrl": _queue(cloud, request["QueueName"]).body["QueueUrl"]}


@operation("sqs", "GetQueueAttributes")
def get_queue_attributes(cloud: Cloud, request: Request) -> Answer:
    queue = _queue(cloud, request["QueueUrl"])
    waiting = sum(record.body["Queue"] == queue.name for record in cloud.store.list(MESSAGE))
    attributes = {"QueueArn": queue.arn, "ApproximateNumberOfMessages": str(waiting), **queue.body["Attributes"]}
    names = set(request.get("AttributeNames") or ())
    return {"Attributes": {name: value for name, value in attributes.items() if {name, "All"} & names}}


@operation("sqs", "ListQueues")
def list_queues(cloud: Cloud, request: Request) -> Answer:
    prefix = request.get("QueueNamePrefix", "")
    queues = sorted(cloud.store.list(QUEUE), key=lambda record: record.name)
    return {"QueueUrls": [queue.body["QueueUrl"] for queue in queues if queue.name.startswith(prefix)]}


@operation("sqs", "DeleteQueue")
def delete_queue(cloud: Cloud, request: Request) -> Answer:
    queue = _queue(cloud, request["QueueUrl"])
    for record in cloud.store.list(MESSAGE):
        if record.body["Queue"] == queue.name:
            cloud.store.delete(MESSAGE, record.name)
    cloud.store.delete(QUEUE, queue.name)
    return {}


@operation("sqs", "SendMessage")
def send_message(cloud: Cloud, request: Request) -> Answer:
    queue, body = _queue(cloud, request["QueueUrl"]), request["MessageBody"]
    message = str(uuid.uuid4())
    digest = hashlib.md5(body.encode(), usedforsecurity=False).hexdigest()
    content = {"Queue": queue.name, "Body": body, "MD5OfBody": digest, "Hidden": 0.0, "Received": 0}
    cloud.store.create(MESSAGE, message, f"{queue.arn}/{message}", content, None)
    return {"MessageId": message, "MD5OfMessageBody": digest}


@operation("sqs", "ReceiveMessage")
def receive_message(cloud: Cloud, request: Request) -> Answer:
    """The oldest messages that are not hidden; they are from now on, until they are deleted or the time is over."""
    queue, now = _queue(cloud, request["QueueUrl"]), time.time()
    default_timeout = queue.body["Attributes"].get("VisibilityTimeout", HIDDEN_SECONDS)
    hidden = now + float(request.get("VisibilityTimeout", default_timeout))
    most = min(request.get("MaxNumberOfMessages", 1), MOST)
    received: list[dict[str, Any]] = []
    with cloud.store.write() as connection:
        for record in sorted(cloud.store.list(MESSAGE), key=lambda each: each.created):
            content = record.body
            if content["Queue"] != queue.name or content["Hidden"] > now or len(received) == most:
                continue
            changed = {**content, "Hidden": hidden, "Received": content["Received"] + 1}
            update(connection, Record(MESSAGE, record.name, record.arn, None, changed, record.created, now))
            identifiers = {"MessageId": record.name, "ReceiptHandle": record.name}
            received.append({**identifiers, "Body": content["Body"], "MD5OfBody": content["MD5OfBody"]})
    return {"Messages": received or None}


@operation("sqs", "DeleteMessage")
def delete_message(cloud: Cloud, request: Request) -> Answer:
    """Deleting what is gone is no error."""
    _queue(cloud, request["QueueUrl"])
    if cloud.store.find(MESSAGE, request["ReceiptHandle"]) is not None:
        cloud.store.delete(MESSAGE, request["ReceiptHandle"])
    return {}


def _queue(cloud: Cloud, name: str) -> Record:
    """By its name, or its URL, which ends in it. Raises ServiceError."""
    queue = cloud.store.find(QUEUE, name.rpartition("/")[2])
    if queue is None:
        raise ServiceError(
            "The specified queue does not exist.", code="AWS.SimpleQueueService.NonExistentQueue", status=400
        )
    return queue
