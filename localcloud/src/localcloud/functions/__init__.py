"""Lambda functions: a zip's handler, in a process of its own.

api.py         the calls: create, update, describe, delete, invoke
invocation.py  one call of a handler: its files, its process, its answer
runtime.py     what runs in that process
"""
