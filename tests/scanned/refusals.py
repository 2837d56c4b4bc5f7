"""How services refuse, by protocol: the operation, the status, headers, the body; what the reader makes of it, and how often it asks.

`None` for the code: as boto3 has it. A code of the reader's own stands where boto3 has none, or stops with an exception.
"""

import collections

Refusal = collections.namedtuple("Refusal", "operation status headers body cause asks code", defaults=(1, None))

TRIES = 5
HTML = "<html><body><b>Http/1.1 Service Unavailable</b></body></html>"


def in_json(operation):
    typed = lambda code, key="message": f'{{"__type": "{code}", "{key}": "no"}}'
    yield Refusal(operation, 400, {}, typed("AccessDeniedException", "Message"), "Denied")
    yield Refusal(operation, 400, {}, typed("com.amazon.coral.service#AccessDeniedException"), "Denied")
    yield Refusal(operation, 400, {}, typed("com.amazon.coral.service#UnrecognizedClientException"), "Denied")
    yield Refusal(operation, 400, {}, typed("ExpiredTokenException"), "Denied")
    yield Refusal(operation, 403, {}, "", "Denied")
    yield Refusal(operation, 400, {}, typed("com.amazonaws.x.v20120810#ThrottlingException"), "Throttled", TRIES)
    yield Refusal(operation, 400, {}, typed("ProvisionedThroughputExceededException"), "Throttled", TRIES)
    yield Refusal(operation, 400, {}, typed("RequestLimitExceeded"), "Throttled", TRIES)
    yield Refusal(operation, 400, {}, typed("UnknownOperationException"), "Unsupported")
    yield Refusal(operation, 400, {}, typed("SubscriptionRequiredException"), "Unsupported")
    yield Refusal(operation, 400, {}, typed("x#ResourceNotFoundException:http://internal.amazon.com/coral/"), "Failed")
    yield Refusal(operation, 400, {}, typed(""), "Failed", 1, "Http400")
    yield Refusal(operation, 500, {}, typed("InternalServerError"), "Failed", TRIES)
    yield Refusal(operation, 500, {}, HTML, "Failed", TRIES)
    yield Refusal(operation, 503, {}, HTML, "Throttled", TRIES)
    yield Refusal(operation, 503, {}, "", "Throttled", TRIES)
    yield Refusal(operation, 400, {}, '{"__type": "Cut', "Failed")
    yield Refusal(operation, 400, {}, "", "Failed")
    yield Refusal(operation, 400, {}, "[]", "Failed", 1, "Http400")
    yield Refusal(operation, 400, {}, '{"__type": 7}', "Failed", 1, "Http400")
    yield Refusal(operation, 400, {}, "null", "Failed", 1, "Http400")
    # Some services of this protocol put the code into the header that REST has for it; boto3 shows the status.
    yield Refusal(operation, 400, {"x-amzn-errortype": "AccessDeniedException"}, "{}", "Denied", 1, "AccessDeniedException")


def in_json_after_forms(operation):
    old = lambda code: {"x-amzn-query-error": code}
    body = '{"__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": "no"}'
    yield Refusal(operation, 400, old("AWS.SimpleQueueService.NonExistentQueue;Sender"), body, "Failed")
    yield Refusal(operation, 400, old("AccessDenied;Sender"), body, "Denied")
    yield Refusal(operation, 403, old("ThrottlingException;Sender"), body, "Throttled", TRIES)
    yield Refusal(operation, 400, old("no semicolon"), body, "Failed")
    yield Refusal(operation, 400, old(";Sender"), body, "Failed")


def in_rest_json(operation):
    kind = lambda code: {"x-amzn-errortype": code}
    yield Refusal(operation, 403, kind("AccessDeniedException:http://internal.amazon.com/coral/com.amazon.coral.service/"), '{"Message": "no"}', "Denied")
    yield Refusal(operation, 403, kind("AccessDeniedException"), "", "Denied")
    yield Refusal(operation, 403, kind("aws.protocoltests#AccessDeniedException:http://x"), "{}", "Denied")
    yield Refusal(operation, 403, {}, '{"code": "AccessDeniedException", "message": "no"}', "Denied")
    yield Refusal(operation, 403, {}, '{"Code": "ForbiddenException", "Message": "no"}', "Denied")
    yield Refusal(operation, 403, {}, '{"__type": "x#UnauthorizedException", "message": "no"}', "Denied")
    yield Refusal(operation, 403, kind("ForbiddenException"), '{"__type": "Other", "code": "Third"}', "Denied")
    yield Refusal(operation, 403, {}, '{"message": "Forbidden"}', "Denied")
    yield Refusal(operation, 403, {}, "", "Denied")
    yield Refusal(operation, 429, kind("TooManyRequestsException"), "{}", "Throttled", TRIES)
    yield Refusal(operation, 429, {}, "{}", "Throttled", TRIES)
    yield Refusal(operation, 400, kind("ThrottlingException"), "{}", "Throttled", TRIES)
    yield Refusal(operation, 404, kind("ResourceNotFoundException"), '{"Type": "User", "Message": "no"}', "Failed")
    yield Refusal(operation, 404, {}, '{"message": "Not Found"}', "Failed")
    yield Refusal(operation, 500, kind("ServiceException"), "{}", "Failed", TRIES)
    yield Refusal(operation, 500, {}, "", "Failed", TRIES)
    yield Refusal(operation, 503, {}, HTML, "Throttled", TRIES)
    yield Refusal(operation, 400, {}, '{"code": ', "Failed")
    yield Refusal(operation, 400, {}, "[]", "Failed", 1, "Http400")
    yield Refusal(operation, 400, {}, '{"code": {"deep": 1}}', "Failed", 1, "Http400")


def error(code):
    return f"<Error><Type>Sender</Type><Code>{code}</Code><Message>no &amp; never</Message></Error>"


def in_query(operation):
    said = lambda code: f'<ErrorResponse xmlns="https://x.amazonaws.com/doc/2010-05-08/">{error(code)}<RequestId>r</RequestId></ErrorResponse>'
    yield Refusal(operation, 403, {}, said("AccessDenied"), "Denied")
    yield Refusal(operation, 403, {}, said("InvalidClientTokenId"), "Denied")
    yield Refusal(operation, 403, {}, said("SignatureDoesNotMatch"), "Denied")
    yield Refusal(operation, 403, {}, "<?xml version='1.0'?>\n" + said("ExpiredToken"), "Denied")
    yield Refusal(operation, 403, {}, f"<Response><Errors>{error('AccessDenied')}</Errors><RequestID>r</RequestID></Response>", "Denied")
    yield Refusal(operation, 400, {}, said("Throttling"), "Throttled", TRIES)
    yield Refusal(operation, 400, {}, said("ThrottlingException"), "Throttled", TRIES)
    yield Refusal(operation, 404, {}, said("NoSuchEntity"), "Failed")
    yield Refusal(operation, 400, {}, said("InvalidAction"), "Unsupported")
    yield Refusal(operation, 400, {}, said("OptInRequired"), "Unsupported")
    yield Refusal(operation, 500, {}, said("InternalFailure"), "Failed", TRIES)
    yield Refusal(operation, 503, {}, said("ServiceUnavailable"), "Throttled", TRIES)
    yield Refusal(operation, 503, {}, HTML, "Throttled", TRIES)
    yield Refusal(operation, 500, {}, "", "Failed", TRIES)
    yield Refusal(operation, 400, {}, "<ErrorResponse><Error><Code>Cut", "Failed", 1, "Http400")
    yield Refusal(operation, 403, {}, "", "Denied", 1, "Http403")
    yield Refusal(operation, 400, {}, "<AccessDeniedException><Message>no</Message></AccessDeniedException>", "Failed", 1, "Http400")
    yield Refusal(operation, 400, {}, "<ErrorResponse/>", "Failed", 1, "Http400")
    yield Refusal(operation, 400, {}, '{"__type": "AccessDenied"}', "Failed", 1, "Http400")


def in_ec2(operation):
    said = lambda code: f"<?xml version='1.0' encoding='UTF-8'?>\n<Response><Errors><Error><Code>{code}</Code><Message>no</Message></Error></Errors><RequestID>r</RequestID></Response>"
    yield Refusal(operation, 403, {}, said("UnauthorizedOperation"), "Denied")
    yield Refusal(operation, 401, {}, said("AuthFailure"), "Denied")
    yield Refusal(operation, 400, {}, said("Client.UnauthorizedOperation"), "Denied")
    yield Refusal(operation, 401, {}, said("OptInRequired"), "Unsupported")
    yield Refusal(operation, 400, {}, said("UnsupportedOperation"), "Unsupported")
    yield Refusal(operation, 400, {}, said("InvalidAction"), "Unsupported")
    yield Refusal(operation, 503, {}, said("RequestLimitExceeded"), "Throttled", TRIES)
    yield Refusal(operation, 503, {}, said("Client.RequestLimitExceeded"), "Throttled", TRIES)
    yield Refusal(operation, 503, {}, said("EC2ThrottledException"), "Throttled", TRIES)
    yield Refusal(operation, 400, {}, said("InvalidVpcID.NotFound"), "Failed")
    yield Refusal(operation, 500, {}, said("InternalError"), "Failed", TRIES)
    yield Refusal(operation, 503, {}, said("Unavailable"), "Throttled", TRIES)
    yield Refusal(operation, 500, {}, "", "Failed", TRIES)
    yield Refusal(operation, 400, {}, "<Response><Errors/></Response>", "Failed", 1, "Http400")
    yield Refusal(operation, 400, {}, "", "Failed", 1, "Http400")


def in_rest_xml(operation):
    said = lambda code: f'<ErrorResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/">{error(code)}<RequestId>r</RequestId></ErrorResponse>'
    yield Refusal(operation, 403, {}, said("AccessDenied"), "Denied")
    yield Refusal(operation, 400, {}, said("Throttling"), "Throttled", TRIES)
    yield Refusal(operation, 404, {}, said("NoSuchHostedZone"), "Failed")
    yield Refusal(operation, 500, {}, said("InternalFailure"), "Failed", TRIES)
    yield Refusal(operation, 503, {}, "", "Throttled", TRIES)
    yield Refusal(operation, 403, {}, "", "Denied")
    yield Refusal(operation, 400, {}, "<Error><Code>Cut", "Failed")
    yield Refusal(operation, 400, {}, "<Unknown><What/></Unknown>", "Failed", 1, "Http400")


def of_s3(operation):
    said = lambda code: f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>no</Message><BucketName>b</BucketName><RequestId>r</RequestId><HostId>h</HostId></Error>'
    yield Refusal(operation, 403, {}, said("AccessDenied"), "Denied")
    yield Refusal(operation, 403, {}, said("InvalidAccessKeyId"), "Denied")
    yield Refusal(operation, 404, {}, said("NoSuchBucketPolicy"), "Failed")
    # The bucket is asked for once more where it lives.
    yield Refusal(operation, 301, {"x-amz-bucket-region": "eu-west-1"}, said("PermanentRedirect"), "Failed", 2)
    yield Refusal(operation, 503, {}, said("SlowDown"), "Throttled", TRIES)
    yield Refusal(operation, 500, {}, said("InternalError"), "Failed", TRIES)
    yield Refusal(operation, 501, {}, said("NotImplemented"), "Failed")
    yield Refusal(operation, 404, {}, "", "Failed")
    yield Refusal(operation, 200, {}, said("InternalError"), "Failed", TRIES)
    yield Refusal(operation, 200, {}, said("SlowDown"), "Throttled", TRIES)


def unreadable(operation, bodies, asks=1):
    """Promised a document, and given something else: no document, whatever boto3 makes of it."""
    for body in bodies:
        yield Refusal(operation, 200, {}, body, "Failed", asks, "Answer")


REFUSALS = [
    *in_json("dynamodb:ListTables"),
    *in_json("sqs:ListQueues"),
    *in_json_after_forms("sqs:ListQueues"),
    *in_rest_json("lambda:ListFunctions"),
    *in_query("iam:ListMFADevices"),
    *in_ec2("ec2:DescribeVpcs"),
    *in_rest_xml("route53:ListHostedZones"),
    *in_rest_xml("s3control:GetPublicAccessBlock"),
    *of_s3("s3:GetBucketPolicyStatus"),
    *unreadable("dynamodb:ListTables", ['{"TableNames": ["a"', "[]", "null", "7", HTML, "\xff"]),
    *unreadable("lambda:ListFunctions", ['{"Functions": [', "[]", '"text"', HTML]),
    *unreadable("iam:ListMFADevices", ["", "<ListMFADevicesResponse>", "text", '{"MFADevices": []}', "<Unknown><What/></Unknown>", HTML]),
    *unreadable("ec2:DescribeVpcs", ["", "<DescribeVpcsResponse><vpcSet>", "text"]),
    *unreadable("route53:ListHostedZones", ["<ListHostedZonesResponse", "text"]),
]
