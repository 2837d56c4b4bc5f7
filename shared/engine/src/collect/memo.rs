//! Calls that many resources share, made once.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use catalog::resource::Operation;
use serde_json::Value;
use tokio::sync::OnceCell;

use crate::ports::{Place, ReadError};

type Key = (Place, Operation, String);
type Slot = Arc<OnceCell<Result<Arc<Value>, ReadError>>>;

/// Answers by place, operation and parameters.
#[derive(Debug, Default)]
pub struct Memo {
    slots: Mutex<HashMap<Key, Slot>>,
}

impl Memo {
    /// The answer to a call; it is made by `ask` if it was not made before. Who asks meanwhile waits for the first.
    pub async fn get<F>(
        &self,
        place: &Place,
        operation: &Operation,
        parameters: &Value,
        ask: impl FnOnce() -> F,
    ) -> Result<Arc<Value>, ReadError>
    where
        F: Future<Output = Result<Value, ReadError>>,
    {
        let key = (place.clone(), operation.clone(), parameters.to_string());
        let slot =
            Arc::clone(self.slots.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default());
        slot.get_or_init(|| async { ask().await.map(Arc::new) }).await.clone()
    }
}
