"""Processing jobs beyond their shape: inputs and outputs that can be told apart and lead somewhere."""

from __future__ import annotations

from collections.abc import Iterator

from localcloud.definition.expressions.placeholders import Context
from localcloud.definition.finding import Problem
from localcloud.definition.model import Step
from localcloud.definition.reading import repeated, structures

# The path of a list, what tells its items apart, and what one of them is of.
LISTS = (
    (("ProcessingInputs",), "InputName", ("S3Input", "DatasetDefinition")),
    (("ProcessingOutputConfig", "Outputs"), "OutputName", ("S3Output", "FeatureStoreOutput")),
)


def check_processing(step: Step, _: Context) -> Iterator[Problem]:
    if step.type != "Processing":
        return
    for members, name, kinds in LISTS:
        path, entries = ".".join(("Arguments", *members)), structures(step.arguments, *members)
        yield from repeated(entries, path, name)
        yield from repeated(entries, path, kinds[0], "LocalPath")
        for index, entry in enumerate(entries):
            if not entry.keys() & set(kinds):
                yield f"{path}[{index}]", f"it has neither {' nor '.join(kinds)}, so it leads nowhere"
