"""A job's files.

opt_ml.py           its /opt/ml, a folder of its own
objects.py          objects into its folders and back
job_filesystem.py   the file system that its command sees, in namespace.py's mount namespace where there is one
literal_paths.py    whether its code names /opt/ml itself, where there is none
"""
