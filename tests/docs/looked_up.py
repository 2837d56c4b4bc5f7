"""Commands that install, build, deploy or test: other steps of `scripts/test` do that. Here what they name has to exist."""

import pathlib
import subprocess
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[2]


def cargo(words):
    manifests = [ROOT / "benches/Cargo.toml", *ROOT.glob("*/Cargo.toml"), *ROOT.glob("*/*/Cargo.toml")]
    packages = {}
    for manifest in manifests:
        packages[tomllib.loads(manifest.read_text())["package"]["name"]] = manifest.parent
    if words[:1] == ["run"] and pathlib.Path.cwd().name == "benches":
        return
    if words[:1] == ["deny"] or words == ["build", "--release"]:
        return
    if "--example" in words:
        package, example = (words[words.index(option) + 1] for option in ("-p", "--example"))
        assert (packages[package] / "examples" / f"{example}.rs").exists(), f"{package} has no example {example}"
        return
    assert words[:2] == ["test", "-p"], f"cargo {' '.join(words)}: nothing here says what that is"
    package = packages[words[2]]
    if "--test" in words:
        target = words[words.index("--test") + 1]
        places = [package / "tests" / f"{target}.rs", package / "tests" / target, package / f"{target}.rs", package / target]
        assert any(place.exists() for place in places), f"{package} has no test target {target}"


def sam(words):
    verbs = [word for word in words if not word.startswith("-")]
    depth = 2 if words[0] in ("remote", "local", "list") else 1
    told = subprocess.run([ROOT / ".venv/bin/sam", *verbs[:depth], "--help"], capture_output=True, text=True, check=True)
    for word in words:
        assert not word.startswith("--") or word.split("=")[0] in told.stdout, f"sam has no option {word}"


def package(words):
    template = (ROOT / "template.yaml").read_text()
    assert f"AllowedValues: [{words[0]}" in template or f", {words[0]}]" in template, f"no such architecture: {words[0]}"


def pip(words):
    assert words[:1] == ["install"]
    pinned = "".join(path.read_text() for path in ROOT.glob("tests/*/requirements*.txt"))
    for package in words[1:]:
        assert f"\n{package}==" in f"\n{pinned}", f"{package} is not among the pinned packages"


def rustup(words):
    assert words[:2] == ["target", "add"]


def python(words):
    compile((ROOT / words[0]).read_text(), words[0], "exec")


def mdbook(words):
    assert words[:1] in (["serve"], ["build"]) and words[1:] == ["target/book"]


if __name__ == "__main__":
    globals()[sys.argv[1]](sys.argv[2:])
