"""Parameters for an operation, made up from its input shape."""

import re

from reader import ACCOUNT
from wire import Made

TOKEN = re.compile(r"(?i)(next|start|continuation)token|(next|exclusivestart)?marker|istruncated|hasmore\w*|exclusivestart\w*|next\w+|cursor")


def tokens(shape, page_paths=()):
    """The paths of members that lead to further pages."""
    found = set(page_paths)
    for name, member in (shape.members if shape else {}).items():
        if TOKEN.fullmatch(name) and member.type_name in ("string", "boolean"):
            found.add(name)
        if member.type_name == "structure":
            found |= {
                f"{name}.{inner}" for inner, one in member.members.items() if TOKEN.fullmatch(inner) and one.type_name in ("string", "boolean")
            }
    return found


class Parameters(Made):
    """Values that boto3 lets pass, with what is hard to encode wherever the place allows it."""

    def text(self, shape, number):
        if enum := getattr(shape, "enum", None):
            return enum[number % len(enum)]
        location = shape.serialization.get("location")
        if shape.serialization.get("hostLabel") or shape.name == "AccountId":
            return ACCOUNT
        if shape.name == "BucketName":
            return f"bucket-{number}"
        if location == "header":
            text = f"v{number} a+b/c=d"
        elif location == "uri":
            text = f"v{number}:a b+c~é%/d"
        else:
            text = f" v{number} <é&\"'>/+=%20 "
        low, high = int(shape.metadata.get("min", 0) or 0), int(shape.metadata.get("max", 0) or 10**6)
        return text.ljust(low, "0")[: max(high, 1)]


def every(model):
    """All that can be asked, but for further pages."""
    return _made(model.input_shape, tokens(model.input_shape))


def needed(model):
    """Only what has to be given."""
    shape = model.input_shape
    return _made(shape, set(shape.members) - set(shape.required_members)) if shape else {}


def nothing_in_it(model):
    """Lists and maps without elements, but where boto3 insists on some."""
    return {name: _hollow(model.input_shape.members[name], part) for name, part in every(model).items()}


def variants(model):
    return every(model), every(model), needed(model), nothing_in_it(model), every(model)


def _hollow(shape, value):
    least = int(shape.metadata.get("min", 0) or 0)
    if isinstance(value, list):
        return [] if not least else value
    if isinstance(value, dict):
        if shape.type_name == "map":
            return {} if not least else value
        return {name: _hollow(shape.members[name], part) for name, part in value.items()}
    return value


def _made(shape, leave_out):
    return Parameters(leave_out, plain=True).members(shape) if shape else {}
