//! One file: its records are judged where they stand, some at a time, while those before them are kept. Memory does not
//! grow with the file.

use std::ops::ControlFlow;
use std::sync::Arc;

use records::{Limits, read};
use tokio::sync::mpsc;

use super::losses::Seen;
use crate::intake::{Batch, Intake, Taken};
use crate::ports::StoreError;

/// So many things are kept together.
const TOGETHER: usize = 200;

/// So many batches are judged ahead while others are kept.
const AHEAD: usize = 3;

/// Why a file was not taken in whole.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// Judging it went wrong.
    #[error("{0} broke off: {1}")]
    Broken(String, String),
    /// What was found could not be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Judges all that is in a file, packed as it lies there, and keeps what was found.
///
/// # Errors
/// When the store fails; then the file has to come again.
pub async fn take(intake: Arc<Intake>, packed: Vec<u8>, name: String) -> Result<(Taken, Seen), FileError> {
    let (hand, mut handed) = mpsc::channel::<Batch>(AHEAD);
    let judge = Arc::clone(&intake);
    let source = name.clone();
    let reading = tokio::task::spawn_blocking(move || {
        let mut batch = judge.batch();
        let mut broken = false;
        let read = read(packed.as_slice(), &source, &Limits::default(), &mut |item| {
            judge.judge(item, &source, &mut batch);
            if batch.len() < TOGETHER {
                return ControlFlow::Continue(());
            }
            let next = batch.successor();
            // Nobody takes it when what came before could not be kept.
            broken = hand.blocking_send(std::mem::replace(&mut batch, next)).is_err();
            if broken { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        let memo = batch.successor();
        if !broken {
            let _ = hand.blocking_send(batch);
        }
        read.map(|_| memo)
    });
    let mut sum = Taken::default();
    let mut seen = Seen::default();
    while let Some(batch) = handed.recv().await {
        let (taken, more) = intake.keep(batch).await?;
        sum += taken;
        seen.join(more);
    }
    let read = reading.await.map_err(|error| FileError::Broken(name.clone(), error.to_string()))?;
    let rest = read.map_err(|error| FileError::Broken(name, error.to_string()))?;
    intake.remember(rest);
    Ok((sum, seen))
}
