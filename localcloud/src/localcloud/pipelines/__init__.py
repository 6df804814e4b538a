"""Pipelines and their executions: the calls, and the records that the executions' processes share with them.

pipelines.py    CreatePipeline, UpdatePipeline, …
starting.py     StartPipelineExecution, RetryPipelineExecution: a record, and a process that runs it
images.py       what a start refuses: an image that nobody here can run
executions.py   what is asked of an execution that is there
records.py      executions: their statuses, and who is dead
attempts.py     tries at steps: their statuses, and which result a cache hit takes
tokens.py       the same request token is the same answer
selection.py    selective execution: which steps run and which results are taken from an earlier one
"""
