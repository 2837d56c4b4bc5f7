"""The reader against boto3: every operation of the models, its requests and its documents, field by field."""

import re

import pytest

import asked
import reader
import stub
import wire
from reader import as_text, differences, fields

SERVICES = reader.models()
OPERATIONS = [(service, name) for service, model in SERVICES.items() for name in model["operations"]]

# What differs, and why it may: service and operation, what the difference looks like, the reason.
BY_DESIGN = [
    (
        r"route53:\w+",
        r"request\.path: ",
        "Route 53 gives ids with a path and takes them without; boto3 cuts the path from some of the parameters, the reader from all",
    ),
]
MET = set()


def is_by_design(operation, difference):
    for index, (who, what, _) in enumerate(BY_DESIGN):
        if re.fullmatch(who, operation) and re.match(what, difference):
            MET.add(index)
            return True
    return False


def page_of(name, service):
    """The page model of an operation: paths of its tokens, and of the lists that continue."""
    page = SERVICES[service]["operations"][name].get("page", {})
    listed = lambda key: [page[key]] if isinstance(page.get(key), str) else page.get(key, [])
    return {key: listed(key) for key in ("input_token", "output_token", "result_key", "more_results")}


def token_paths(name, service):
    page = page_of(name, service)
    return [path for token in page["output_token"] for path in token.split(" || ")] + page["more_results"]


def answers(model, protocol, leave_out):
    """Answers of an operation: full, with nothing in the lists and texts, and with as little as a service may send."""
    shape = model.output_shape
    full = wire.Made(leave_out).members(shape) if shape else {}
    yield "full", wire.answer(model, protocol, full)
    bare = {name: wire.emptied(shape.members[name], part) for name, part in full.items()}
    yield "emptied", wire.answer(model, protocol, bare)
    yield "nothing", (200, {}, b"") if protocol in ("rest-json", "rest-xml", "json") else wire.answer(model, protocol, {})
    if protocol in ("json", "rest-json"):
        yield "nulls", wire.answer(model, protocol, full, nulls=True)


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
