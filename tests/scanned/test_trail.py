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
SIGNER = ROOT / "tests/trail/signer.der"
FINGERPRINT = "31e8b5433410dfb61a9dc45cc65b22ff"
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


def digest(s3, folder, hour, files, before):
    """The digest of an hour, signed with the key of our tests; the answer is what the next one has to say of it."""
    key = DIGEST.format(f"{hour:02}")
    content = lambda file: gzip.decompress((folder / file).read_bytes())
    document = {
        "awsAccountId": ACCOUNT, "digestStartTime": f"2026-03-01T{hour - 1:02}:00:00Z",
        "digestEndTime": f"2026-03-01T{hour:02}:00:00Z", "digestS3Bucket": BUCKET, "digestS3Object": key,
        "digestPublicKeyFingerprint": FINGERPRINT, "digestSignatureAlgorithm": "SHA256withRSA",
        "newestEventTime": None, "oldestEventTime": None, **before, "previousDigestHashAlgorithm": "SHA-256",
        "logFiles": [
            {"s3Bucket": BUCKET, "s3Object": file, "hashValue": hashlib.sha256(content(file)).hexdigest(),
             "hashAlgorithm": "SHA-256", "newestEventTime": "2026-03-01T09:00:00Z", "oldestEventTime": "2026-03-01T08:00:00Z"}
            for file in files
        ],
    }
    text = json.dumps(document).encode()
    hashed = hashlib.sha256(text).hexdigest()
    signed = f"{document['digestEndTime']}\n{BUCKET}/{key}\n{hashed}\n{before['previousDigestSignature'] or 'null'}"
    command = ["openssl", "dgst", "-sha256", "-sign", SIGNER, "-keyform", "DER"]
    signature = subprocess.run(command, input=signed.encode(), capture_output=True, check=True).stdout.hex()
    body = gzip.compress(text)
    s3.put_object(Bucket=BUCKET, Key=key, Body=body, Metadata={"signature": signature, "signature-algorithm": "SHA256withRSA"})
    (folder / key).parent.mkdir(parents=True, exist_ok=True)
    (folder / key).write_bytes(body)
    return {
        "previousDigestS3Bucket": BUCKET, "previousDigestS3Object": key,
        "previousDigestHashValue": hashed, "previousDigestSignature": signature,
    }


def test_a_copy_is_verified_and_what_was_tampered_with_is_named(program, endpoint, s3, tmp_path):
    copy, store, keys = tmp_path / "copy", tmp_path / "store", tmp_path / "keys.json"
    store.mkdir()
    command = ["openssl", "rsa", "-inform", "DER", "-in", SIGNER, "-RSAPublicKey_out", "-outform", "DER"]
    public = base64.b64encode(subprocess.run(command, capture_output=True, check=True).stdout).decode()
    keys.write_text(json.dumps({"PublicKeyList": [{"Fingerprint": FINGERPRINT, "Value": public}]}))
    files = [KEY.format(f"{hour}10") for hour in (7, 8, 9)]
    said = dict.fromkeys(
        ["previousDigestS3Bucket", "previousDigestS3Object", "previousDigestHashValue", "previousDigestSignature"]
    )
    for hour, file in zip((8, 9, 10), files):
        write(s3, copy, file, [call(str(hour), "10")])
        said = digest(s3, copy, hour, [file], said)
    verify = lambda: run(program, endpoint, store, "trail", "verify", copy, "--keys", keys)
    clean = verify()
    assert (clean.returncode, clean.stdout) == (0, ""), clean.stderr
    assert "Checked 3 digests and 3 files: 0 not as CloudTrail left them" in clean.stderr
    (copy / files[0]).write_bytes(gzip.compress(b"{}"))
    (copy / files[1]).unlink()
    found = verify()
    assert found.returncode == 1
    assert [line.split("\t")[0] for line in found.stdout.splitlines()] == files[:2]
    forged = json.loads(keys.read_text())
    forged["PublicKeyList"][0]["Value"] = public.replace(public[20:40], public[60:80])
    keys.write_text(json.dumps(forged))
    assert "its signature does not fit" in verify().stdout


ORACLE = """
import base64, gzip, json, sys
from awscli.customizations.cloudtrail.validation import DigestSignatureError, Sha256RSADigestValidator
key, *digests = json.load(sys.stdin)
for name, body, signature in digests:
    text = gzip.decompress(base64.b64decode(body))
    document = json.loads(text) | {"_signature": signature}
    try:
        Sha256RSADigestValidator().validate(document["digestS3Bucket"], name, key.encode(), document, text)
        print("valid")
    except DigestSignatureError:
        print("invalid")
"""


def test_the_aws_cli_takes_the_digests_of_these_tests_for_genuine(s3, tmp_path):
    """So that what ours accepts is what CloudTrail's format says, and not what we think it does."""
    said = dict.fromkeys(
        ["previousDigestS3Bucket", "previousDigestS3Object", "previousDigestHashValue", "previousDigestSignature"]
    )
    command = ["openssl", "rsa", "-inform", "DER", "-in", SIGNER, "-RSAPublicKey_out", "-outform", "DER"]
    question = [base64.b64encode(subprocess.run(command, capture_output=True, check=True).stdout).decode()]
    for hour in (8, 9):
        write(s3, tmp_path, KEY.format(f"{hour - 1}10"), [call(str(hour), "10")])
        said = digest(s3, tmp_path, hour, [KEY.format(f"{hour - 1}10")], said)
        name, signature = said["previousDigestS3Object"], said["previousDigestSignature"]
        body = base64.b64encode((tmp_path / name).read_bytes()).decode()
        question += [[name, body, signature], [name + "x", body, "00" + signature[2:]]]
    python = ROOT / ".venv/awscli/bin/python"
    answer = subprocess.run([python, "-c", ORACLE], input=json.dumps(question), capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["valid", "invalid"] * 2
