"""The Lambda's handler: which kind there is more of."""


def handler(event: dict[str, int], context: object) -> dict[str, object]:  # noqa: ARG001
    kind = max(event, key=lambda name: event[name])
    return {"statusCode": 200, "kind": kind.removeprefix("kind_"), "number": event[kind]}
