//! HARVEST: reads what calls changed again, judges it, and says which call did it.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::BootError> {
    Box::pin(lambda::run_harvest()).await
}
