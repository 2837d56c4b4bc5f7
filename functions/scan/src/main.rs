//! SCAN: reads and judges the resources of one job after the other.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::BootError> {
    Box::pin(lambda::run_scan()).await
}
