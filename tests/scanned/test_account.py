"""The reader against boto3 in an account on an emulator: every call that resource rows make there, and all other operations."""

import json

import pytest

import account
import asked
import estate
import rarities
import walk
from reader import differences, fields
from test_reader import dropped, is_by_design, token_paths


@pytest.fixture(scope="module")
def endpoint():
    with account.running() as url:
        rarities.add(estate.Estate(url).seed())
        yield url


def fit(shape, value):
    """Single values as lists where the operation takes lists."""
    if shape.type_name == "list":
        return [fit(shape.member, part) for part in (value if isinstance(value, list) else [value])]
    if shape.type_name == "structure" and isinstance(value, dict):
        return {key: fit(shape.members[key], part) for key, part in value.items()}
    return value


def test_documents_of_an_account(endpoint, models, ours, theirs, tally):
    known, wrong, met = {}, [], set()

    def ask(call, parameters):
        service, operation = call.split(":")
        model = theirs.model(service, operation)
        parameters = fit(model.input_shape, parameters) if model.input_shape else {}
        if service == "route53" and "ResourceId" in parameters:  # boto3 would send the path that is before it
            parameters["ResourceId"] = parameters["ResourceId"].rpartition("/")[2]
        if any(needed not in parameters for needed in (model.input_shape.required_members if model.input_shape else [])):
            return None
        key = json.dumps([call, parameters], sort_keys=True, default=str)  # a parameter may be a time
        if key not in known:
            known[key] = compare(service, operation, parameters)
        return known[key]

    def compare(service, operation, parameters):
        paths = [*token_paths(operation, service), *asked.tokens(theirs.model(service, operation).output_shape)]
        whole = lambda: theirs.whole(service, operation, parameters, endpoint)
        expected, found = whole(), ours.ask(service, operation, parameters, endpoint)
        for answer in (expected, found):
            dropped(answer.get("document"), paths)
        lines = set(differences(expected, found))
        if lines and "document" in expected:
            # The emulator may say another thing each time, such as what time it is.
            again = whole()
            dropped(again.get("document"), paths)
            restless = {line.split(":")[0] for line in differences(expected, again)}
            lines = {line for line in lines if line.split(":")[0] not in restless}
        if "document" not in expected:
            code = (expected["error"]["code"] or "").replace("Http", "")
            same = code == found.get("error", {}).get("code", "").replace("Http", "")
            # Where boto3 stops with an exception, or has no code, the emulator has gone wrong: it is enough that the reader says so.
            lines = set() if same or (not code and "error" in found) else {f"{found} instead of {expected}"}
            tally["real refusals"] += 1
        else:
            tally["real"] += 1
            tally["real fields"] += fields(expected["document"])
            met.add((service, operation))
        odd = [line for line in lines if not is_by_design(f"{service}:{operation}", line)]
        wrong.extend(f"{service}:{operation} {parameters}: {line}" for line in odd)
        return expected.get("document")

    walk.Walk(ask).everything()
    for service, model in models.items():
        for operation in model["operations"]:
            if (service, operation) not in met:
                ask(f"{service}:{operation}", asked.needed(theirs.model(service, operation)))
    tally["real operations"] = len(met)
    assert wrong == []
