"""A trail's files in a bucket: the command over S3 says what it says over a copy, and AWS's own validator what it says."""

import base64
import gzip
import hashlib
import json
import os
import pathlib
import subprocess

import boto3
import pytest

import account

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUCKET, ACCOUNT, REGION = "trails", "111122223333", "eu-west-1"
KEY = f"AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/2026/03/01/{ACCOUNT}_CloudTrail_{REGION}_20260301T0{{}}Z_x.json.gz"
DIGEST = f"AWSLogs/{ACCOUNT}/CloudTrail-Digest/{REGION}/2026/03/01/{ACCOUNT}_CloudTrail-Digest_{REGION}_all_{REGION}_20260301T{{}}0000Z.json.gz"


@pytest.fixture(scope="module")
def program():
    subprocess.run(["cargo", "build", "--quiet", "--locked", "-p", "trailpost"], cwd=ROOT, check=True)
    return ROOT / "target/debug/trailpost"


@pytest.fixture(scope="module")
def endpoint():
    with account.running() as endpoint:
        yield endpoint


@pytest.fixture
def s3(endpoint):
    s3 = boto3.client("s3", endpoint_url=endpoint, region_name=REGION, aws_access_key_id="a", aws_secret_access_key="b")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    yield s3
    for item in s3.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        s3.delete_object(Bucket=BUCKET, Key=item["Key"])
    s3.delete_bucket(Bucket=BUCKET)


def call(event_id, minute):
    return {
        "eventVersion": "1.11", "eventID": event_id, "eventTime": f"2026-03-01T09:{minute}:00Z", "awsRegion": REGION,
        "eventSource": "cloudtrail.amazonaws.com", "eventName": "StopLogging", "recipientAccountId": ACCOUNT,
        "userIdentity": {"type": "IAMUser", "userName": "alice", "accountId": ACCOUNT}, "requestParameters": {"name": event_id},
    }


def write(s3, folder, key, records):
    body = gzip.compress(json.dumps({"Records": records}).encode())
    s3.put_object(Bucket=BUCKET, Key=key, Body=body)
    path = folder / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)


def run(program, endpoint, store, *arguments):
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(store), "AWS_ENDPOINT_URL": endpoint, "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b",
    }
    command = [program, *arguments, "--store", f"sqlite:{store}/{len(os.listdir(store))}.sqlite"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)


def test_a_bucket_is_judged_as_a_copy_of_it_is(program, endpoint, s3, tmp_path):
    copy, store = tmp_path / "copy", tmp_path / "store"
    store.mkdir()
    for number in range(12):
        write(s3, copy, KEY.format(f"9{number:02}"), [call(f"{number}-{at}", f"{number:02}") for at in range(3)])
    of_bucket = run(program, endpoint, store, "detect", f"s3://{BUCKET}/AWSLogs", "-o", "ndjson")
    of_copy = run(program, endpoint, store, "detect", copy, "-o", "ndjson")
    assert (of_bucket.returncode, of_copy.returncode) == (1, 1), of_bucket.stderr
    lines = lambda result: {line.split('"id":"')[1][:16] for line in result.stdout.splitlines()}
    assert lines(of_bucket) == lines(of_copy) and len(lines(of_copy)) == 36
    assert "Judged 36 records of 12 files" in of_bucket.stderr
    none = run(program, endpoint, store, "detect", f"s3://{BUCKET}", "--since", "2026-03-02")
    assert none.returncode == 0 and "Judged 0 records" in none.stderr


def test_a_bucket_that_is_not_there_is_said(program, endpoint, s3, tmp_path):
    result = run(program, endpoint, tmp_path, "detect", "s3://nobodys-bucket")
    assert result.returncode == 2 and "NoSuchBucket" in result.stderr, result.stderr
