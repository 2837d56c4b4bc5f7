//! DETECT: judges CloudTrail records by signatures and keeps what it finds.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::BootError> {
    lambda::run_detect().await
}
