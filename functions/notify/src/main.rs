//! NOTIFY: tells people and programs of findings.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::BootError> {
    lambda::run_notify().await
}
