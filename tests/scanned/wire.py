"""Parameters and answers made up from botocore's shapes, and answers as a service of each protocol would send them."""

import base64
import datetime
import email.utils
import json
import re
import xml.sax.saxutils as sax

EPOCH = datetime.datetime(2026, 1, 15, 10, 0, 0, tzinfo=datetime.timezone.utc)
XML = ("query", "ec2", "rest-xml")


class Made:
    """Made-up values: each differs from all others, so that a value in the wrong place is seen."""

    def __init__(self, leave_out=(), lists=2, plain=False):
        self.leave_out, self.lists, self.plain, self.count = set(leave_out), lists, plain, 0

    def members(self, shape, depth=0, inside=(), path=""):
        """The members of a structure, but those left out by their path, and those that go in circles."""
        made = {}
        for name, member in shape.members.items():
            if path + name in self.leave_out or inside.count(member.name) > 1:
                continue
            made[name] = self.value(member, depth + 1, inside, f"{path}{name}.")
            if shape.is_tagged_union:  # one member, and no other
                break
        return made

    def value(self, shape, depth=0, inside=(), path=""):
        self.count += 1
        number = self.count
        kind = shape.type_name
        if kind == "structure":
            if shape.is_document_type:
                return {"free": [number, "text", {"deeper": None}]}
            return self.members(shape, depth, (*inside, shape.name), path)
        if kind == "list":
            if inside.count(shape.member.name) > 1:
                return []
            # Lists of lists of lists grow without teaching more.
            return [self.value(shape.member, depth + 1, inside, path) for _ in range(self.lists if depth < 8 else 1)]
        if kind == "map":
            if inside.count(shape.value.name) > 1:
                return {}
            keys = list(getattr(shape.key, "enum", []))[:2] or [f"key-{number}", f"Key {number}"]
            return {key: self.value(shape.value, depth + 1, inside, path) for key in keys}
        if kind in ("string", "character"):
            return self.text(shape, number)
        if kind == "blob":
            return bytes([number % 256, 0, 255, 10]) + b"blob"
        if kind == "boolean":
            return number % 2 == 0
        if kind == "integer":
            return self.ranged(shape, number)
        if kind == "long":
            return self.ranged(shape, number if self.plain else 2**53 + number)
        if kind in ("float", "double"):
            return [0.5, 3.0, -2.25e-7][number % 3] + number
        if kind == "timestamp":
            micros = 0 if self.plain else [0, 250_000, 123_000][number % 3]
            return EPOCH + datetime.timedelta(minutes=number, microseconds=micros)
        raise AssertionError(f"no value for {kind}")

    def text(self, shape, number):
        if shape.name == "policyDocumentType" and not self.plain:
            return "%7B%22Version%22%3A%20%222012-10-17%22%2C%20%22Statement%22%3A%20%5B%22a%2Bb%20%26%22%5D%7D"
        if enum := getattr(shape, "enum", None):
            return enum[number % len(enum)]
        text = f"v{number}" if self.plain else f" v{number} <é&\"'> 😀 a+b%20 "
        return text.ljust(int(shape.metadata.get("min", 0) or 0), "0")

    def ranged(self, shape, number):
        low, high = shape.metadata.get("min"), shape.metadata.get("max")
        if not self.plain:
            return number
        number = max(number, int(low)) if low is not None else number
        return min(number, int(high)) if high is not None else number


def emptied(shape, value):
    """The same with nothing in it: no elements, no text; numbers, times and the like stay."""
    if isinstance(value, dict):
        if shape.type_name == "map" or (shape.type_name == "structure" and shape.is_document_type):
            return {}
        return {name: emptied(shape.members[name], part) for name, part in value.items()}
    if isinstance(value, list):
        return []
    return "" if isinstance(value, str) and not getattr(shape, "enum", None) else value


def wire_name(member, name):
    return member.serialization.get("name", name)


def is_in_body(member):
    return member.serialization.get("location") not in ("header", "headers", "statusCode")


def moment(member, value, usual):
    wanted = member.serialization.get("timestampFormat", usual).lower()
    if wanted == "unixtimestamp":
        stamp = value.timestamp()
        # Some services give more digits than there are in the documents.
        return int(stamp) if stamp == int(stamp) else stamp + 5e-7
    if wanted == "rfc822":
        return email.utils.format_datetime(value.replace(microsecond=0), usegmt=True)
    text = value.strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{value.microsecond // 1000:03}Z" if value.microsecond else f"{text}Z"


# JSON


def as_json(shape, value, nulls=False):
    """`value` on the wire; with `nulls` what is no structure is null, and structures have members that no model has."""
    kind = shape.type_name
    if kind == "structure" and not shape.is_document_type:
        kept = {name: part for name, part in value.items() if is_in_body(shape.members[name])}
        nulls = nulls and not shape.is_tagged_union
        made = {wire_name(shape.members[name], name): as_json(shape.members[name], part, nulls) for name, part in kept.items()}
        return made | {"new-since": {"the": "model"}} if nulls else made
    if kind == "list":
        return [as_json(shape.member, part, nulls) for part in value]
    if kind == "map":
        return {key: as_json(shape.value, part) for key, part in value.items()}
    if nulls:
        return None
    if kind == "timestamp":
        return moment(shape, value, "unixTimestamp")
    if kind == "blob":
        return base64.b64encode(value).decode()
    return value


# XML


def element(name, inner, attributes=""):
    return f"<{name}{attributes}>{inner}</{name}>"


def attributes_of(shape, value):
    """Attributes, and the namespaces that these need."""
    text = ""
    for name, member in shape.members.items():
        if member.serialization.get("xmlAttribute") and name in value:
            full = wire_name(member, name)
            if ":" in full:
                prefix = full.split(":")[0]
                text += f' xmlns:{prefix}="http://www.w3.org/2001/XMLSchema-instance"'
            text += f" {full}={sax.quoteattr(value[name])}"
    return text


def xml_members(shape, value):
    text = ""
    for name, part in value.items():
        member = shape.members[name]
        if is_in_body(member) and not member.serialization.get("xmlAttribute"):
            text += xml_member(member, wire_name(member, name), part)
    return text


def xml_member(member, name, value):
    flat = member.serialization.get("flattened")
    if member.type_name == "list" and flat:
        name = member.member.serialization.get("name", name)
        return "".join(xml_member(member.member, name, part) for part in value)
    if member.type_name == "list":
        inner = member.member.serialization.get("name", "member")
        return element(name, "".join(xml_member(member.member, inner, part) for part in value))
    if member.type_name == "map":
        key, inner = member.key.serialization.get("name", "key"), member.value.serialization.get("name", "value")
        entries = [xml_member(member.key, key, one) + xml_member(member.value, inner, part) for one, part in value.items()]
        if flat:
            return "".join(element(name, entry) for entry in entries)
        return element(name, "".join(element("entry", entry) for entry in entries))
    if member.type_name == "structure":
        return element(name, xml_members(member, value), attributes_of(member, value))
    return element(name, sax.escape(xml_text(member, value)))


def xml_text(shape, value):
    if shape.type_name == "boolean":
        return "true" if value else "false"
    if shape.type_name == "timestamp":
        return str(moment(shape, value, "iso8601"))
    if shape.type_name == "blob":
        return base64.b64encode(value).decode()
    return str(value)


def xml_root(name, inner, namespace="", attributes=""):
    space = f' xmlns="{namespace}"' if namespace else ""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{element(name, inner, space + attributes)}'.encode()


def rewritten(answer):
    """The same XML in other words: on many lines, its text in CDATA, its names with a prefix."""
    status, headers, body = answer
    text = body.decode()
    text = re.sub(r"(</[^>]+>|<[^/!?][^>]*[^/]>)(?=<[^/])|(</[^>]+>)(?=<)", lambda found: found.group(0) + "\n  ", text)
    text = text.replace("&lt;é&amp;\"'&gt;", "<![CDATA[<é&\"'>]]>")
    text = re.sub(r"<(/?)([A-Za-z])", r"<\1n:\2", text).replace("xmlns=", "xmlns:n=", 1)
    return status, headers, text.encode()


# Whole answers


def header_text(member, value):
    if member.type_name == "timestamp":
        return str(moment(member, value, "rfc822"))
    if member.type_name == "boolean":
        return "true" if value else "false"
    if member.type_name == "list":
        return ", ".join(header_text(member.member, part) for part in value)
    # Headers are ASCII; botocore and the reader trim alike what surrounds them.
    return str(value).encode("ascii", "ignore").decode().strip()


def headers_of(shape, value):
    headers = {}
    for name, part in value.items():
        member = shape.members[name]
        location = member.serialization.get("location")
        if location == "header":
            headers[wire_name(member, name)] = header_text(member, part)
        elif location == "headers":
            for key, one in part.items():
                headers[wire_name(member, name) + key.replace(" ", "-")] = header_text(member.value, one)
    return headers


def answer(model, protocol, value, nulls=False):
    """Status, headers and body of a success with `value`, as real services write them."""
    shape = model.output_shape
    namespace = model.metadata.get("xmlNamespace") or f"https://{model.service_model.service_name}.amazonaws.com/doc/"
    if protocol in ("query", "ec2"):
        inner = xml_members(shape, value) if shape else ""
        if protocol == "ec2":
            inner = "<requestId>r-1</requestId>" + inner
        else:
            if shape and (wrapper := shape.serialization.get("resultWrapper")):
                inner = element(wrapper, inner)
            inner += "<ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata>"
        return 200, {"Content-Type": "text/xml"}, xml_root(f"{model.name}Response", inner, namespace)
    if protocol == "json":
        headers = {"Content-Type": f"application/x-amz-json-{model.metadata.get('jsonVersion', '1.0')}"}
        return 200, headers, json.dumps(as_json(shape, value, nulls) if shape else {}).encode()
    headers = {"Content-Type": "application/json" if protocol == "rest-json" else "application/xml"}
    if shape is None:
        return 200, headers, b""
    headers |= headers_of(shape, value)
    if payload := shape.serialization.get("payload"):
        if payload not in value:
            return 200, headers, b""
        member, part = shape.members[payload], value[payload]
        if member.type_name == "blob":
            return 200, headers, part
        if member.type_name == "string":
            return 200, headers, part.encode()
        if protocol == "rest-json":
            return 200, headers, json.dumps(as_json(member, part, nulls)).encode()
        name = wire_name(member, payload)
        return 200, headers, xml_root(name, xml_members(member, part), namespace, attributes_of(member, part))
    if protocol == "rest-json":
        return 200, headers, json.dumps(as_json(shape, value, nulls)).encode()
    name = shape.serialization.get("name", f"{model.name}Result")
    return 200, headers, xml_root(name, xml_members(shape, value), namespace)



def is_xml(model):
    """Whether the body of an answer in one of the XML protocols is XML."""
    shape = model.output_shape
    payload = shape.serialization.get("payload") if shape else None
    return shape is not None and not (payload and shape.members[payload].type_name in ("blob", "string"))
