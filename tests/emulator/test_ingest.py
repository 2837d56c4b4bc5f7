"""An organization's trail: its files are judged as the bus is, and what comes on both lanes counts once."""

import base64
import datetime
import gzip
import hashlib
import http.server
import json
import subprocess
import threading
import uuid

import pytest

from cloud import MEMBER, ORGANIZATION, REGION, ROOT, TRAIL, document, eventually, id_of, stop_logging

STOPPED = "cloudtrail-logging-stopped"
SIGNER = ROOT / "tests/trail/signer.der"
FINGERPRINT = "31e8b5433410dfb61a9dc45cc65b22ff"


@pytest.fixture(scope="module", autouse=True)
def bucket(cloud):
    cloud.s3.create_bucket(Bucket=TRAIL, CreateBucketConfiguration={"LocationConstraint": REGION})


def write(cloud, *records):
    """A file as CloudTrail writes it now."""
    now = datetime.datetime.now(datetime.UTC)
    folder = f"AWSLogs/{ORGANIZATION}/{MEMBER}/CloudTrail/{REGION}/{now:%Y/%m/%d}"
    key = f"{folder}/{MEMBER}_CloudTrail_{REGION}_{now:%Y%m%dT%H%MZ}_{uuid.uuid4().hex[:16]}.json.gz"
    cloud.s3.put_object(Bucket=TRAIL, Key=key, Body=gzip.compress(json.dumps({"Records": records}).encode()))
    return key


def tell(cloud, key):
    """The notice that S3 sends of an object."""
    notice = {"Records": [{"eventSource": "aws:s3", "s3": {"bucket": {"name": TRAIL}, "object": {"key": key}}}]}
    cloud.sqs.send_message(QueueUrl=cloud.outputs["TrailFilesQueue"], MessageBody=json.dumps(notice))


def test_files_of_a_trail_are_judged_and_lanes_have_one_effect(cloud):
    both, lost = stop_logging(), stop_logging(account=MEMBER)
    cloud.put(both)
    cloud.finding(both, STOPPED)

    tell(cloud, write(cloud, both["detail"], lost["detail"], both["detail"]))

    found = cloud.finding(lost, STOPPED)
    assert found["account"] == MEMBER
    (twice,) = cloud.findings(id_of(both), STOPPED)
    assert twice["count"] == "1"
    cloud.alert("text", found)
    assert not cloud.depth("trail-files-dead-letters")


def test_a_file_that_is_not_there_is_passed_over_and_a_notice_of_something_else_is_kept(cloud):
    gone = {"s3Bucket": TRAIL, "s3ObjectKey": [f"AWSLogs/{MEMBER}/CloudTrail/{REGION}/2026/03/01/x_CloudTrail_x.json.gz"]}
    cloud.sqs.send_message(QueueUrl=cloud.outputs["TrailFilesQueue"], MessageBody=json.dumps(gone))
    eventually(lambda: not cloud.depth("trail-files"), "the notice is worked off", 60)
    assert not cloud.depth("trail-files-dead-letters")


def test_polling_finds_a_file_that_nobody_told_of(cloud):
    event = stop_logging(account=MEMBER)
    write(cloud, event["detail"])
    cloud.invoke({"work": "poll"}, "IngestFunctionName")
    cloud.finding(event, STOPPED)


class Keys(http.server.BaseHTTPRequestHandler):
    """CloudTrail's ListPublicKeys, which the emulator does not have, with the key of our tests."""

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        key = ["openssl", "rsa", "-inform", "DER", "-in", SIGNER, "-RSAPublicKey_out", "-outform", "DER"]
        der = subprocess.run(key, capture_output=True, check=True).stdout
        known = self.headers["x-amz-target"].endswith(".ListPublicKeys")
        keys = [{"Fingerprint": FINGERPRINT, "Value": base64.b64encode(der).decode()}] if known else []
        body = json.dumps({"PublicKeyList": keys}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def keys():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Keys)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def digest(cloud, *files):
    """The digest of an hour, signed, over what the files hold now."""
    now = datetime.datetime.now(datetime.UTC)
    name = f"{MEMBER}_CloudTrail-Digest_{REGION}_all_{REGION}_{now:%Y%m%dT%H%M%S}Z.json.gz"
    key = f"AWSLogs/{ORGANIZATION}/{MEMBER}/CloudTrail-Digest/{REGION}/{now:%Y/%m/%d}/{name}"
    content = lambda file: gzip.decompress(cloud.s3.get_object(Bucket=TRAIL, Key=file)["Body"].read())
    document = {
        "digestEndTime": f"{now:%Y-%m-%dT%H:%M:%SZ}", "digestS3Bucket": TRAIL, "digestS3Object": key,
        "digestPublicKeyFingerprint": FINGERPRINT, "digestSignatureAlgorithm": "SHA256withRSA",
        "previousDigestS3Bucket": None, "previousDigestS3Object": None, "previousDigestHashValue": None,
        "previousDigestSignature": None,
        "logFiles": [
            {"s3Bucket": TRAIL, "s3Object": file, "hashValue": hashlib.sha256(content(file)).hexdigest()} for file in files
        ],
    }
    text = json.dumps(document).encode()
    signed = f"{document['digestEndTime']}\n{TRAIL}/{key}\n{hashlib.sha256(text).hexdigest()}\nnull"
    command = ["openssl", "dgst", "-sha256", "-sign", SIGNER, "-keyform", "DER"]
    signature = subprocess.run(command, input=signed.encode(), capture_output=True, check=True).stdout
    metadata = {"signature": signature.hex(), "signature-algorithm": "SHA256withRSA"}
    cloud.s3.put_object(Bucket=TRAIL, Key=key, Body=gzip.compress(text), Metadata=metadata)
    return key


def test_an_altered_file_becomes_a_finding_and_one_that_nobody_told_of_is_judged(cloud, keys):
    event, hidden = stop_logging(account=MEMBER), stop_logging(account=MEMBER)
    untold, altered = write(cloud, event["detail"]), write(cloud, hidden["detail"])
    of_hour = digest(cloud, untold, altered)
    cloud.s3.put_object(Bucket=TRAIL, Key=altered, Body=gzip.compress(b'{"Records":[]}'))
    with cloud.environment("IngestFunctionName", AWS_ENDPOINT_URL_CLOUDTRAIL=keys):
        tell(cloud, of_hour)
        cloud.finding(event, STOPPED)
        of_rule = lambda rule: [item for item in cloud.items("findings") if item.get("rule") == rule and item["sk"] == "#"]
        (found,) = eventually(lambda: of_rule("trail-file-altered"), "a finding about the altered file")
    assert (found["severity"], found["account"]) == ("critical", MEMBER)
    assert altered in json.dumps(document(found))
    assert not of_rule("trail-digest-broken") and not of_rule("trail-file-missing")
    assert not cloud.findings(id_of(hidden))
