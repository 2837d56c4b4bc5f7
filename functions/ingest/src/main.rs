//! INGEST: judges the records of an organization's trail from the files that CloudTrail writes.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::BootError> {
    Box::pin(lambda::run_ingest()).await
}
