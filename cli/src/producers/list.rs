//! `trailpost producers list`: which producers there are, and which are outdated.

use std::io::Write as _;

use serde_json::json;

use super::place::{Way, tell, ways};
use super::runtime;
use super::stack::stacks;
use crate::args::ProducersList;
use crate::exit::{Ending, Failure};

pub(super) fn run(args: &ProducersList) -> Result<Ending, Failure> {
    runtime()?.block_on(async {
        let (mut there, mut outdated, mut unseen) = (0_usize, 0_usize, 0_usize);
        for Way { reader, places } in ways(&args.producers, None).await? {
            for place in places {
                let found = match stacks(&reader, &place, &args.stack_name).await {
                    Ok(found) => found,
                    Err(error) => {
                        unseen += 1;
                        writeln!(anstream::stderr(), "{} {}: {error}", place.account, place.region)?;
                        continue;
                    }
                };
                for stack in found {
                    there += 1;
                    let template = if stack.is_current() { "current" } else { "outdated" };
                    outdated += usize::from(!stack.is_current());
                    let bus = stack.parameter("CentralBus").unwrap_or_default();
                    if args.json {
                        let row = json!({
                            "account": place.account, "region": place.region, "stack": stack.name, "status": stack.status,
                            "template": template, "central_bus": bus,
                        });
                        writeln!(anstream::stdout(), "{row}")?;
                    } else {
                        tell(&place, template, &format!("{}  {}  {bus}", stack.name, stack.status))?;
                    }
                }
            }
        }
        writeln!(anstream::stderr(), "{there} producers, {outdated} outdated; {unseen} places could not be looked at.")?;
        Ok(if unseen > 0 { Ending::Incomplete } else { Ending::Clean })
    })
}
