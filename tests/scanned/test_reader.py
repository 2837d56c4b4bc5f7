"""The reader against boto3: every operation of the models, its requests and its documents, field by field."""

import re

import botocore
import jmespath
import pytest

import asked
import reader
import stub
import wire
from reader import as_text, differences, fields, put
from refusals import REFUSALS

SERVICES = reader.models()
OPERATIONS = [(service, name) for service, model in SERVICES.items() for name in model["operations"]]

# What differs, and why it may: service and operation, what the difference looks like, the reason.
BY_DESIGN = [
    (
        r"route53:\w+",
        r"request\.path: ",
        "Route 53 gives ids with a path and takes them without; boto3 cuts the path from some of the parameters, the reader from all",
    ),
    (
        r"shield:DescribeSubscription",
        r"document\.Subscription\.(Start|End)Time: ",
        "the emulator writes times in a way that no protocol knows; boto3 guesses, the reader leaves the text as it is",
    ),
]


def test_the_models_are_of_the_release_that_asks():
    wheel = (reader.ROOT / "xtask/src/models/wheel.rs").read_text()
    assert f'VERSION: &str = "{botocore.__version__}"' in wheel


def is_by_design(operation, difference):
    return any(re.fullmatch(who, operation) and re.match(what, difference) for who, what, _ in BY_DESIGN)


def page_of(name, service):
    """The page model of an operation: paths of its tokens, and of the lists that continue."""
    page = SERVICES[service]["operations"][name].get("page", {})
    listed = lambda key: [page[key]] if isinstance(page.get(key), str) else page.get(key, [])
    return {key: listed(key) for key in ("input_token", "output_token", "result_key", "more_results")}


def token_paths(name, service):
    page = page_of(name, service)
    return [path for token in page["output_token"] for path in token.split(" || ")] + page["more_results"]


def may_be_silent(model):
    """Whether an answer without a body can be one: where a body would say something, boto3 takes silence for an empty
    structure, and the reader refuses it: a list that is not there is not an empty list."""
    shape = model.output_shape
    payload = shape.serialization.get("payload") if shape else None
    if payload:
        return shape.members[payload].type_name in ("blob", "string")
    return shape is None or all("location" in member.serialization for member in shape.members.values())


def answers(model, protocol, leave_out):
    for kind, answer in any_answers(model, protocol, leave_out):
        if answer[2] or may_be_silent(model):
            yield kind, answer


def any_answers(model, protocol, leave_out):
    """Answers of an operation: full, with lists of one, with nothing in lists and texts, and with as little as may be."""
    shape = model.output_shape
    full = wire.Made(leave_out).members(shape) if shape else {}
    yield "full", wire.answer(model, protocol, full)
    yield "single", wire.answer(model, protocol, wire.Made(leave_out, lists=1, plain=True).members(shape) if shape else {})
    bare = {name: wire.emptied(shape.members[name], part) for name, part in full.items()}
    yield "emptied", wire.answer(model, protocol, bare)
    yield "nothing", (200, {}, b"") if protocol in ("rest-json", "rest-xml", "json") else wire.answer(model, protocol, {})
    if protocol in ("json", "rest-json"):
        yield "nulls", wire.answer(model, protocol, full, nulls=True)
    elif wire.is_xml(model):
        yield "rewritten", wire.rewritten(wire.answer(model, protocol, full))


@pytest.mark.parametrize("name", SERVICES)
def test_requests_and_documents(name, models, ours, theirs, service, tally):
    wrong = []
    for operation in models[name]["operations"]:
        model, protocol = theirs.model(name, operation), models[name]["protocol"]
        leave_out = asked.tokens(model.output_shape, token_paths(operation, name))
        found = []
        for (kind, answer), parameters in zip(answers(model, protocol, leave_out), asked.variants(model)):
            found += [(kind, line) for line in compared(ours, theirs, service, (name, operation), answer, parameters, tally)]
        odd = [(kind, line) for kind, line in found if not is_by_design(f"{name}:{operation}", line)]
        tally["operations"] += 1
        tally["by design"] += bool(found) and not odd
        tally["equal"] += not found
        wrong += [f"{operation}, {kind}: {line}" for kind, line in odd]
    assert wrong == []


def compared(ours, theirs, service, who, answer, parameters, tally):
    """The differences of one call's requests and documents."""
    service.tell(answer)
    expected, sent = theirs.ask(*who, parameters, service.url), list(service.asked)
    service.tell(answer)
    found, ours_sent = ours.ask(*who, parameters, service.url), list(service.asked)
    assert len(sent) == 1, f"boto3 refuses {who} {parameters}: {expected}"
    assert "document" in expected, f"boto3 cannot read {who}: {expected}"
    tally.update(answers=1, fields=fields(expected))
    yield from differences(expected, found)
    if len(ours_sent) != 1:
        yield f"the reader asks {len(ours_sent)} times"
    for one, other in zip(sent, ours_sent):
        yield from differences(stub.plainly(one), stub.plainly(other), "request")
        tally["signatures"] += 1
        if not stub.is_signed_well(other):
            yield "the signature is wrong"


def test_a_wrong_signature_is_seen(ours, service):
    """What the comparisons of signatures are worth."""
    service.tell((200, {}, b"{}"))
    ours.ask("iam", "ListMFADevices", {"UserName": "a:b c"}, service.url)
    [good] = service.asked
    assert stub.is_signed_well(good)
    assert not stub.is_signed_well(good._replace(target=good.target + "x"))
    assert not stub.is_signed_well(good._replace(body=b"x"))
    assert not stub.is_signed_well(good, secret="guessed")


# Pages


def at(value, path):
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def dropped(document, paths):
    """`document` without what is about pages."""
    for path in paths:
        *owners, name = path.split(".")
        owner = at(document, ".".join(owners)) if owners else document
        if isinstance(owner, dict):
            owner.pop(name, None)
    return document


def shape_at(shape, path):
    for name in path.split("."):
        shape = shape.members[name]
    return shape


def three_pages(model, protocol, tokens, more, lists):
    """Answers of three pages: a full one, one without anything but a token, and a full one that is the last."""
    made = wire.Made(asked.tokens(model.output_shape, tokens + more), plain=True)
    for number in (1, 2, 3):
        value = made.members(model.output_shape)
        for path in lists if number == 2 else ():
            put(value, path, type(at(value, path))())
        for path in tokens if number < 3 else ():
            put(value, path, f"token {number} +/= of {path}")
        for path in more:
            put(value, path, number < 3)
        yield wire.answer(model, protocol, value)


@pytest.mark.parametrize("name", SERVICES)
def test_pages(name, models, ours, theirs, service, tally):
    """The lists of three pages are joined, and each page is asked for, as boto3's paginators do it."""
    wrong = []
    for operation in models[name]["operations"]:
        model, protocol = theirs.model(name, operation), models[name]["protocol"]
        ways = page_of(operation, name)
        if not ways["input_token"]:
            continue
        tokens = [token.split(" || ")[0] for token in ways["output_token"]]
        if any(shape_at(model.output_shape, token).type_name == "map" for token in tokens):
            # A key as a token, as of dynamodb:Query: the pages here have tokens of text.
            continue
        lists = [path for path in ways["result_key"] if shape_at(model.output_shape, path).type_name in ("list", "map")]
        parameters = asked.needed(model)
        service.tell(*three_pages(model, protocol, tokens, ways["more_results"], lists))
        client = theirs.client(name, service.url)
        pages = client.get_paginator(botocore.xform_name(operation)).paginate(**parameters)
        joined = pages.build_full_result()
        sent = list(service.asked)
        service.tell(*service.answers)
        expected = as_text(next(iter(pages)))
        expected.pop("ResponseMetadata")
        for path in ways["result_key"]:
            put(expected, path, as_text(at(joined, path)))
        dropped(expected, token_paths(operation, name))
        wrong += paged(ours, service, (name, operation), parameters, expected, sent)
        tally["pages"] += 1
    assert wrong == []


def paged(ours, service, who, parameters, expected, sent):
    service.tell(*service.answers)
    found = ours.ask(*who, parameters, service.url)
    lines = list(differences({"document": expected}, found))
    if len(sent) != 3 or len(service.asked) != 3:
        lines.append(f"boto3 asks {len(sent)} times, the reader {len(service.asked)} times")
    for number, (one, other) in enumerate(zip(sent, service.asked), 1):
        lines += differences(stub.plainly(one), stub.plainly(other), f"request {number}")
    return [f"{':'.join(who)}: {line}" for line in lines if not is_by_design(":".join(who), line)]


# Pages of operations for which botocore has no paginator: the parameter, the token, the list, where it is said that there is
# more. The others have one parameter and one member that are tokens by name.
OTHER_PAGES = {
    "firehose:ListDeliveryStreams": ("ExclusiveStartDeliveryStreamName", "DeliveryStreamNames[-1]", "HasMoreDeliveryStreams"),
    "firehose:ListTagsForDeliveryStream": ("ExclusiveStartTagKey", "Tags[-1].Key", "HasMoreTags"),
    "kinesis:ListTagsForStream": ("ExclusiveStartTagKey", "Tags[-1].Key", "HasMoreTags"),
}
# Operations whose answers look as if they could go on, and why they cannot.
ONE_PAGE = {"firehose:DescribeDeliveryStream": "a stream has exactly one destination, the API reference says of HasMoreDestinations"}


def unmodelled_pages():
    """Operations without a page model that take a token, or what looks like one, and give one."""
    boto = reader.Boto(SERVICES)
    for service, name in OPERATIONS:
        model = boto.model(service, name)
        if not page_of(name, service)["input_token"] and asked.tokens(model.input_shape) and asked.tokens(model.output_shape):
            if f"{service}:{name}" not in ONE_PAGE:
                yield f"{service}:{name}"


@pytest.mark.parametrize("operation", list(unmodelled_pages()))
def test_pages_that_no_model_tells_of(operation, models, ours, theirs, service, tally):
    """As if someone asked boto3 page by page, and joined all lists beside the token."""
    name, call = operation.split(":")
    model, protocol = theirs.model(name, call), models[name]["protocol"]
    if operation in OTHER_PAGES:
        parameter, token, more = OTHER_PAGES[operation]
    else:
        [parameter] = asked.tokens(model.input_shape)
        [token] = (path for path in asked.tokens(model.output_shape) if not path.endswith("IsTruncated"))
        [more] = asked.tokens(model.output_shape) - {token} or [None]
    own = "[-1]" in token
    owner = "" if own else token.rpartition(".")[0]
    members = shape_at(model.output_shape, owner).members if owner else model.output_shape.members
    lists = [f"{owner}.{key}".strip(".") for key, member in members.items() if member.type_name == "list"]
    # Where the last element is the token, a page has one.
    pages = three_pages(model, protocol, [] if own else [token], [more] if more else [], [] if own else lists)
    service.tell(*pages)
    parameters = asked.needed(model)
    expected, follow, more_to_come = None, {}, True
    while more_to_come:
        page = theirs.ask(name, call, parameters | follow, service.url)["document"]
        value = jmespath.search(token, page)
        more_to_come = at(page, more) if more else value
        follow = {parameter: value}
        if expected is None:
            expected = page
        else:
            for path in lists:
                put(expected, path, at(expected, path) + at(page, path))
    dropped(expected, [token, more] if more else [token])
    assert paged(ours, service, (name, call), parameters, expected, list(service.asked)) == []
    tally["pages"] += 1


def test_a_token_that_leads_in_circles_is_an_error(ours, theirs, service):
    model = theirs.model("lambda", "ListFunctions")
    page = lambda token: wire.answer(model, "rest-json", {"Functions": [], "NextMarker": token})
    for tokens in (["a", "a"], ["a", "b", "a"], ["a", "b", "c", "b"]):
        service.tell(*map(page, tokens))
        error = ours.ask("lambda", "ListFunctions", {}, service.url)["error"]
        assert (error["cause"], error["code"], len(service.asked)) == ("Failed", "Pages", len(tokens))


def test_more_without_a_token_is_an_error(ours, theirs, service):
    """Half a list is no list."""
    service.tell(wire.answer(theirs.model("iam", "ListMFADevices"), "query", {"MFADevices": [], "IsTruncated": True}))
    error = ours.ask("iam", "ListMFADevices", {}, service.url)["error"]
    assert (error["cause"], error["code"]) == ("Failed", "Pages")


# Refusals


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: f"{refusal.operation}-{refusal.status}-{refusal.body[:60]!r}")
def test_refusals(refusal, ours, theirs, service, tally):
    name, call = refusal.operation.split(":")
    service.tell((refusal.status, refusal.headers, refusal.body.encode("latin-1")))
    parameters = asked.needed(theirs.model(name, call))
    code = refusal.code
    if code is None:
        code = theirs.ask(name, call, parameters, service.url)["error"]["code"]
        # Where there is only a status, the reader says so.
        code = f"Http{code}" if code.isdigit() else code
    service.tell(*service.answers)
    error = ours.ask(name, call, parameters, service.url)["error"]
    assert (error["code"], error["cause"], len(service.asked)) == (code, refusal.cause, refusal.asks), error
    tally["refusals"] += 1


def test_nobody_there(ours):
    error = ours.ask("iam", "ListMFADevices", {}, "http://127.0.0.1:9")["error"]
    assert (error["cause"], error["code"]) == ("Failed", "Connection")
