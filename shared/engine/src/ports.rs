//! What the use cases need from the world, as traits. Adapters live in `store` and `sinks`; none is known here.

mod aws;
mod clock;
mod inventory;
mod mutes;
mod sink;
mod store;

pub use aws::{Aws, Cause, Place, ReadError};
pub use clock::{Clock, SystemClock};
pub use inventory::{Inventory, StateQuery, Step};
pub use mutes::{KeptMutes, MuteStore};
pub use sink::{Delivery, Sink, SinkError};
pub use store::{Assessed, Entry, FindingQuery, Kind, Lease, Page, Recorded, Store, StoreError, Window};
