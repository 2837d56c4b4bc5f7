//! HEALTH: judges whether accounts send their events, and puts a heartbeat on the bus.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::BootError> {
    Box::pin(lambda::run_health()).await
}
