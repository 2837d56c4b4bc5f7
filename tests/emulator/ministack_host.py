"""Starts MiniStack, the AWS emulator, so that it does for the template what AWS does.

It closes the gaps between the pinned release and AWS that this project meets. They reach into private functions, so a
new release has to be looked through before `requirements-ministack.txt` moves to it.
"""

import json

from ministack.app import main
from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import eventbridge, lambda_svc
from ministack.services.cloudformation import provisioners


def accept_events_of_aws_services():
    """Like AWS, the emulator refuses events with a source `aws.*` from customers. Here the tests are CloudTrail."""
    eventbridge._put_events.__defaults__ = (True,)


def deliver_across_accounts():
    """A rule may send to a bus of another account, when the policy of that bus says so."""
    deliver_here = eventbridge._dispatch_to_event_bus

    def deliver(spec, event, rule, event_path, target_input_payload=None):
        foreign = (spec.account_id, spec.region) != (get_account_id(), get_region())
        with request_scope(spec.account_id, spec.region):
            bus = spec.resource.removeprefix("event-bus/")
            if foreign and bus not in eventbridge._event_bus_policies:
                return
            deliver_here(spec, event, rule, event_path, target_input_payload)

    eventbridge._dispatch_to_event_bus = deliver


def retry_functions_that_rules_invoke():
    """A rule invokes a function asynchronously: two retries, then the OnFailure destination."""

    def invoke(arn, payload):
        function, config, _ = lambda_svc._get_func_record_for_ref(arn)
        if function and config:
            lambda_svc.invoke_async_with_retry(
                lambda_svc._execution_record_for_config(function, config), json.loads(payload)
            )

    eventbridge._dispatch_to_lambda = invoke


def provision_bus_policies_and_archives():
    """CloudFormation knows these two resource types."""

    def put_policy(logical_id, props, stack_name):
        statement = props["Statement"]
        eventbridge._put_permission({
            "EventBusName": props["EventBusName"],
            "StatementId": props["StatementId"],
            "Principal": statement["Principal"],
            "Action": statement["Action"],
            "Condition": statement.get("Condition"),
        })
        return f"{props['EventBusName']}|{props['StatementId']}", {}

    def delete_policy(physical_id, props):
        eventbridge._remove_permission({"EventBusName": props["EventBusName"], "StatementId": props["StatementId"]})

    def create_archive(logical_id, props, stack_name):
        name = f"{stack_name}-{logical_id}"
        status, _, body = eventbridge._create_archive({
            "ArchiveName": name,
            "EventSourceArn": props["SourceArn"],
            "EventPattern": json.dumps(props["EventPattern"]),
            "RetentionDays": props["RetentionDays"],
        })
        if status >= 400:
            raise ValueError(body)
        return name, {"ArchiveName": name}

    def delete_archive(physical_id, props):
        eventbridge._delete_archive({"ArchiveName": physical_id})

    provisioners._RESOURCE_HANDLERS.update({
        "AWS::Events::EventBusPolicy": {"create": put_policy, "delete": delete_policy},
        "AWS::Events::Archive": {"create": create_archive, "delete": delete_archive},
    })


def repeat_stream_batches_that_fail_in_part():
    """A stream's batch comes again from the first record that the function names. Here all of it comes again."""
    execute = lambda_svc._execute_function

    def execute_whole(function, event, *more, **options):
        result = execute(function, event, *more, **options)
        of_stream = any(record.get("eventSource") == "aws:dynamodb" for record in event.get("Records", []))
        body = result.get("body")
        if of_stream and isinstance(body, dict) and body.get("batchItemFailures"):
            result["error"] = True
        return result

    lambda_svc._execute_function = execute_whole


def let_one_action_send_a_batch():
    """A batch of messages needs the permission to send a message; there is no action for batches."""
    matches = iam_evaluator._action_matches

    def match(request_action, *more, **options):
        return matches(request_action.removesuffix("Batch") if request_action.startswith("sqs:") else request_action, *more, **options)

    iam_evaluator._action_matches = match


def take_loopback_for_tls():
    """The queues refuse plain HTTP; over the loopback device there is nothing else."""
    resolve = iam_evaluator._resolve_condition_key
    iam_evaluator._resolve_condition_key = lambda key, context: (
        "true" if key.lower() == "aws:securetransport" else resolve(key, context)
    )


def read_numbers_of_parameters():
    """CloudFormation reads a parameter as the number that the property asks for."""
    handlers = provisioners._RESOURCE_HANDLERS["AWS::Lambda::EventSourceMapping"]
    create_as_written = handlers["create"]

    def create(logical_id, props, stack_name):
        scaling = {name: int(value) for name, value in props.get("ScalingConfig", {}).items()}
        return create_as_written(logical_id, props | ({"ScalingConfig": scaling} if scaling else {}), stack_name)

    handlers["create"] = create


if __name__ == "__main__":
    accept_events_of_aws_services()
    deliver_across_accounts()
    retry_functions_that_rules_invoke()
    provision_bus_policies_and_archives()
    read_numbers_of_parameters()
    repeat_stream_batches_that_fail_in_part()
    let_one_action_send_a_batch()
    take_loopback_for_tls()
    main()
