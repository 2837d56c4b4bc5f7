"""The two clients: Trailpost's reader as a process, and boto3, each asked alike and answering alike."""

import base64
import datetime
import json
import os
import pathlib
import subprocess
import urllib.parse

import boto3
import botocore
import botocore.config
import botocore.exceptions
import botocore.parsers
import botocore.response
import botocore.session

ROOT = pathlib.Path(__file__).resolve().parents[2]
ACCOUNT = "123456789012"
# What boto3 stops with where an answer is not what it expects.
UNREADABLE = (botocore.exceptions.BotoCoreError, botocore.parsers.ResponseParserError, AttributeError, KeyError, TypeError, ValueError)
KEYS = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}


def models():
    """The reader's models, by service."""
    files = sorted((ROOT / "catalog/models").glob("*.json"))
    return {file.stem: json.loads(file.read_text()) for file in files if file.stem != "partitions"}


class Reader:
    """`examples/read` of the reader's crate."""

    def __init__(self):
        build = ["cargo", "build", "--quiet", "--locked", "--package", "trailpost-aws", "--example", "read"]
        subprocess.run(build, cwd=ROOT, check=True)
        target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_") and "PROXY" not in name.upper()}
        self.process = subprocess.Popen(
            [target / "debug/examples/read"], env=kept, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def ask(self, service, operation, parameters=None, url=None, region="us-east-1"):
        question = {
            "operation": f"{service}:{operation}", "region": region, "account": ACCOUNT,
            "parameters": as_text(parameters or {}), "endpoint_url": url,
        }
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"the reader died of {question}"
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=10)


class Boto:
    """boto3, made to speak the protocol that the reader's model has."""

    def __init__(self, models):
        self.models, self.clients = models, {}
        session = botocore.session.Session()
        loader = session.get_component("data_loader")
        load = loader.load_service_model

        def chosen(service, kind, *more, **options):
            model = load(service, kind, *more, **options)
            if kind == "service-2" and service in models:
                protocol = models[service]["protocol"]
                model = model | {"metadata": model["metadata"] | {"protocol": protocol, "protocols": [protocol]}}
            return model

        loader.load_service_model = chosen
        self.session = boto3.session.Session(botocore_session=session)

    def client(self, service, url=None, region="us-east-1"):
        key = (service, url, region)
        if key not in self.clients:
            self.clients[key] = self.session.client(
                service, region_name=region, endpoint_url=url, **KEYS,
                config=botocore.config.Config(retries={"total_max_attempts": 1, "mode": "standard"}),
            )
            if url:
                self.clients[key].meta.events.register("before-send", lambda request, **_: straight_to(url, request))
        return self.clients[key]

    def model(self, service, operation):
        return self.client(service, "http://127.0.0.1:1").meta.service_model.operation_model(operation)

    def ask(self, service, operation, parameters=None, url=None, region="us-east-1"):
        """One page, in the words of the reader."""
        client = self.client(service, url, region)
        try:
            document = client._make_api_call(operation, parameters or {})
        except botocore.exceptions.ClientError as error:
            return {"error": {"code": error.response["Error"].get("Code")}}
        except UNREADABLE as error:
            return {"error": {"code": None, "message": f"{type(error).__name__}: {error}"}}
        return {"document": as_text({name: part for name, part in document.items() if name != "ResponseMetadata"})}


    def whole(self, service, operation, parameters, url):
        """All pages of an answer, in the words of the reader, but for what is about pages."""
        client, name = self.client(service, url), botocore.xform_name(operation)
        if not client.can_paginate(name):
            return self.ask(service, operation, parameters, url)
        first = []
        try:
            pages = client.get_paginator(name).paginate(**parameters)
            joined = pages.build_full_result()
            first = next(iter(pages))
        except botocore.exceptions.ClientError as error:
            return {"error": {"code": error.response["Error"].get("Code")}}
        except UNREADABLE as error:
            return {"error": {"code": None, "message": f"{type(error).__name__}: {error}"}}
        document = {key: part for key, part in first.items() if key != "ResponseMetadata"}
        for key in pages.result_keys:
            if (part := key.search(joined)) is not None:
                put(document, key.expression, part)
        return {"document": as_text(document)}


def put(value, path, part):
    *owners, name = path.split(".")
    for owner in owners:
        value = value.setdefault(owner, {})
    value[name] = part


def straight_to(url, request):
    """Takes away what stands before the host, which an address cannot have."""
    host = urllib.parse.urlsplit(url).netloc
    request.url = urllib.parse.urlsplit(request.url)._replace(netloc=host).geturl()


def as_text(value):
    """`value` as the AWS CLI prints it."""
    if isinstance(value, dict):
        return {str(key): as_text(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_text(part) for part in value]
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.timezone.utc).isoformat()
    if isinstance(value, botocore.response.StreamingBody):
        value = value.read()
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode()
    return value


def differences(expected, found, path=""):
    """Where two documents differ, a line each; numbers differ from texts, and whole numbers from others."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in expected.keys() | found.keys():
            here = f"{path}.{key}" if path else key
            if key not in found:
                yield f"{here}: missing, is {short(expected[key])}"
            elif key not in expected:
                yield f"{here}: added, {short(found[key])}"
            else:
                yield from differences(expected[key], found[key], here)
    elif isinstance(expected, list) and isinstance(found, list):
        if len(expected) != len(found):
            yield f"{path}: {len(found)} elements instead of {len(expected)}: {short(found)} instead of {short(expected)}"
        for index, (one, other) in enumerate(zip(expected, found)):
            yield from differences(one, other, f"{path}[{index}]")
    elif type(expected) is not type(found) or expected != found:
        yield f"{path}: {short(found)} instead of {short(expected)}"


def short(value):
    text = json.dumps(value, default=repr, ensure_ascii=False)
    return text if len(text) <= 120 else text[:117] + "..."


def fields(value):
    """How many texts, numbers and the like a document has."""
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 1 if parts is None else sum(fields(part) for part in parts)
