"""Jobs: processing, training and batch transform, each a process of its own.

context.py      what the module of a kind is given
api.py          Create, Describe, List, Stop: records, and the start of the process
__main__.py     `python -m localcloud.jobs KIND NAME`: the process that does one recorded job
checks.py       what the Create calls refuse
records.py      the records: what Describe answers, and which job is dead
filesystem/     the /opt/ml of a job, objects into it and back, and the file system that its command sees
environment.py  the environment of its command, by name
command.py      the job's command: its process group, its log, its end
processing.py   training/job.py   transform.py      one kind each: `run(job: JobContext) -> dict`
"""
