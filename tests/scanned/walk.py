"""Goes through an account as the resource rows say, as far as it takes to know which calls there are to make.

What the engine does with the answers is none of this; here, a list is cut short, and facets are only read.
"""

import pathlib

import yaml

from reader import ACCOUNT

CATALOG = pathlib.Path(__file__).resolve().parents[2] / "catalog"
MANY = 3


def rows():
    """All rows, parents before their children."""
    found = {}
    for file in sorted(CATALOG.glob("*/resources.yaml")):
        found |= yaml.safe_load(file.read_text())
    depth = lambda row: 0 if "for" not in row.get("list", {}) else 1 + depth(found[row["list"]["for"]])
    return dict(sorted(found.items(), key=lambda entry: depth(entry[1])))


def reads():
    """Every read of every row."""
    for name, row in rows().items():
        described = row.get("describe", [])
        described = described if isinstance(described, list) else [described]
        for read in [*([row["list"]] if "list" in row else []), *described, *row.get("facets", {}).values()]:
            if not read["call"].startswith("code:"):
                yield name, read


def at(value, path):
    """The value at a dotted path; through lists it is the list of what is found."""
    for name in path.split(".") if path else ():
        if isinstance(value, list):
            value = [found for part in value if (found := at(part, name)) is not None]
            value = [one for part in value for one in (part if isinstance(part, list) else [part])]
        else:
            value = value.get(name) if isinstance(value, dict) else None
    return value


def value_of(source, document, region, each=None):
    if isinstance(source, list):
        return [value_of(part, document, region, each) for part in source]
    if isinstance(source, dict):
        return {key: value_of(part, document, region, each) for key, part in source.items()}
    if not isinstance(source, str):
        return source
    known = {"$account": ACCOUNT, "$region": region, "$partition": "aws", ".": each}
    if source in known:
        return known[source]
    return source[1:] if source.startswith("=") else at(document, source)


class Walk:
    """`ask` is given an operation and parameters, and gives the document, or `None`."""

    def __init__(self, ask, region="us-east-1"):
        self.ask, self.region, self.documents = ask, region, {}

    def everything(self):
        for name, row in rows().items():
            self.documents[name] = []
            for document in self.listed(row):
                described = row.get("describe", [])
                for read in described if isinstance(described, list) else [described]:
                    more = self.taken(read, document)
                    more = more[0] if isinstance(more, list) and more else more
                    document |= more if isinstance(more, dict) else {}
                # Facets may be read from others, in whichever order.
                for read in (*row.get("facets", {}).items(), *row.get("facets", {}).items()):
                    if read[0] not in document:
                        document[read[0]] = self.taken(read[1], document)
                self.documents[name].append(document)

    def listed(self, row):
        if "list" not in row:
            yield {}
            return
        read = row["list"]
        parents = self.documents[read["for"]] if "for" in read else [{}]
        for parent in parents:
            carried = {path.rpartition(".")[2]: at(parent, path) for path in read.get("carry", [])}
            for item in (self.taken(read, parent) or [])[:MANY]:
                yield carried | (item if isinstance(item, dict) else {read.get("as", "Item"): item})

    def taken(self, read, document):
        if read["call"].startswith("code:"):
            return None
        each = at(document, read["each"]) if "each" in read else [None]
        answers = []
        for one in (each if isinstance(each, list) else [each] if each is not None else [])[:MANY]:
            parameters = {key: value_of(source, document, self.region, one) for key, source in read.get("with", {}).items()}
            answers.append(self.ask(read["call"], {key: value for key, value in parameters.items() if value not in (None, [])}))
        taken = [at(answer, read.get("items") or read.get("take")) for answer in answers if answer is not None]
        return taken[0] if "each" not in read and taken else taken or None
