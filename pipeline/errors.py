"""What a verb can say no with.

    PipelineError                 it was tried, and failed: exit code 1
    ├── NotFoundError             no pipeline, execution, step, package or endpoint of that name
    ├── DataError                 the data set cannot be trained on: file, row and value are named
    ├── RefusedError              it would make no sense, or do harm, as things stand
    ├── CompileError              the definition cannot be compiled
    └── UsageError                the command line or a setting is wrong: exit code 2
        ├── AddressError          nobody can listen on that host and port
        ├── ParameterError        a parameter that the pipeline does not have, or a value that it cannot take
        └── SettingsError         a setting is missing or makes no sense

The text is a sentence for the person who typed it: what was wrong, where, what to do now.
"""

from __future__ import annotations


class PipelineError(Exception):
    exit_code = 1


class NotFoundError(PipelineError):
    pass


class DataError(PipelineError):
    pass


class RefusedError(PipelineError):
    pass


class CompileError(PipelineError):
    pass


class UsageError(PipelineError):
    exit_code = 2


class AddressError(UsageError):
    def __init__(self, host: str, port: int, error: OSError) -> None:
        super().__init__(f"{host} port {port} cannot be listened on ({error.strerror}): choose another --port")


class ParameterError(UsageError):
    pass


class SettingsError(UsageError):
    pass
