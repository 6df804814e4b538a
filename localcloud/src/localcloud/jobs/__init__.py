"""Jobs: processing, training and batch transform, each a process of its own.

context.py      what the module of a kind is given
api.py          Create, Describe, List, Stop: records, and the start of the process
__main__.py     `python -m localcloud.jobs KIND NAME`: the process that does one recorded job
checks.py       what the Create calls refuse
records.py      the records: what Describe answers, and which job is dead
opt_ml.py       the /opt/ml of a job
objects.py      objects into its folders and back
command.py      the job's command: its environment, its process group, its end
processing.py   training.py   transform.py      one kind each: `run(job: JobContext) -> dict`
"""
