//! The way to a stack.

use aws::{Reader, SdkConfig, Setup, SetupError};
use engine::ports::Place;

use crate::args::StackWay;
use crate::exit::Failure;

/// Who asks, and where the stack is.
pub(super) struct Way {
    pub(super) reader: Reader,
    pub(super) place: Place,
    pub(super) config: SdkConfig,
}

/// Finds credentials, and the region that the arguments or the configuration name.
pub(super) async fn connect(args: &StackWay) -> Result<Way, Failure> {
    reach(args).await.map_err(|error| Failure::usage(error.to_string()))
}

/// The same, with what is in the way.
pub(super) async fn reach(args: &StackWay) -> Result<Way, SetupError> {
    let setup = Setup {
        profile: args.profile.clone(),
        endpoint_url: args.endpoint_url.clone(),
        region: args.region.clone(),
        ..Setup::default()
    };
    let (reader, own, config) = Reader::connect(&setup).await?;
    let region = args.region.clone().or_else(|| config.region().map(ToString::to_string));
    let region = region.unwrap_or_else(|| "us-east-1".to_owned());
    Ok(Way { reader, place: Place { account: own.id, region }, config })
}
