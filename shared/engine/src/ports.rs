//! What the use cases need from the world, as traits. Adapters live in `store` and `sinks`; none is known here.

mod aws;
mod clock;
mod inventory;
mod mutes;
mod notes;
mod sink;
mod store;
mod trail;

pub use aws::{Aws, Cause, Place, ReadError};
pub use clock::{Clock, SystemClock};
pub use inventory::{Inventory, StateQuery, Step};
pub use mutes::{KeptMutes, MuteStore};
pub use notes::{Note, Notes};
pub use sink::{Delivery, Sink, SinkError};
pub use store::{Assessed, Entry, FindingQuery, Kind, Lease, Page, Recorded, Store, StoreError, Window};
pub use trail::{Listing, Object, PublicKey, Trail, TrailError, TrailFile};
