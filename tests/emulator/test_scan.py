"""From a schedule to findings about resources, and to their end."""

import json
import uuid

from cloud import ACCOUNT, REGION, document, eventually

UNVERSIONED = "s3-bucket-versioning-off"


def scan(cloud):
    """A whole scan, until its last job is done."""
    planned = cloud.invoke({"scan": str(uuid.uuid4())}, "PlanFunctionName")
    assert planned["accounts"] == 1 and planned["left_out"] == [], planned
    assert planned["jobs"] > 30
    eventually(lambda: not cloud.depth("scan-jobs"), "the jobs are done", 240)
    assert not cloud.depth("scan-jobs-dead-letters")


def finding_about(cloud, resource, rule):
    heads = [item for item in cloud.items("findings") if item["sk"] == "#" and item["rule"] == rule]
    found = [head for head in heads if document(head).get("posture", {}).get("resource") == resource]
    assert len(found) <= 1, found
    return found[0] if found else None


def test_a_scan_opens_findings_and_a_later_one_resolves_them(cloud):
    name = f"photos-{uuid.uuid4().hex[:8]}"
    cloud.s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    arn = f"arn:aws:s3:::{name}"

    scan(cloud)
    opened = finding_about(cloud, arn, UNVERSIONED)
    assert opened and opened["status"] == "open" and opened["account"] == ACCOUNT
    assert not [item for item in cloud.items("findings") if item.get("kind") == "notice" and item["pk"] == opened["pk"]], (
        "the first scan of an account is kept and not told"
    )

    cloud.s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    other = f"notes-{uuid.uuid4().hex[:8]}"
    cloud.s3.create_bucket(Bucket=other, CreateBucketConfiguration={"LocationConstraint": REGION})
    scan(cloud)

    assert finding_about(cloud, arn, UNVERSIONED)["status"] == "resolved"
    later = finding_about(cloud, f"arn:aws:s3:::{other}", UNVERSIONED)
    assert later["status"] == "open"
    alert = cloud.alert("text", {"id": later["pk"].removeprefix("F#")})
    assert other in alert.body
