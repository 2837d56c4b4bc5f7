//! What the use cases need from the world, as traits. Adapters live in `store` and `sinks`; none is known here.

mod clock;
mod sink;
mod store;

pub use clock::{Clock, SystemClock};
pub use sink::{Delivery, Sink, SinkError};
pub use store::{Entry, FindingQuery, Lease, Page, Recorded, Store, StoreError, Window};
