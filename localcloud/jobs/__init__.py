"""Jobs: processing, training and batch transform, each a process of its own.

context.py      what the module of a kind is given
api.py          Create, Describe, Stop: records, and the start of the process
__main__.py     `python -m localcloud.jobs KIND NAME`: the process that does one recorded job
command.py      the job's command: its environment, its process group, its end
processing.py   training.py   transform.py      one kind each: `run(job: JobContext) -> dict`
"""
