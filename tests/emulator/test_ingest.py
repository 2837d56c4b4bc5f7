"""An organization's trail: its files are judged as the bus is, and what comes on both lanes counts once."""

import gzip
import json
import uuid

from cloud import ORGANIZATION, REGION, MEMBER, TRAIL, eventually, id_of, stop_logging

STOPPED = "cloudtrail-logging-stopped"


def write(cloud, *records):
    """A file as CloudTrail writes it, and the notice that S3 sends of it."""
    stamp = "20260301T0410Z"
    key = f"AWSLogs/{ORGANIZATION}/{MEMBER}/CloudTrail/{REGION}/2026/03/01/{MEMBER}_CloudTrail_{REGION}_{stamp}_{uuid.uuid4().hex[:16]}.json.gz"
    body = gzip.compress(json.dumps({"Records": records}).encode())
    cloud.s3.put_object(Bucket=TRAIL, Key=key, Body=body)
    notice = {"Records": [{"eventSource": "aws:s3", "s3": {"bucket": {"name": TRAIL}, "object": {"key": key}}}]}
    cloud.sqs.send_message(QueueUrl=cloud.outputs["TrailFilesQueue"], MessageBody=json.dumps(notice))


def test_files_of_a_trail_are_judged_and_lanes_have_one_effect(cloud):
    cloud.s3.create_bucket(Bucket=TRAIL, CreateBucketConfiguration={"LocationConstraint": REGION})
    both, lost = stop_logging(), stop_logging(account=MEMBER)
    cloud.put(both)
    cloud.finding(both, STOPPED)

    write(cloud, both["detail"], lost["detail"], both["detail"])

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
