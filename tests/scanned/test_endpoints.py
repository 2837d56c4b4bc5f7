"""Where calls go, and for what they are signed: the reader against boto3's own resolver. Nothing is sent."""

import re
import urllib.parse

import pytest

import asked

REGIONS = ("us-east-1", "eu-central-1", "ap-southeast-5", "cn-north-1", "us-gov-west-1")

# What differs, and why it may.
BY_DESIGN = {
    "s3": "boto3 puts the bucket before the host, and in us-east-1 leaves out the region; paths work for every bucket, also for "
    "names with dots, for which the certificate does not hold",
    "cloudfront in us-gov-west-1": "CloudFront is not in that partition: boto3 goes to the commercial one, the reader to no host",
}


class Caught(Exception):
    """Instead of sending."""


def where(client, operation, parameters):
    """Scheme and host, the name, and the region of what boto3 would send."""
    caught = []

    def catch(request, **_):
        caught.append(request)
        raise Caught

    client.meta.events.register("before-send", catch)
    with pytest.raises(Caught):
        client._make_api_call(operation, parameters)
    client.meta.events.unregister("before-send", catch)
    url, authorization = urllib.parse.urlsplit(caught[0].url), caught[0].headers["Authorization"].decode()
    region, name = re.search(r"Credential=[^/]+/\d+/([^/]+)/([^/]+)/", authorization).groups()
    return {"url": f"{url.scheme}://{url.netloc}", "name": name, "region": region}


@pytest.mark.parametrize("region", REGIONS)
def test_endpoints(region, models, ours, theirs, tally):
    wrong, by_design = [], set()
    for name, model in models.items():
        client = theirs.client(name, region=region)
        for operation in model["operations"]:
            parameters = asked.needed(theirs.model(name, operation))
            expected = where(client, operation, parameters)
            found = ours.ask(name, operation, parameters, region=region)
            tally["endpoints"] += 1
            if found == {"endpoint": expected}:
                continue
            reasons = {name, f"{name} in {region}"} & BY_DESIGN.keys()
            by_design |= reasons
            if not reasons:
                wrong.append(f"{name}:{operation}: {found} instead of {expected}")
    assert wrong == []
    assert by_design == {entry for entry in BY_DESIGN if entry == "s3" or entry.endswith(f" in {region}")}, "what does not differ any more"
