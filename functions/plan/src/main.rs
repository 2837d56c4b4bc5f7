//! PLAN: divides a scan of accounts, regions and services into jobs.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::BootError> {
    Box::pin(lambda::run_plan()).await
}
