"""The templates of infra/ as a stack would hold them: parameters, conditions and pseudo parameters filled in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from cfnlint.decode import decode
from moto.iam.access_control import IAMPolicy, PermissionResult

INFRA = Path(__file__).parents[2] / "infra"
ACCOUNT = "123456789012"
REGION = "us-east-1"
PSEUDO = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::NoValue": None,
}
IDENTITY_POLICIES = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")


@dataclass(frozen=True)
class Stack:
    """A template with its parameters: `resources` are those whose condition holds, their intrinsics resolved.

    What only AWS could know stays readable: `!Ref Logical` is the resource's own name where it has one, else `Logical`;
    `!GetAtt Logical.Attribute` is `Logical.Attribute`.
    """

    template: Mapping[str, Any]
    parameters: Mapping[str, Any]

    @property
    def resources(self) -> dict[str, Any]:
        declared = self.template["Resources"]
        return {name: self._resolve(body) for name, body in declared.items() if self._holds(body.get("Condition"))}

    def of_type(self, kind: str) -> list[dict[str, Any]]:
        """The properties of each resource of a type."""
        return [body.get("Properties", {}) for body in self.resources.values() if body["Type"] == kind]

    def statements(self) -> Iterator[dict[str, Any]]:
        """Every statement of every policy document in the stack."""
        yield from _statements(self.resources)

    def identity_policies(self, *names: str) -> list[dict[str, Any]]:
        """The documents of the policies of these names, of all where none is named, that roles and people have."""
        policies = [each for kind in IDENTITY_POLICIES for each in self.of_type(kind)]
        chosen = [
            each for each in policies if not names or {*names} & {each.get("ManagedPolicyName"), each.get("PolicyName")}
        ]
        return [each["PolicyDocument"] for each in chosen]

    def allows(self, action: str, resource: str, *names: str) -> bool:
        """Whether those policies, all together, permit the call; moto's IAM decides.

        The call is one of no special kind: what is denied under a condition is not denied here.
        """
        handed = {"iam:PassedToService": "sagemaker.amazonaws.com"}
        results = []
        for document in self.identity_policies(*names):
            statements = [each for each in document["Statement"] if not _is_conditional_denial(each)]
            if not statements:
                continue
            text = json.dumps({**document, "Statement": statements}).replace("${aws:username}", "*")
            results.append(IAMPolicy(text).is_action_permitted(action, resource, None, handed))
        return PermissionResult.PERMITTED in results and PermissionResult.DENIED not in results

    def _holds(self, condition: str | None) -> bool:
        return condition is None or bool(self._resolve(self.template["Conditions"][condition]))

    def _resolve(self, node: Any) -> Any:
        if isinstance(node, list):
            return [value for value in map(self._resolve, node) if value is not None]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            (name, argument), *_ = node.items()
            if name == "Ref" or name.startswith("Fn::"):
                return getattr(self, "_" + name.removeprefix("Fn::").lower())(argument)
        return {key: value for key, value in ((k, self._resolve(v)) for k, v in node.items()) if value is not None}

    def _ref(self, name: str) -> Any:
        if name in PSEUDO:
            return PSEUDO[name]
        return self.parameters[name] if name in self.parameters else self._name(name)

    def _name(self, logical: str) -> str:
        properties = self.template["Resources"][logical].get("Properties", {})
        named = next((value for key, value in properties.items() if key in ("Name", "BucketName", "RoleName")), logical)
        return str(self._resolve(named))

    def _sub(self, text: str) -> str:
        def fill(match: re.Match[str]) -> str:
            return str(match[1] if "." in match[1] else self._ref(match[1]))

        return re.sub(r"\$\{([^}!]+)\}", fill, text).replace("${!", "${")

    def _getatt(self, path: Any) -> str:
        return path if isinstance(path, str) else ".".join(path)

    def _if(self, argument: list[Any]) -> Any:
        condition, then, otherwise = argument
        return self._resolve(then if self._holds(condition) else otherwise)

    def _equals(self, sides: list[Any]) -> bool:
        return bool(self._resolve(sides[0]) == self._resolve(sides[1]))

    def _not(self, inner: list[Any]) -> bool:
        return not self._resolve(inner[0])

    def _select(self, argument: list[Any]) -> Any:
        return self._resolve(argument[1])[argument[0]]

    def _getazs(self, _: str) -> list[str]:
        return [f"{REGION}{letter}" for letter in "abc"]

    def _cidr(self, argument: list[Any]) -> list[str]:
        block, count, bits = self._resolve(argument)
        return [str(net) for net, _ in zip(ip_network(block).subnets(new_prefix=32 - bits), range(count), strict=False)]

    def _join(self, argument: list[Any]) -> str:
        values = self._resolve(argument[1])
        return str(argument[0]).join(values if isinstance(values, list) else values.split(","))


def _statements(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield from node.get("Statement", ())
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _statements(child)


def load(name: str, **parameters: str) -> Stack:
    """Return the template `infra/NAME.yml` with these parameters, and its defaults for the others."""
    template, problems = decode(str(INFRA / f"{name}.yml"))
    assert not problems
    declared = template.get("Parameters", {})
    return Stack(template, {key: parameters.get(key, value.get("Default")) for key, value in declared.items()})


def _is_conditional_denial(statement: Mapping[str, Any]) -> bool:
    return statement["Effect"] == "Deny" and "Condition" in statement
