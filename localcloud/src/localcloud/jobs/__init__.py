"""Jobs: processing, training and batch transform, each a process of its own.

context.py      what the module of a kind is given
api.py          Create, Describe, List, Stop: records, and the start of the process
__main__.py     `python -m localcloud.jobs KIND NAME`: the process that does one recorded job
checks.py       what the Create calls refuse
records.py      the records: what Describe answers, and which job is dead
opt_ml.py       the /opt/ml of a job
objects.py      objects into its folders and back
filesystem.py   the file system that its command sees, in namespace.py's mount namespace where there is one
literal_paths.py    whether its code names /opt/ml itself, where there is none
environment.py  the environment of its command, by name
command.py      the job's command: its process group, its log, its end
processing.py   training.py   transform.py      one kind each: `run(job: JobContext) -> dict`
"""
