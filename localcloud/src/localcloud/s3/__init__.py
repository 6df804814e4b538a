"""S3 over plain files: `buckets/BUCKET/KEY` under the home, so that a person can open what a job wrote.

What stands here works on files alone and costs no import of botocore: jobs read and write their inputs and outputs
with it. The S3 API over it is in `buckets`, `objects`, `listing`, `multipart` and `tagging`.
"""

from localcloud.s3.files import bucket_folder, delete_file, list_keys, put_bytes, put_file
from localcloud.s3.keys import parse_uri, path_of

__all__ = ["bucket_folder", "delete_file", "list_keys", "parse_uri", "path_of", "put_bytes", "put_file"]
