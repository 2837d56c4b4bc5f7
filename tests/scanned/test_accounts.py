"""`trailpost scan` into accounts: profiles, roles, an organization, the environment; each account has one bucket of its own."""

import json
import os
import pathlib
import subprocess

import boto3
import pytest

import account
from gate import Gate
from reader import ROOT

OWN = "123456789012"  # whose keys are nobody's, on the emulator
ONE, TWO = "111111111111", "222222222222"
CHECK = "s3-bucket-versioning-off"
KEYS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}


@pytest.fixture(scope="session")
def command():
    build = ["cargo", "build", "--quiet", "--locked", "--package", "trailpost"]
    subprocess.run(build, cwd=ROOT, check=True)
    return pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug/trailpost"


@pytest.fixture(scope="module")
def emulator():
    with account.running() as endpoint:
        yield endpoint


@pytest.fixture(scope="module")
def organization(emulator):
    """An organization of three accounts, one of them closed."""
    client = connect(emulator, OWN)("organizations")
    client.create_organization(FeatureSet="ALL")
    made = [client.create_account(Email=f"{name}@example.com", AccountName=name) for name in ("works", "closed")]
    works, closed = [answer["CreateAccountStatus"]["AccountId"] for answer in made]
    client.close_account(AccountId=closed)
    for member in (works, closed):
        seed(emulator, member)
    return works, closed


@pytest.fixture(scope="module", autouse=True)
def buckets(emulator):
    for member in (OWN, ONE, TWO):
        seed(emulator, member)


@pytest.fixture
def gate(emulator):
    with Gate(emulator) as gate:
        yield gate


def connect(endpoint, member):
    """Clients for an account."""
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    common = {"region_name": "us-east-1", "endpoint_url": endpoint}
    if member != OWN:
        role = {"RoleArn": f"arn:aws:iam::{member}:role/seed", "RoleSessionName": "seed"}
        given = boto3.client("sts", **common, **keys).assume_role(**role)["Credentials"]
        keys = {
            "aws_access_key_id": given["AccessKeyId"],
            "aws_secret_access_key": given["SecretAccessKey"],
            "aws_session_token": given["SessionToken"],
        }
    return lambda service: boto3.client(service, **common, **keys)


def seed(endpoint, member):
    connect(endpoint, member)("s3").create_bucket(Bucket=f"bucket-{member}")


class Ran:
    def __init__(self, process):
        self.code, self.out, self.err = process.returncode, process.stdout, process.stderr
        self.rows = [json.loads(line) for line in process.stdout.splitlines()]
        self.found = sorted((row["account"], row["resource"]) for row in self.rows)

    def __repr__(self):
        return f"exit code {self.code}\n{self.out}\n{self.err}"


@pytest.fixture
def scan(command, tmp_path):
    def run(*arguments, **environment):
        # Nothing of ours, and no credentials of a machine.
        kept = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "AWS_EC2_METADATA_DISABLED": "true"}
        line = [command, "scan", "--check", CHECK, "--store", f"sqlite:{tmp_path}/s.db", "-o", "ndjson", *arguments]
        process = subprocess.run(line, env=kept | environment, cwd=tmp_path, text=True, capture_output=True, timeout=300)
        return Ran(process)

    return run


def bucket(member):
    return member, f"arn:aws:s3:::bucket-{member}"


def test_the_environment_names_keys_and_endpoint(emulator, scan):
    ran = scan(**KEYS, AWS_ENDPOINT_URL=emulator)
    assert ran.found == [bucket(OWN)], ran
    assert ran.code == 1
    assert "of 1 account with" in ran.err


def test_one_service_may_have_an_endpoint_of_its_own(emulator, gate, scan):
    gate.closed = {ONE}
    roles = ("--account", ONE, "--role", "reader")
    assert scan(*roles, **KEYS, AWS_ENDPOINT_URL=emulator).found == [bucket(ONE)]
    closed = scan(*roles, **KEYS, AWS_ENDPOINT_URL=emulator, AWS_ENDPOINT_URL_STS=gate.url)
    assert closed.code == 3, closed
    assert f"account {ONE} cannot be entered" in closed.err
    assert "--external-id" in closed.err


def test_without_keys_there_is_a_remedy(emulator, scan):
    ran = scan(AWS_ENDPOINT_URL=emulator)
    assert (ran.code, ran.out) == (3, ""), ran
    assert "sign in, or name a profile with --profile" in ran.err


def test_an_endpoint_at_which_nobody_listens_is_not_blamed_on_the_credentials(scan):
    ran = scan("--endpoint-url", "http://127.0.0.1:1", **KEYS)
    assert (ran.code, ran.out) == (3, ""), ran
    assert "AWS cannot be reached: " in ran.err
    assert "credentials" not in ran.err


@pytest.fixture
def profiles(emulator, gate, tmp_path):
    """Profiles with keys, with keys in the other file, and with a role; each with the endpoint."""
    user = connect(emulator, TWO)("iam")
    user.create_user(UserName="reader")
    key = user.create_access_key(UserName="reader")["AccessKey"]
    config = f"""
[profile own]
aws_access_key_id = testing
aws_secret_access_key = testing
endpoint_url = {gate.url}
region = us-east-1

[profile one]
role_arn = arn:aws:iam::{ONE}:role/ops/reader
source_profile = own
external_id = of-the-profile
endpoint_url = {gate.url}

[profile two]
region = eu-west-1
endpoint_url = {gate.url}
"""
    (tmp_path / "config").write_text(config)
    text = f"[two]\naws_access_key_id = {key['AccessKeyId']}\naws_secret_access_key = {key['SecretAccessKey']}\n"
    (tmp_path / "credentials").write_text(text)
    yield {"AWS_CONFIG_FILE": str(tmp_path / "config"), "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials")}
    user.delete_access_key(UserName="reader", AccessKeyId=key["AccessKeyId"])
    user.delete_user(UserName="reader")


def test_each_profile_is_an_account(gate, profiles, scan):
    ran = scan("--profile", "own", "--profile", "one", "--profile", "two", **profiles)
    assert ran.found == sorted([bucket(OWN), bucket(ONE), bucket(TWO)]), ran
    assert [asked["ExternalId"] for asked in gate.asked] == ["of-the-profile"]
    assert "of 3 accounts with" in ran.err


def test_the_environment_may_name_the_profile(profiles, scan):
    assert scan(AWS_PROFILE="two", **profiles).found == [bucket(TWO)]
    assert scan("--profile", "own", AWS_PROFILE="two", **profiles).found == [bucket(OWN)]


def test_a_profile_that_is_typed_goes_before_keys_of_the_environment(gate, profiles, scan):
    assert scan(AWS_PROFILE="two", AWS_ENDPOINT_URL=gate.url, **KEYS, **profiles).found == [bucket(OWN)]
    assert scan("--profile", "two", **KEYS, **profiles).found == [bucket(TWO)]
    assert scan("--profile", "one", "--profile", "two", **KEYS, **profiles).found == [bucket(ONE), bucket(TWO)]
    nobody = scan("--profile", "nobody", **KEYS, **profiles)
    assert (nobody.code, nobody.out) == (3, ""), nobody
    assert "profile nobody: " in nobody.err


def test_an_endpoint_of_the_environment_goes_before_that_of_the_profile(emulator, gate, profiles, scan):
    gate.closed = {ONE}
    assert scan("--profile", "one", **profiles).code == 3
    assert scan("--profile", "one", AWS_ENDPOINT_URL=emulator, **profiles).found == [bucket(ONE)]
    # As with the AWS CLI, one that is typed does not count for the credentials of the profile itself.
    roles = ("--account", ONE, "--role", "reader")
    assert scan("--profile", "own", *roles, **profiles).code == 3
    assert scan("--profile", "own", *roles, "--endpoint-url", emulator, **profiles).found == [bucket(ONE)]


def test_a_profile_without_a_way_in_is_left_out_and_said(gate, profiles, scan):
    gate.closed = {ONE}
    ran = scan("--profile", "own", "--profile", "one", "--profile", "nobody", **profiles)
    assert ran.found == [bucket(OWN)], ran
    assert "profile one is left out: " in ran.err
    assert "profile nobody is left out: " in ran.err
    # What was seen may be clean; the scan is not.
    high = scan("--profile", "own", "--profile", "one", "--fail-on", "high", **profiles)
    assert high.code == 2, high
    only = scan("--profile", "nobody", **profiles)
    assert only.code == 3, only
    none = scan("--profile", "one", "--profile", "nobody", **profiles)
    assert none.code == 3, none
    assert "there is no account that can be scanned" in none.err


def test_a_role_is_assumed_in_each_account(gate, scan):
    ran = scan(
        "--account", ONE, "--account", TWO, "--account", OWN, "--role", "ops/reader", "--external-id", "secret",
        "--endpoint-url", gate.url, **KEYS,
    )
    assert ran.found == sorted([bucket(ONE), bucket(TWO), bucket(OWN)]), ran
    assert {asked["RoleArn"] for asked in gate.asked} == {f"arn:aws:iam::{member}:role/ops/reader" for member in (ONE, TWO)}
    assert {asked["ExternalId"] for asked in gate.asked} == {"secret"}
    assert {asked["RoleSessionName"] for asked in gate.asked} == {"trailpost"}


def test_a_role_by_its_arn_leads_into_its_own_account_only(gate, scan):
    role = ("--role", f"arn:aws:iam::{ONE}:role/reader", "--endpoint-url", gate.url)
    assert scan("--account", ONE, *role, **KEYS).found == [bucket(ONE)]
    wrong = scan("--account", ONE, "--account", TWO, *role, **KEYS)
    assert (wrong.code, wrong.out) == (3, ""), wrong
    assert f"does not lead into account {TWO}" in wrong.err


@pytest.mark.parametrize("region", [(), ("--region", "us-east-1")], ids=["all regions", "one region"])
def test_an_account_that_cannot_be_entered_is_left_out_and_said(gate, scan, region):
    gate.closed = {ONE}
    roles = ("--role", "reader", "--endpoint-url", gate.url, *region)
    ran = scan("--account", ONE, "--account", TWO, *roles, **KEYS)
    assert ran.found == [bucket(TWO)], ran
    assert f"account {ONE} is left out: " in ran.err
    assert "AccessDenied" in ran.err
    assert scan("--account", ONE, "--account", TWO, "--fail-on", "high", *roles, **KEYS).code == 2
    alone = scan("--account", ONE, *roles, **KEYS)
    assert (alone.code, alone.out) == (3, ""), alone
    assert f"account {ONE} cannot be entered: " in alone.err
    gate.closed = {ONE, TWO}
    none = scan("--account", ONE, "--account", TWO, *roles, **KEYS)
    assert (none.code, none.out) == (3, ""), none


def test_the_accounts_of_the_organization(organization, gate, scan):
    works, closed = organization
    ran = scan("--org", "--role", "reader", "--endpoint-url", gate.url, **KEYS)
    assert ran.found == sorted([bucket(OWN), bucket(works)]), ran
    assert {asked["RoleArn"] for asked in gate.asked} == {f"arn:aws:iam::{works}:role/reader"}
    gate.closed = {works}
    ran = scan("--org", "--role", "reader", "--endpoint-url", gate.url, **KEYS)
    assert ran.found == [bucket(OWN)], ran
    assert f"account {works} (works) is left out: " in ran.err


def test_an_organization_that_may_not_be_listed(gate, scan):
    gate.denied = {"ListAccounts"}
    ran = scan("--org", "--role", "reader", "--endpoint-url", gate.url, **KEYS)
    assert (ran.code, ran.out) == (3, ""), ran
    assert "use the management account or a delegated administrator" in ran.err


def test_a_region_that_does_not_exist_is_refused(emulator, scan):
    ran = scan("--region", "eu-west-9", **KEYS, AWS_ENDPOINT_URL=emulator)
    assert (ran.code, ran.out) == (3, ""), ran
    assert f"region eu-west-9 is not switched on in account {OWN}" in ran.err
