//! `trailpost producers remove`: takes producers away, the home region last, because its roles are those of all regions.

use aws::Reader;
use engine::ports::{Place, ReadError};

use super::place::{Way, act, shown, tell, ways};
use super::stack::{call, settled, stacks};
use super::{organization, runtime};
use crate::args::ProducersRemove;
use crate::exit::{Ending, Failure};

pub(super) fn run(args: &ProducersRemove) -> Result<Ending, Failure> {
    runtime()?.block_on(async {
        if !args.organizational_unit.is_empty() {
            return organization::remove(args).await;
        }
        let mut failed = 0_usize;
        // A region that is named is removed alone; the home region goes last where all go.
        let home = args.producers.way.region.is_empty().then_some(args.home_region.as_str());
        for Way { reader, places } in ways(&args.producers, home).await? {
            for place in places.iter().rev() {
                match one(&reader, place, args).await {
                    Ok(None) => {}
                    Ok(Some((what, more))) => tell(place, what, &more)?,
                    Err(why) => {
                        failed += 1;
                        tell(place, "failed", &why)?;
                    }
                }
            }
        }
        Ok(if failed == 0 { Ending::Clean } else { Ending::Incomplete })
    })
}

async fn one(
    reader: &Reader,
    place: &Place,
    args: &ProducersRemove,
) -> Result<Option<(&'static str, String)>, String> {
    let refused = |error: ReadError| error.to_string();
    let found = stacks(reader, place, &args.stack_name).await.map_err(refused)?;
    if !found.iter().any(|stack| stack.name == args.stack_name) {
        let other = found.first();
        return Ok(
            other.map(|other| ("left alone", format!("the stack {} is the producer here", other.name)))
        );
    }
    let delete = call("DeleteStack", vec![("StackName".to_owned(), args.stack_name.clone())]);
    if act(reader, place, &delete, args.dry_run).await.map_err(refused)?.is_none() {
        return Ok(Some(("would call", shown(&delete))));
    }
    match settled(reader, place, &args.stack_name).await.map_err(refused)? {
        None => Ok(Some(("removed", format!("stack {}", args.stack_name)))),
        Some(stack) => Err(format!("the stack is {}; its events in CloudFormation say why", stack.status)),
    }
}
