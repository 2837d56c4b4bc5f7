//! What DynamoDB's answers mean for the caller.

use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::{BuildError, DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::CancellationReason;
use engine::ports::StoreError;

/// Codes that say: not now. Whether a request is charged to the account, the table or a key does not matter here.
const PASSING: &[&str] = &[
    "InternalServerError",
    "LimitExceededException",
    "ProvisionedThroughputExceeded",
    "ProvisionedThroughputExceededException",
    "ReplicatedWriteConflictException",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "ThrottlingError",
    "ThrottlingException",
    "TransactionConflict",
    "TransactionConflictException",
    "TransactionInProgressException",
];

/// What a failed `action` (the name of the IAM action, without `dynamodb:`) on `table` means.
pub(super) fn failed<E>(action: &str, table: &str, error: &SdkError<E, HttpResponse>) -> StoreError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match error {
        SdkError::ServiceError(service) => {
            let code = service.err().code().unwrap_or_default();
            let message = service.err().message().unwrap_or_default();
            if service.raw().status().is_server_error() {
                tell(action, table, code);
                return StoreError::Unavailable(format!("{action} on table {table}: {code} {message}"));
            }
            refused(action, table, code, message)
        }
        SdkError::ConstructionFailure(_) => {
            StoreError::Unusable(format!("{action} on table {table}: {}", DisplayErrorContext(error)))
        }
        _ => StoreError::Unavailable(format!("{action} on table {table}: {}", DisplayErrorContext(error))),
    }
}

/// Says that a table throttles or fails, after all repetitions. The template counts these lines, by their words.
fn tell(action: &str, table: &str, code: &str) {
    tracing::warn!(action, table, code, "a table refuses");
}

/// What an error code means.
fn refused(action: &str, table: &str, code: &str, message: &str) -> StoreError {
    match code {
        code if PASSING.contains(&code) => {
            // That another writer was faster is no trouble of the table.
            if !code.contains("Conflict") && code != "TransactionInProgressException" {
                tell(action, table, code);
            }
            StoreError::Unavailable(format!("{action} on table {table}: {code} {message}"))
        }
        "ResourceNotFoundException" => StoreError::Unusable(format!(
            "table {table}, or an index of it, does not exist here: check the prefix, the region and the account, or \
             deploy the stack ({message})"
        )),
        "AccessDeniedException" | "AccessDenied" => {
            StoreError::Unusable(format!("dynamodb:{action} on table {table} is not allowed: {message}"))
        }
        _ => StoreError::Unusable(format!("{action} on table {table}: {code} {message}")),
    }
}

/// Why one write of a transaction was not done.
#[derive(Debug)]
pub(super) enum Cancelled {
    /// Nothing is wrong with this one; another one stood in the way.
    Innocent,
    /// Its condition did not hold.
    Condition,
    /// Another transaction was writing the same item.
    Contended,
    /// Anything else.
    Failed(StoreError),
}

/// Reads one of the reasons that a cancelled transaction gives, one for each of its writes.
pub(super) fn cancelled(table: &str, reason: &CancellationReason) -> Cancelled {
    match reason.code().unwrap_or("None") {
        "None" => Cancelled::Innocent,
        "ConditionalCheckFailed" => Cancelled::Condition,
        "TransactionConflict" => Cancelled::Contended,
        code => Cancelled::Failed(refused("PutItem", table, code, reason.message().unwrap_or_default())),
    }
}

/// A request that could not even be put together.
#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err, which passes the error itself")]
pub(super) fn malformed(error: BuildError) -> StoreError {
    StoreError::Unusable(format!("a request to DynamoDB is incomplete: {error}"))
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::error::ErrorMetadata;
    use aws_sdk_dynamodb::operation::get_item::GetItemError;

    use super::*;

    fn answer(status: u16, code: &str) -> StoreError {
        let metadata = ErrorMetadata::builder().code(code).message("says why").build();
        let raw = HttpResponse::new(status.try_into().unwrap(), "".into());
        failed("GetItem", "t-findings", &SdkError::service_error(GetItemError::generic(metadata), raw))
    }

    #[test]
    fn what_passes_is_unavailable() {
        for code in PASSING {
            assert!(matches!(answer(400, code), StoreError::Unavailable(_)), "{code}");
        }
        assert!(matches!(answer(500, "Whatever"), StoreError::Unavailable(_)));
        let timeout = SdkError::<GetItemError, HttpResponse>::timeout_error("late");
        assert!(matches!(failed("GetItem", "t", &timeout), StoreError::Unavailable(_)));
    }

    #[test]
    fn what_stays_is_unusable_and_says_what_is_missing() {
        let message = |code| match answer(400, code) {
            StoreError::Unusable(message) => message,
            other => panic!("{other:?}"),
        };
        assert_eq!(
            message("AccessDeniedException"),
            "dynamodb:GetItem on table t-findings is not allowed: says why"
        );
        assert!(
            message("ResourceNotFoundException").starts_with("table t-findings, or an index of it, does not")
        );
        assert_eq!(
            message("ValidationException"),
            "GetItem on table t-findings: ValidationException says why"
        );
    }

    #[test]
    fn each_write_of_a_cancelled_transaction_has_its_own_reason() {
        let of = |code: &str| cancelled("t", &CancellationReason::builder().code(code).build());
        assert!(matches!(of("None"), Cancelled::Innocent));
        assert!(matches!(of("ConditionalCheckFailed"), Cancelled::Condition));
        assert!(matches!(of("TransactionConflict"), Cancelled::Contended));
        assert!(matches!(of("ThrottlingError"), Cancelled::Failed(StoreError::Unavailable(_))));
        assert!(matches!(of("ProvisionedThroughputExceeded"), Cancelled::Failed(StoreError::Unavailable(_))));
        assert!(matches!(of("ValidationError"), Cancelled::Failed(StoreError::Unusable(_))));
        assert!(matches!(cancelled("t", &CancellationReason::builder().build()), Cancelled::Innocent));
    }
}
