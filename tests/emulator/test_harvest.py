"""From a call to the finding that it caused, and from the call that mends it to its end."""

import hashlib
import json
import uuid

from cloud import ACCOUNT, REGION, document, eventually, sample
from test_scan import finding_about

OPEN = "ec2-security-group-ssh-open"
RANGE = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}


def called(name, group, port=22):
    """The event of a call that changes the group's rule."""
    event = sample("api-call")
    event["source"] = "aws.ec2"
    detail = event["detail"]
    for key in ("errorCode", "errorMessage"):
        detail.pop(key, None)
    permission = {"ipProtocol": "tcp", "fromPort": port, "toPort": port, "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]}}
    detail |= {
        "eventSource": "ec2.amazonaws.com",
        "eventName": name,
        "awsRegion": REGION,
        "requestParameters": {"groupId": group, "ipPermissions": {"items": [permission]}},
        "responseElements": {"_return": True},
    }
    return event


def episode_of(head):
    return document(head)["posture"]["episodes"][-1]


def alerts_about(cloud, head):
    """The texts about a finding, the newest last."""
    return [alert.body for alert in cloud.heard("text", {"id": head["pk"].removeprefix("F#")})]


def test_a_call_opens_a_finding_and_the_next_one_ends_it(cloud):
    ec2 = cloud.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    group = ec2.create_security_group(GroupName=f"g-{uuid.uuid4().hex[:8]}", Description="d", VpcId=vpc)["GroupId"]
    arn = f"arn:aws:ec2:{REGION}:{ACCOUNT}:security-group/{group}"
    cloud.put(called("UpdateSecurityGroupRuleDescriptionsIngress", group, 443))
    # States are packed; what leads to one is the digest of its id.
    leads = f"A#{hashlib.sha256(group.encode()).hexdigest()}"
    eventually(lambda: any(item["pk"] == leads for item in cloud.items("states")), "the group is known", 60)
    assert not finding_about(cloud, arn, OPEN)

    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[RANGE])
    opening = called("AuthorizeSecurityGroupIngress", group)
    cloud.put(opening)
    head = eventually(lambda: finding_about(cloud, arn, OPEN), "the finding is there", 60)
    assert head["status"] == "open"
    cause = episode_of(head)["cause"]
    assert cause["certainty"] == "exact", cause
    assert cause["calls"][0]["event_id"] == opening["detail"]["eventID"]
    assert "0.0.0.0/0" in cause["patch"]
    alert = eventually(lambda: alerts_about(cloud, head), "an alert")[0]
    assert "by ec2:AuthorizeSecurityGroupIngress" in alert and group in alert
    # The record alone may have opened it; what is closed before anybody looks is withdrawn, and no call has mended it.
    eventually(lambda: not episode_of(finding_about(cloud, arn, OPEN)).get("provisional"), "a read confirms it", 60)

    ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[RANGE])
    mending = called("RevokeSecurityGroupIngress", group)
    cloud.put(mending)
    ended = lambda: (found := finding_about(cloud, arn, OPEN)) and found["status"] == "resolved" and found
    head = eventually(ended, "the finding is over", 60)
    assert episode_of(head)["fix"]["calls"][0]["event_id"] == mending["detail"]["eventID"]
    alert = eventually(lambda: alerts_about(cloud, head)[1:], "an alert that it is over")[0]
    assert "Resolved" in alert and "by ec2:RevokeSecurityGroupIngress" in alert and "it was so for" in alert
    assert not cloud.depth("harvests-dead-letters")
