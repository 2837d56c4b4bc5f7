//! Writing down what AWS answers.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use catalog::resource::Operation;
use engine::collect::Scene;
use engine::ports::{Aws, Place, ReadError};
use jiff::Timestamp;
use serde_json::Value;

use super::{Call, Line};

struct Tape {
    out: Box<dyn Write + Send>,
    /// Why the recording is not whole.
    broken: Option<std::io::Error>,
}

/// Passes questions on, and writes every question with its answer.
pub struct Recording {
    aws: Arc<dyn Aws>,
    tape: Mutex<Tape>,
}

impl std::fmt::Debug for Recording {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Recording").finish_non_exhaustive()
    }
}

impl Recording {
    /// Records what `aws` answers.
    pub fn new(aws: Arc<dyn Aws>, out: Box<dyn Write + Send>) -> Self {
        Self { aws, tape: Mutex::new(Tape { out, broken: None }) }
    }

    /// Notes an account that is going to be read.
    pub fn scene(&self, scene: &Scene, at: Timestamp) {
        self.write(&Line::Scene { scene: scene.clone(), at });
    }

    /// Ends the recording.
    ///
    /// # Errors
    /// When it could not be written as a whole.
    pub fn finish(&self) -> std::io::Result<()> {
        let mut tape = self.tape.lock().unwrap_or_else(PoisonError::into_inner);
        match tape.broken.take() {
            Some(error) => Err(error),
            None => tape.out.flush(),
        }
    }

    /// A scan goes on when the recording cannot: the first error is kept for the end.
    fn write(&self, line: &Line) {
        let mut tape = self.tape.lock().unwrap_or_else(PoisonError::into_inner);
        if tape.broken.is_none()
            && let Err(error) = writeln!(tape.out, "{}", line.to_json())
        {
            tape.broken = Some(error);
        }
    }
}

#[async_trait]
impl Aws for Recording {
    async fn read(
        &self,
        place: &Place,
        operation: &Operation,
        parameters: &Value,
    ) -> Result<Value, ReadError> {
        let answer = self.aws.read(place, operation, parameters).await;
        self.write(&Line::Call(Call {
            place: place.clone(),
            operation: operation.clone(),
            parameters: parameters.clone(),
            answer: answer.clone(),
        }));
        answer
    }

    fn permissions(&self, operation: &Operation) -> Vec<String> {
        self.aws.permissions(operation)
    }

    fn is_global(&self, service: &str, region: &str) -> bool {
        self.aws.is_global(service, region)
    }

    fn is_absent(&self, service: &str, region: &str) -> bool {
        self.aws.is_absent(service, region)
    }
}
