"""Count the flowers of each kind: the data is read from S3 and the counts are written there by boto3, from inside."""

import argparse
import csv
import io
import json

import boto3

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--bucket", required=True)
    bucket = parser.parse_args().bucket

    storage = boto3.client("s3")
    text = storage.get_object(Bucket=bucket, Key="data/flowers.csv")["Body"].read().decode()
    counts: dict[str, int] = {}
    for row in csv.DictReader(io.StringIO(text)):
        counts[row["kind"]] = counts.get(row["kind"], 0) + 1
    who = boto3.client("sts").get_caller_identity()["Arn"]
    body = json.dumps({"counts": counts, "by": who.split("/")[1]})
    storage.put_object(Bucket=bucket, Key="counts/counts.json", Body=body.encode())
