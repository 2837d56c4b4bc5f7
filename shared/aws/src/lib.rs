//! The read-only AWS reader: signed calls, guided by trimmed models of the services' APIs.
//!
//! Adapter of the engine's `Aws` port. The official crates sign, retry and find credentials; what is done here is
//! to put parameters on the wire and to read answers, for the five protocols that AWS speaks, so that a document
//! looks as the AWS CLI prints it. Nothing that reads changes anything in an account; what does is in `act` alone.

mod accounts;
mod act;
mod bucket;
mod clock;
mod credential_report;
mod endpoint;
mod limit;
pub mod lint;
pub mod model;
mod network;
mod origin_bucket;
mod paginate;
pub mod permissions;
pub mod protocol;
mod reader;
mod recent_sum;
pub mod replay;

pub use accounts::{Access, Account, Setup, SetupError};
pub use act::{Act, Parameters, text_in};
pub use aws_types::SdkConfig;
pub use bucket::{Bucket, public_key};
pub use clock::OFF as CLOCK_OFF;
pub use endpoint::Endpoint;
pub use reader::{Calls, Reader};
pub use replay::{Recording, Replay, ReplayError};
