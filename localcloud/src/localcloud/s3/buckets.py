"""S3's buckets: folders under the home's `buckets`."""

from __future__ import annotations

import shutil
from pathlib import Path

from localcloud.cloud import Answer, Cloud, Request, operation
from localcloud.errors import ServiceError
from localcloud.s3.files import bucket_folder, list_keys
from localcloud.s3.keys import INCOMING, check_bucket
from localcloud.s3.tags import BUCKET_TAGS, checked
from localcloud.services.tags import add_tags, remove_tags, tags_of


@operation("s3", "CreateBucket")
def create_bucket(cloud: Cloud, request: Request) -> Answer:
    """Creating one's own bucket again is no error, as in us-east-1."""
    bucket = request["Bucket"]
    check_bucket(bucket)
    _check_location(cloud, (request.get("CreateBucketConfiguration") or {}).get("LocationConstraint"))
    (cloud.home.buckets / bucket).mkdir(parents=True, exist_ok=True)
    return {"Location": f"/{bucket}", "BucketArn": f"arn:aws:s3:::{bucket}"}


def _check_location(cloud: Cloud, location: str | None) -> None:
    """Raises ServiceError unless the bucket is to lie in the only region: us-east-1 is named by naming none."""
    if location == "us-east-1":
        raise ServiceError(
            "us-east-1 is named by leaving CreateBucketConfiguration out", code="InvalidLocationConstraint", status=400
        )
    if (location or "us-east-1") != cloud.region:
        raise ServiceError(
            f"The {location or 'unspecified'} location constraint is incompatible for the region specific endpoint "
            f"this request was sent to: there is one region here, {cloud.region}; set LOCALCLOUD_REGION for another",
            code="IllegalLocationConstraintException",
            status=400,
        )


@operation("s3", "DeleteBucket")
def delete_bucket(cloud: Cloud, request: Request) -> Answer:
    bucket = request["Bucket"]
    folder = bucket_folder(cloud.home, bucket)
    first = next(list_keys(cloud.home, bucket), None)
    if first is not None:
        raise ServiceError(
            f"the bucket {bucket!r} is not empty; delete its objects first, {first!r} is one",
            code="BucketNotEmpty",
            status=409,
        )
    shutil.rmtree(folder)
    remove_tags(cloud, f"arn:aws:s3:::{bucket}")
    with cloud.store.write() as connection:
        connection.execute("DELETE FROM objects WHERE bucket = ?", (bucket,))
    return {}


@operation("s3", "ListBuckets")
def list_buckets(cloud: Cloud, request: Request) -> Answer:
    prefix, after = request.get("Prefix", ""), request.get("ContinuationToken", "")
    folders = [folder for folder in _folders(cloud) if folder.name.startswith(prefix) and folder.name > after]
    page = folders[: request.get("MaxBuckets", len(folders))]
    return {
        "Buckets": [
            {
                "Name": folder.name,
                "CreationDate": int(folder.stat().st_ctime),
                "BucketRegion": cloud.region,
                "BucketArn": f"arn:aws:s3:::{folder.name}",
            }
            for folder in page
        ],
        "Owner": {"ID": cloud.account},
        "ContinuationToken": page[-1].name if len(page) < len(folders) else None,
        "Prefix": request.get("Prefix"),
    }


@operation("s3", "HeadBucket")
def head_bucket(cloud: Cloud, request: Request) -> Answer:
    bucket_folder(cloud.home, request["Bucket"])
    return {"BucketRegion": cloud.region, "BucketArn": f"arn:aws:s3:::{request['Bucket']}"}


@operation("s3", "GetBucketLocation")
def get_bucket_location(cloud: Cloud, request: Request) -> Answer:
    """Absent, which S3 says for us-east-1."""
    bucket_folder(cloud.home, request["Bucket"])
    return {"LocationConstraint": None if cloud.region == "us-east-1" else cloud.region}


@operation("s3", "GetBucketVersioning")
def get_bucket_versioning(cloud: Cloud, request: Request) -> Answer:
    """Empty: never switched on. An object here has one version, its file."""
    bucket_folder(cloud.home, request["Bucket"])
    return {}


@operation("s3", "PutBucketVersioning")
def put_bucket_versioning(cloud: Cloud, request: Request) -> Answer:
    """Suspended is what it is; Enabled cannot be, since an object here is a file."""
    bucket_folder(cloud.home, request["Bucket"])
    if (request.get("VersioningConfiguration") or {}).get("Status") == "Enabled":
        raise ServiceError(
            "PutBucketVersioning: objects here have one version, their file: leave versioning out, or keep what would "
            "be another version under a key of its own",
            code="NotImplemented",
            status=501,
        )
    return {}


@operation("s3", "PutBucketTagging")
def put_bucket_tagging(cloud: Cloud, request: Request) -> Answer:
    """Replaces all tags of the bucket."""
    arn = _arn(cloud, request)
    tags = checked([(tag["Key"], tag["Value"]) for tag in request["Tagging"]["TagSet"]], BUCKET_TAGS)
    remove_tags(cloud, arn)
    add_tags(cloud, arn, [{"Key": key, "Value": value} for key, value in tags.items()])
    return {}


@operation("s3", "GetBucketTagging")
def get_bucket_tagging(cloud: Cloud, request: Request) -> Answer:
    tags = tags_of(cloud, _arn(cloud, request))
    if not tags:
        raise ServiceError("The TagSet does not exist", code="NoSuchTagSet", status=404)
    return {"TagSet": tags}


@operation("s3", "DeleteBucketTagging")
def delete_bucket_tagging(cloud: Cloud, request: Request) -> Answer:
    remove_tags(cloud, _arn(cloud, request))
    return {}


def _arn(cloud: Cloud, request: Request) -> str:
    """The ARN of a bucket that is there."""
    bucket_folder(cloud.home, request["Bucket"])
    return f"arn:aws:s3:::{request['Bucket']}"


def _folders(cloud: Cloud) -> list[Path]:
    if not cloud.home.buckets.is_dir():
        return []
    return sorted(path for path in cloud.home.buckets.iterdir() if path.is_dir() and path.name != INCOMING)
