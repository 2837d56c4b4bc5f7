"""What the formats are tried with: hostile events and resources, findings that are over, and what is not known."""

import gzip
import json
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]

# What acts in one format or another: formulas, markup, links, escapes of terminals, text that turns or hides, what is
# not allowed in XML, placeholders, and much of anything.
HOSTILE = [
    "=cmd|' /C calc'!A0", "+1+1", "-1-1", "@SUM(1)", "\t=1", "\r=1", " =1", "a;=1", "＝1", "a\t=1",
    '"quoted", "cells"', '","=1', '";=1',
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "]]></failure><x>", "--><!-- ", "&amp;&#60;&evil;",
    "<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>", "' onmouseover='alert(1)",
    "![x](https://evil.example/i.png)", "[x](https://evil.example)", "[x](1)", "[x][y]\n\n[y]: https://evil.example",
    "<https://evil.example>", "https://evil.example/a www.evil.example a@evil.example @everyone #1 evil/evil#2",
    "`a` ``[x](https://evil.example)``", "a`", "``", "```\n<b>x</b>\n```", "~~~\n# x", "| a | b |", "a\\|b", "\\", "a\\",
    "\n# heading\n\n- item\n\n<b>x</b>\n", "javascript:alert(1)", "$\\href{https://evil.example}{x}$",
    "\x1b[2J\x1b]52;c;eA==\x07", "\x1b]8;;https://evil.example\x1b\\x\x1b]8;;\x1b\\", "\x9b31m",
    "\u202egnp.exe\u2066\u200b\ufeff", "\u2028\u2029", "\x00\x08\x0b\x0c\x1f\x7f", "\ufffe\uffff", "\ud800",
    "{0} {{0}} %s %n ${x}", "é中😀", "   ", "x" * 50_000, "\x01" * 20_000, "😀" * 3_000,
]

# What somebody might type who closes findings: an argument cannot hold a zero, nor half a character.
REASON = " ".join(HOSTILE[:42]).replace("\x00", "").replace("\ud800", "")[:3000]

# A bucket whose name is hostile; real ones cannot have it, but no format may rely on that.
BUCKET = "=1`|[x](https://evil.example)<img src=x>\u202e\x1b[31m\x00]]>;=1"

ACCOUNT = "123456789012"

OWN_RULE = r"""
id: own-rule
title: "=1 <b>own</b> [x](https://evil.example) | `a` @everyone"
severity: low
logsource: { product: aws, service: cloudtrail }
detection:
  own: { eventName: OwnCall }
  condition: own
message: "{requestParameters.name}"
dedup: [requestParameters.name]
why: "<script>alert(1)</script> [x](https://evil.example)"
fix: { text: "`a` <b>x</b>", cli: "```\n<b>x</b>", terraform: "~~~\n```" }
references: ["javascript:alert(1)", "https://evil.example/>\" onclick=\"x", "https://example.com/plain"]
tests: []
"""


def event(number, name, text, **more):
    """A call by somebody who puts `text` wherever a caller can."""
    return {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": f"AROAEXAMPLE:{text}",
            "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/Engineer/{text}",
            "accountId": ACCOUNT,
            "accessKeyId": text,
        },
        "eventTime": f"2026-01-01T{10 + number // 60:02}:{number % 60:02}:00Z",
        "eventSource": "cloudtrail.amazonaws.com",
        "eventName": name,
        "awsRegion": "us-east-1",
        "sourceIPAddress": text,
        "userAgent": text,
        "requestParameters": {"name": text},
        "responseElements": None,
        "requestID": f"00000000-0000-4000-8000-{number:012}",
        "eventID": f"11111111-0000-4000-8000-{number:012}",
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
    } | more


def events():
    """One for each hostile text, a refused call, and some from places that are none."""
    calls = [event(number, "StopLogging", text) for number, text in enumerate(HOSTILE)]
    calls.append(event(len(calls), "StopLogging", "refused", errorCode="AccessDenied", errorMessage="no"))
    calls.append(event(len(calls), "StopLogging", "v6", sourceIPAddress="2001:db8::1"))
    for text in ("\x1b[31m", "=1", "us-east-1<b>", ""):
        calls.append(event(len(calls), "StopLogging", f"at {text}", awsRegion=text))
        calls.append(event(len(calls), "StopLogging", f"in {text}", recipientAccountId=text))
    # It made the bucket what the second scan finds.
    calls.append(event(len(calls), "PutBucketVersioning", "suspender", eventSource="s3.amazonaws.com",
                       requestParameters={"bucketName": BUCKET, "VersioningConfiguration": {"Status": "Suspended"}}))
    return calls


def recording(time, changes):
    """The recorded account at another time, with the hostile bucket, and with some calls answered otherwise."""
    name = json.dumps(BUCKET)[1:-1]
    lines, answered = [], set()
    with gzip.open(ROOT / "tests/recorded/account.ndjson.gz", "rt") as file:
        for text in file:
            line = json.loads(text.replace("bucket-0-123456789012", name))
            if "at" in line:
                line["at"] = time
            for call, asked, said in changes:
                if line.get("call") == call and asked.items() <= line["with"].items():
                    line.pop("answer", None)
                    line.pop("error", None)
                    line |= said
                    answered.add(call)
            lines.append(json.dumps(line))
    assert answered == {call for call, _, _ in changes}
    return "\n".join(lines)


def write(folder):
    """Writes the samples as files. Between the two scans a bucket's versions were suspended, a list of access rules
    went, and a call came to be refused."""
    of_bucket = {"Bucket": BUCKET}
    before = [("s3:GetBucketVersioning", of_bucket, {"answer": {"Status": "Enabled"}})]
    refusal = {"cause": "Denied", "code": "=1 [x](https://evil.example) <b>\x1b[31m`|", "message": "no"}
    after = [
        ("s3:GetBucketVersioning", of_bucket, {"answer": {"Status": "Suspended"}}),
        ("memorydb:DescribeACLs", {}, {"answer": {"ACLs": []}}),
        ("sns:ListTopics", {}, {"error": refusal}),
    ]
    (folder / "before.ndjson").write_text(recording("2026-01-01T00:00:00Z", before))
    (folder / "after.ndjson").write_text(recording("2026-01-02T00:00:00Z", after))
    (folder / "events.json").write_text(json.dumps({"Records": events()}))
    own = [event(500 + number, "OwnCall", text) for number, text in enumerate(HOSTILE[:4])]
    (folder / "own.json").write_text(json.dumps({"Records": own}))
    (folder / "own.yaml").write_text(OWN_RULE)
