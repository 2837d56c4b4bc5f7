"""The template's promises, and that it and the code say the same. Needs no emulator."""

import fnmatch
import json
import pathlib
import re

import pytest
import yaml
from samcli.yamlhelper import yaml_parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
TEMPLATE = yaml_parse((ROOT / "template.yaml").read_text())
RESOURCES = TEMPLATE["Resources"]
FORTNIGHT = 14 * 24 * 3600


def of_type(kind):
    return {name: resource["Properties"] for name, resource in RESOURCES.items() if resource["Type"] == kind}


FUNCTIONS = of_type("AWS::Serverless::Function")
QUEUES = of_type("AWS::SQS::Queue")
RULES = of_type("AWS::Events::Rule")
TABLES = of_type("AWS::DynamoDB::Table")
TOPICS = of_type("AWS::SNS::Topic")
ALARMS = of_type("AWS::CloudWatch::Alarm")
MAPPINGS = [
    (function, event)
    for function, properties in FUNCTIONS.items()
    for event in properties.get("Events", {}).values()
]


def target(reference):
    """The logical id that a Ref or GetAtt names."""
    value = reference.get("Ref") or reference["Fn::GetAtt"]
    return value[0] if isinstance(value, list) else value


def rows(things):
    return pytest.mark.parametrize("name", sorted(things))


# -- nothing is lost


@rows(QUEUES)
def test_queues_have_a_place_for_what_fails(name):
    queue = QUEUES[name]
    assert queue["MessageRetentionPeriod"] == FORTNIGHT
    assert queue["SqsManagedSseEnabled"] is True
    if redrive := queue.get("RedrivePolicy"):
        assert target(redrive["deadLetterTargetArn"]) in QUEUES
        assert 3 <= redrive["maxReceiveCount"] <= 5
    else:
        # Nothing reads it but people, and it says whose dead letters it takes.
        assert all(target(event["Properties"]["Queue"]) != name for _, event in MAPPINGS if event["Type"] == "SQS")
        assert queue["RedriveAllowPolicy"]["redrivePermission"] in ("byQueue", "denyAll")


@rows(RULES)
def test_rule_targets_retry_for_a_day_and_then_keep_the_event(name):
    for rule_target in RULES[name]["Targets"]:
        assert rule_target["RetryPolicy"] == {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185}
        assert target(rule_target["DeadLetterConfig"]["Arn"]) in QUEUES


@rows(of_type("AWS::Scheduler::Schedule"))
def test_schedules_have_a_place_for_what_fails(name):
    schedule = RESOURCES[name]["Properties"]["Target"]
    assert target(schedule["DeadLetterConfig"]["Arn"]) in QUEUES
    json.loads(schedule["Input"])


@rows(FUNCTIONS)
def test_asynchronous_failures_are_told(name):
    failure = FUNCTIONS[name]["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]
    assert failure["Type"] == "SQS" and target(failure["Destination"]) in QUEUES


def test_mappings_fail_by_record():
    kinds = set()
    for function, event in MAPPINGS:
        kinds.add(event["Type"])
        mapping = event["Properties"]
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        if event["Type"] == "SQS":
            queue = QUEUES[target(mapping["Queue"])]
            wait = mapping["MaximumBatchingWindowInSeconds"] + 6 * FUNCTIONS[function]["Timeout"]
            assert queue["VisibilityTimeout"] >= wait
            assert mapping["ScalingConfig"]["MaximumConcurrency"]
        else:
            assert mapping["BisectBatchOnFunctionError"] is True
            assert mapping["MaximumRecordAgeInSeconds"] > 0 and mapping["MaximumRetryAttempts"] >= 0
            assert target(mapping["DestinationConfig"]["OnFailure"]["Destination"]) in QUEUES
    assert kinds == {"SQS", "DynamoDB"}


@rows(TABLES)
def test_tables_survive_the_stack(name):
    resource, table = RESOURCES[name], TABLES[name]
    assert resource["DeletionPolicy"] == resource["UpdateReplacePolicy"] == "Retain"
    assert table["DeletionProtectionEnabled"] is True
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["SSESpecification"] == {"SSEEnabled": True}
    assert table["TimeToLiveSpecification"]["Enabled"] is True


@rows(TOPICS)
def test_topics_are_encrypted(name):
    assert TOPICS[name]["KmsMasterKeyId"]


# -- what fails is told


def metrics_with_alarm(name):
    """The metrics of the resource that raise an alarm."""
    return {
        alarm["MetricName"]
        for alarm in ALARMS.values()
        for dimension in alarm["Dimensions"]
        if name in json.dumps(dimension["Value"]) and dimension["Name"] != "EventBusName"
    }


@rows(ALARMS)
def test_alarms_go_to_the_topic_that_no_function_serves(name):
    alarm = ALARMS[name]
    assert alarm["AlarmActions"] == [{"Ref": "OpsAlarms"}]
    assert alarm["AlarmDescription"] and alarm["TreatMissingData"] in ("notBreaching", "breaching")
    assert "OpsAlarms" not in json.dumps([role for role in of_type("AWS::IAM::Role").values()])


@rows(QUEUES)
def test_queues_have_an_alarm(name):
    metric = "ApproximateAgeOfOldestMessage" if "RedrivePolicy" in QUEUES[name] else "ApproximateNumberOfMessagesVisible"
    exact = [alarm for alarm in ALARMS.values() if {"Fn::GetAtt": [name, "QueueName"]} in [d["Value"] for d in alarm["Dimensions"]]]
    assert metric in {alarm["MetricName"] for alarm in exact}


def asynchronous(name):
    """Whether nothing but schedules wakes the function, and what fails for good lies in a queue with an alarm."""
    return not FUNCTIONS[name].get("Events")


@rows(FUNCTIONS)
def test_a_function_that_fails_is_told_by_its_errors_or_by_the_queue_of_what_failed(name):
    queue = target(FUNCTIONS[name]["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]["Destination"])
    told = {target(a["Dimensions"][0]["Value"]) for a in ALARMS.values() if a["MetricName"] == "ApproximateNumberOfMessagesVisible"}
    assert "Errors" in metrics_with_alarm(name) or (asynchronous(name) and queue in told)


@rows(FUNCTIONS)
def test_a_function_that_may_not_run_is_told_by_what_waits_for_it(name):
    told = metrics_with_alarm(name)
    if asynchronous(name):
        assert "Heartbeat" in metrics_with_alarm("DetectFunction") or name != "HealthFunction"
        assert FUNCTIONS[name]["EventInvokeConfig"].get("MaximumEventAgeInSeconds", 0) <= 3600 or "Errors" in told
    for function, event in MAPPINGS:
        if function == name and event["Type"] == "DynamoDB":
            assert "IteratorAge" in told
        elif function == name:
            # Others share the account's concurrency with DETECT; that a scan waits is told late.
            queue = target(event["Properties"]["Queue"])
            (age,) = [a for a in ALARMS.values() if a["MetricName"] == "ApproximateAgeOfOldestMessage" and target(a["Dimensions"][0]["Value"]) == queue]
            assert age["Threshold"] + age["Period"] * age["EvaluationPeriods"] <= 3600 or "Throttles" in told
    assert "Throttles" in metrics_with_alarm("DetectFunction")


def test_a_table_that_refuses_is_told_by_every_function_that_uses_tables():
    words = '"a table refuses"'
    assert words in (ROOT / "shared/store/src/dynamodb/failure.rs").read_text()
    filters = [f for f in of_type("AWS::Logs::MetricFilter").values() if words in f["FilterPattern"]]
    roles = of_type("AWS::IAM::Role")
    users = {name for name, function in FUNCTIONS.items() if "dynamodb:" in json.dumps(roles[target(function["Role"])])}
    assert {f["LogGroupName"]["Ref"] for f in filters} == {target(FUNCTIONS[name]["LoggingConfig"]["LogGroup"]) for name in users}
    assert len(users) == len(FUNCTIONS) - 1, "PLAN uses none"


@rows(set(TOPICS) - {"OpsAlarms"})
def test_topics_have_an_alarm(name):
    assert "NumberOfNotificationsFailed" in metrics_with_alarm(name)


@rows(RULES)
def test_what_rules_lose_is_told(name):
    rule = RULES[name]
    queues = {target(rule_target["DeadLetterConfig"]["Arn"]) for rule_target in rule["Targets"]}
    told = {target(a["Dimensions"][0]["Value"]) for a in ALARMS.values() if a["MetricName"] == "ApproximateNumberOfMessagesVisible"}
    assert queues <= told
    if name == "Heartbeats":
        return  # Their silence is told.
    dimensions = [{"Name": "RuleName", "Value": rule["Name"]}]
    if "EventBusName" in rule:
        dimensions.insert(0, {"Name": "EventBusName", "Value": rule["EventBusName"]})
    metrics = {alarm["MetricName"] for alarm in ALARMS.values() if alarm["Dimensions"] == dimensions}
    assert metrics == {"FailedInvocations"}


def test_no_alarm_looks_at_more_than_one_metric():
    """Each metric that an alarm looks at costs as much as an alarm; docs/cost.md counts them."""
    assert not any("Metrics" in alarm for alarm in ALARMS.values()) and not of_type("AWS::CloudWatch::CompositeAlarm")
    page = (ROOT / "docs/cost.md").read_text()
    conditional = sum("Condition" in RESOURCES[name] for name in ALARMS)
    assert f"| {len(ALARMS) - conditional}, and {conditional} more with `TrailBucket`" in page


def test_silence_is_told():
    assert [alarm["MetricName"] for alarm in ALARMS.values() if alarm["TreatMissingData"] == "breaching"] == ["Invocations", "Heartbeat"]


def test_what_functions_say_of_trouble_is_counted_and_told():
    folders = [ROOT / "shared/lambda/src", ROOT / "shared/store/src/dynamodb"]
    code = "".join(path.read_text() for folder in folders for path in folder.glob("*.rs"))
    told = {(alarm["Namespace"]["Fn::Sub"], alarm["MetricName"]) for alarm in ALARMS.values() if "Fn::Sub" in alarm["Namespace"]}
    counted = set()
    for filter_ in of_type("AWS::Logs::MetricFilter").values():
        (metric,) = filter_["MetricTransformations"]
        counted.add((metric["MetricNamespace"]["Fn::Sub"], metric["MetricName"]))
        for words in re.findall(r'"([^"]+)"', filter_["FilterPattern"]):
            assert f'"{words.removesuffix("*")}' in code, words
    assert counted == told and len(counted) == 3


# -- nobody may more than necessary


def statements():
    for name, role in of_type("AWS::IAM::Role").items():
        for policy in role.get("Policies", []):
            for statement in policy["PolicyDocument"]["Statement"]:
                yield name, statement
    for name, policy in of_type("AWS::IAM::Policy").items():
        for statement in policy["PolicyDocument"]["Statement"]:
            yield name, statement


# Actions that IAM knows no resources of.
EVERYWHERE = ["cloudtrail:ListPublicKeys"]


def test_roles_name_actions_and_resources_one_by_one():
    for name, statement in statements():
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        resources = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
        assert statement["Effect"] == "Allow"
        assert not any("*" in action for action in actions), name
        assert not any(resource == "*" for resource in resources) or actions == EVERYWHERE, name
    for name, role in of_type("AWS::IAM::Role").items():
        assert "ManagedPolicyArns" not in role, name


READS = ("BatchGet", "Describe", "Generate", "Get", "List", "Search")


def read_actions(resources, effect="Allow"):
    policies = [r["Properties"] for r in resources.values() if r["Type"] == "AWS::IAM::ManagedPolicy"]
    for policy in policies:
        assert policy["Roles"] == [{"Ref": "ReadRole"}]
        (statement,) = policy["PolicyDocument"]["Statement"]
        assert statement["Resource"] == "*"
        assert len(json.dumps(policy["PolicyDocument"], separators=(",", ":"))) <= 6144, "IAM's quota"
        if statement["Effect"] == effect:
            yield from statement["Action"]


def test_scans_may_read_and_no_more():
    actions = list(read_actions(RESOURCES))
    assert actions == sorted(set(actions)) and len(actions) > 300
    for action in actions:
        service, _, name = action.partition(":")
        assert name.startswith(READS) or action == "apigateway:GET", action
        assert "*" not in action


def test_the_buckets_side_of_a_trail_keeps_what_it_cannot_send():
    resources = yaml_parse((ROOT / "templates/org-trail.yaml").read_text())["Resources"]
    (target_,) = resources["Delivered"]["Properties"]["Targets"]
    assert target_["RetryPolicy"] == {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185}
    assert resources[target(target_["DeadLetterConfig"]["Arn"])]["Type"] == "AWS::SQS::Queue"
    assert not any(resource["Type"].startswith("AWS::IAM") for resource in resources.values())


@pytest.mark.parametrize("name", ["read-role", "producer"])
def test_other_accounts_are_read_by_the_same_role(name):
    template = yaml_parse((ROOT / f"templates/{name}.yaml").read_text())
    assert list(read_actions(template["Resources"])) == list(read_actions(RESOURCES))
    denied = set(read_actions(RESOURCES, "Deny"))
    assert denied == set(read_actions(template["Resources"], "Deny")) and len(denied) > 20
    assert not denied & set(read_actions(RESOURCES)), "what is allowed is not denied"
    text = (ROOT / f"templates/{name}.yaml").read_text()
    assert not re.search(r": [&*]\w", text), "CloudFormation takes no anchors; this file goes to it as it is"


def test_every_function_has_a_role_and_a_log_of_its_own():
    for attribute in (lambda function: target(function["Role"]), lambda function: target(function["LoggingConfig"]["LogGroup"])):
        owned = [attribute(function) for function in FUNCTIONS.values()]
        assert len(set(owned)) == len(FUNCTIONS)
    for group in of_type("AWS::Logs::LogGroup").values():
        assert group["RetentionInDays"] == {"Ref": "LogRetentionDays"}


def test_services_may_write_only_for_resources_of_this_stack():
    policies = [*of_type("AWS::SQS::QueuePolicy").values(), *of_type("AWS::SNS::TopicPolicy").values()]
    for policy in policies:
        for statement in policy["PolicyDocument"]["Statement"]:
            if statement["Effect"] == "Allow":
                assert set(statement["Principal"]) == {"Service"}
                assert "aws:Source" in json.dumps(statement["Condition"])
    covered = {queue["Ref"] for policy in of_type("AWS::SQS::QueuePolicy").values() for queue in policy["Queues"]}
    assert covered == set(QUEUES)


def test_every_rule_may_reach_its_targets():
    allowed = json.dumps([of_type("AWS::SQS::QueuePolicy"), of_type("AWS::Lambda::Permission")])
    for name, rule in RULES.items():
        permission = {"Fn::GetAtt": [name, "Arn"]}
        assert allowed.count(json.dumps(permission)) == 2, f"{name}: the target, and the dead letters"


def test_suppressed_lints_have_a_reason():
    for name, resource in RESOURCES.items():
        for skip in resource.get("Metadata", {}).get("checkov", {}).get("skip", []):
            assert len(skip["comment"]) > 20, name


# -- the right events


def test_heartbeats_and_tests_are_believed_of_this_account_only():
    sources = {"trailpost.heartbeat": "shared/lambda/src/heartbeat.rs", "trailpost.canary": "shared/engine/src/canary.rs"}
    assert RULES["Heartbeats"]["EventPattern"] == {"source": list(sources), "account": [{"Ref": "AWS::AccountId"}]}
    for source, file in sources.items():
        assert f'"{source}"' in (ROOT / file).read_text()


RECORDS = set(RULES) - {"Heartbeats"}


@rows(RECORDS)
def test_rules_believe_only_aws(name):
    pattern = RULES[name]["EventPattern"]
    assert pattern["source"] == [{"prefix": "aws."}]
    assert pattern["detail-type"] == [{"suffix": " via CloudTrail"}]
    assert len(json.dumps(pattern, separators=(",", ":"))) <= 2048, "EventBridge's quota"


def test_both_buses_have_the_same_rules():
    patterns = lambda central: sorted(json.dumps(r["EventPattern"]) for n, r in RULES.items() if n in RECORDS and ("EventBusName" in r) == central)
    assert patterns(True) == patterns(False) and len(patterns(True)) == 2


PRODUCER = yaml_parse((ROOT / "templates/producer.yaml").read_text())


def test_producers_send_what_the_consumer_takes():
    rule = PRODUCER["Resources"]["Records"]["Properties"]
    assert rule["EventPattern"] == RULES["DefaultRecords"]["EventPattern"]
    (sends,) = rule["Targets"]
    assert sends["Arn"] == {"Ref": "CentralBus"} and sends["RoleArn"]
    assert sends["RetryPolicy"] == {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185}
    assert target(sends["DeadLetterConfig"]["Arn"]) == "DeadLetters"
    assert PRODUCER["Resources"]["DeadLetters"]["Properties"]["MessageRetentionPeriod"] == FORTNIGHT


def test_producers_make_roles_only_where_they_are_asked_to():
    for name, resource in PRODUCER["Resources"].items():
        makes_iam = resource["Type"].startswith("AWS::IAM::")
        assert (resource.get("Condition") == "MakesRoles") == makes_iam, name
    forwarder = PRODUCER["Resources"]["ForwarderRole"]["Properties"]
    (statement,) = forwarder["Policies"][0]["PolicyDocument"]["Statement"]
    assert statement["Action"] == "events:PutEvents" and statement["Resource"] == {"Ref": "CentralBus"}
    trust = PRODUCER["Resources"]["ReadRole"]["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]
    assert "sts:ExternalId" in json.dumps(trust)


def own_names(**given):
    """What the functions take for Trailpost's own, with these parameters."""
    defaults = {name: parameter.get("Default", "") for name, parameter in TEMPLATE["Parameters"].items()}
    known = defaults | {"AWS::StackName": "acme-audit", "OpsAlarmsKey": "1234abcd-12ab"} | given
    comma, parts = FUNCTIONS["DetectFunction"]["Environment"]["Variables"]["TRAILPOST_OWN_RESOURCES"]["Fn::Join"]
    return [name.rsplit("/")[-1] for name in comma.join(known[part["Ref"]] for part in parts).split(comma) if name]


def test_what_the_templates_make_is_taken_for_their_own():
    own = own_names(ReadRoleName="/security/acme-reader")
    is_own = lambda name: any(part in name for part in own)
    for properties in [*QUEUES.values(), *RULES.values(), *TABLES.values()]:
        name = properties.get("QueueName") or properties.get("Name") or properties.get("TableName")
        assert is_own(name["Fn::Sub"].replace("${AWS::StackName}", "acme-audit"))
    parameters, resources = PRODUCER["Parameters"], PRODUCER["Resources"]
    assert is_own(resources["Records"]["Properties"]["Name"]) and is_own(resources["DeadLetters"]["Properties"]["QueueName"])
    assert is_own(parameters["ForwarderRoleName"]["Default"]) and is_own("acme-reader")
    assert resources["ForwarderRole"]["Properties"]["RoleName"] == {"Ref": "ForwarderRoleName"}
    assert resources["ReadRole"]["Properties"]["RoleName"] == {"Ref": "RoleName"}
    assert parameters["RoleName"]["Default"] in own_names(), "the consumer's ReadRoleName says the same"
    assert {"Ref": "SecurityHubRoleName"} in FUNCTIONS["DetectFunction"]["Environment"]["Variables"]["TRAILPOST_OWN_RESOURCES"]["Fn::Join"][1]
    assert not is_own("nightly")


def asked_for(detection):
    """The event names that a signature compares with, written out."""
    if isinstance(detection, list):
        return set().union(*map(asked_for, detection))
    if not isinstance(detection, dict):
        return set()
    names = detection.get("eventName", [])
    nested = [value for key, value in detection.items() if key != "eventName"]
    return {*(names if isinstance(names, list) else [names]), *asked_for(nested)}


def test_no_signature_asks_for_what_the_rules_leave_out():
    matchers = RULES["DefaultRecords"]["EventPattern"]["detail"]["eventName"]
    left_out = next(matcher["anything-but"] for matcher in matchers if "anything-but" in matcher)
    assert left_out == sorted(left_out)
    for path in (ROOT / "catalog").glob("*/signatures/*.yaml"):
        for document in yaml.safe_load_all(path.read_text()):
            assert not asked_for(document.get("detection")) & set(left_out), path


def test_nobody_else_may_send_unless_an_organization_is_named():
    (policy,) = [r for r in RESOURCES.values() if r["Type"] == "AWS::Events::EventBusPolicy"]
    assert policy["Condition"] == "HasOrganization"
    assert policy["Properties"]["Statement"]["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": {"Ref": "OrganizationId"}}}


# -- the template and the code say the same


def test_functions_are_the_folders():
    folders = {path.parent.name for path in (ROOT / "functions").glob("*/Cargo.toml")}
    built = {r["Metadata"]["BuildProperties"]["Binary"]: FUNCTIONS[n]["CodeUri"] for n, r in RESOURCES.items() if n in FUNCTIONS}
    assert built == {folder: f"functions/{folder}" for folder in folders}
    for folder in folders:
        assert list((ROOT / "events" / folder).glob("*.json")), f"no sample input of {folder}"


def test_the_code_reads_the_environment_that_the_template_sets():
    sources = [*(ROOT / "shared/lambda").rglob("*.rs"), *(ROOT / "functions").rglob("*.rs")]
    read = {name for path in sources for name in re.findall(r"\bTRAILPOST_[A-Z_]+\b", path.read_text())}
    read = {name for name in read if not name.startswith("TRAILPOST_TEST_")}
    given = {name for function in FUNCTIONS.values() for name in function["Environment"]["Variables"]}
    given |= set(TEMPLATE["Globals"]["Function"]["Environment"]["Variables"])
    assert read == given


def test_the_tables_are_those_of_the_store():
    schema = (ROOT / "shared/store/src/dynamodb/schema.rs").read_text()
    constants = dict(re.findall(r"const (\w+): [^=]+=\s*(.+?);", schema, re.DOTALL))
    word = lambda text, field="": re.search(field + r'"([^"]+)"', text)[1]

    def index(text):
        included = re.search(r"included: (\w+|&\[[^]]*\])", text)[1]
        return [word(text, "pk: "), word(text, "sk: ")], re.findall(r'"(\w+)"', constants.get(included, included))

    described = {}
    for table in (text for text in constants.values() if text.startswith("Table {")):
        indexes = [constants[name] for name in re.findall(r"\b[A-Z_]{3,}\b", table)]
        described["${AWS::StackName}" + word(table, "suffix: ")] = (
            "stream: true" in table,
            {word(text, "name: "): index(text) for text in indexes},
        )
    deployed = {}
    for table in TABLES.values():
        assert [key["AttributeName"] for key in table["KeySchema"]] == [word(constants["PK"]), word(constants["SK"])]
        assert table["TimeToLiveSpecification"]["AttributeName"] == word(constants["TTL"])
        deployed[table["TableName"]["Fn::Sub"]] = (
            "StreamSpecification" in table,
            {
                index["IndexName"]: (
                    [key["AttributeName"] for key in index["KeySchema"]],
                    index["Projection"]["NonKeyAttributes"],
                )
                for index in table.get("GlobalSecondaryIndexes", [])
            },
        )
    assert deployed == described


def test_the_stream_wakes_notify_for_notices_only():
    (mapping,) = [event["Properties"] for _, event in MAPPINGS if event["Type"] == "DynamoDB"]
    (filter_,) = mapping["FilterCriteria"]["Filters"]
    assert json.loads(filter_["Pattern"]) == {"eventName": ["INSERT"], "dynamodb": {"NewImage": {"kind": {"S": ["notice"]}}}}
    assert '("kind", text("notice"))' in (ROOT / "shared/store/src/dynamodb/items.rs").read_text()


# -- easy to deploy


def test_one_parameter_is_required_and_all_are_explained():
    parameters = TEMPLATE["Parameters"]
    assert [name for name, parameter in parameters.items() if "Default" not in parameter] == ["AlertEmail"]
    interface = TEMPLATE["Metadata"]["AWS::CloudFormation::Interface"]
    assert [name for group in interface["ParameterGroups"] for name in group["Parameters"]] == list(parameters)
    assert set(interface["ParameterLabels"]) == set(parameters)
    assert all(parameter["Description"] for parameter in parameters.values())


def test_the_defaults_pass_their_own_patterns():
    for name, parameter in TEMPLATE["Parameters"].items():
        if "Default" in parameter and "AllowedPattern" in parameter:
            assert re.fullmatch(parameter["AllowedPattern"], str(parameter["Default"])), name
        if "Default" in parameter and "AllowedValues" in parameter:
            assert parameter["Default"] in parameter["AllowedValues"], name


def test_severities_are_those_of_the_model():
    source = (ROOT / "shared/model/src/severity.rs").read_text()
    words = re.findall(r'Self::\w+ => "(\w+)"', source)
    assert TEMPLATE["Parameters"]["MinimumAlertSeverity"]["AllowedValues"] == words


def test_the_operations_page_says_what_every_alarm_means():
    page = (ROOT / "docs/operations.md").read_text()
    cells = (line.split("|")[1] for line in page.splitlines() if line.startswith("| `"))
    patterns = [pattern for cell in cells for pattern in re.findall(r"`([^`]+)`", cell)]
    assert [alarm for alarm in ALARMS if not any(fnmatch.fnmatch(alarm, pattern) for pattern in patterns)] == []
    assert [pattern for pattern in patterns if not fnmatch.filter(ALARMS, pattern)] == []
