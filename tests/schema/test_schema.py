"""The schemas for editors, read by another validator: what is right validates, and what a schema can tell does not."""

import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
MISTAKES = ROOT / "tests/mistakes"
SAMPLES = ROOT / "tests/schema/samples"

# Mistakes of structure. What has to do with meaning (whether a search is used, a pattern compiles, a rule exists) no
# schema tells.
TOLD = """
    not-a-map wrong-document sigma-collection unknown-key wrong-shape title-missing unknown-severity unknown-word two-targets
    detection-missing condition-missing condition-empty condition-not-text empty-search empty-map empty-list nested-map
    nested-value path-brackets unknown-modifier test-verdict-missing each-not-list correlation-type row-name row-incomplete
    row-call row-batch row-items framework-incomplete
""".split()


class Loader(yaml.SafeLoader):
    """Plain scalars by the core schema of YAML 1.2, as the linter and editors read them."""


Loader.yaml_implicit_resolvers = {}
for tag, pattern, first in [
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+", list("-+0123456789")),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+\.[0-9]*)([eE][-+]?[0-9]+)?", list("-+.0123456789")),
]:
    Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^({pattern})$"), first)
# 0123 is a text to the linter, and a number in base 8 to PyYAML.
Loader.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(loader.construct_scalar(node)))


def documents(path):
    return [document for document in yaml.load_all(path.read_text(), Loader) if document is not None]


def kind(path):
    if path.name == "resources.yaml":
        return "resources"
    return "frameworks" if path.parent.name == "frameworks" else "rules"


@pytest.fixture(scope="module")
def validators():
    schemas = {name: json.loads((ROOT / f"docs/schema/{name}.json").read_text()) for name in ("rules", "resources", "frameworks")}
    for schema in schemas.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    return {name: jsonschema.Draft202012Validator(schema) for name, schema in schemas.items()}


def errors(validators, path):
    return [error.message[:300] for document in documents(path) for error in validators[kind(path)].iter_errors(document)]


def catalogue():
    places = ["*/checks/*.yaml", "*/signatures/*.yaml", "*/resources.yaml", "frameworks/*.yaml"]
    return sorted(path for place in places for path in (ROOT / "catalog").glob(place))


def test_the_catalogue_is_valid(validators):
    files = catalogue()
    assert len(files) > 1000
    wrong = {str(path.relative_to(ROOT)): found[:2] for path in files if (found := errors(validators, path))}
    assert wrong == {}


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.yml")), ids=lambda path: path.stem)
def test_rules_of_sigma_are_valid(validators, path):
    assert errors(validators, path) == []


@pytest.mark.parametrize("code", TOLD)
def test_what_a_schema_can_tell_is_not_valid(validators, code):
    folder = MISTAKES / code
    paths = list(folder.rglob("*.yaml")) if folder.is_dir() else [MISTAKES / f"{code}.yaml"]
    assert paths and all(errors(validators, path) for path in paths)


def test_a_warning_is_valid_all_the_same(validators):
    """A schema refuses no file that can be used."""
    page = (ROOT / "docs/diagnostics.md").read_text()
    warnings = re.findall(r"^\| `([a-z0-9-]+)`", page[page.index(" warnings\n"):], re.M)
    assert len(warnings) > 50
    # These files cannot be read by PyYAML, or hold no document.
    readable = [code for code in warnings if code not in {"empty-file", "byte-order-mark"}]
    wrong = {}
    for code in readable:
        folder = MISTAKES / code
        for path in folder.rglob("*.yaml") if folder.is_dir() else [MISTAKES / f"{code}.yaml"]:
            if found := errors(validators, path):
                wrong[code] = found[:2]
    assert wrong == {}
