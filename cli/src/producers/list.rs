//! `trailpost producers list`: which producers there are, and which are outdated.

use std::io::Write as _;

use serde_json::json;

use super::place::{Way, tell, ways};
use super::runtime;
use super::stack::{sent, stacks};
use crate::args::ProducersList;
use crate::exit::{Ending, Failure};

const HOURS_OF_A_WEEK: u32 = 7 * 24;

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
                if found.is_empty() {
                    continue;
                }
                let mut sent = async |hours| match sent(&reader, &place, hours).await {
                    Ok(count) => Ok(Some(count)),
                    Err(error) => {
                        unseen += 1;
                        writeln!(anstream::stderr(), "{} {}: {error}", place.account, place.region)?;
                        Ok::<_, Failure>(None)
                    }
                };
                let (hour, week) = (sent(1).await?, sent(HOURS_OF_A_WEEK).await?);
                for stack in found {
                    there += 1;
                    let template = if stack.is_current() { "current" } else { "outdated" };
                    outdated += usize::from(!stack.is_current());
                    let bus = stack.parameter("CentralBus").unwrap_or_default();
                    if args.json {
                        let row = json!({
                            "account": place.account, "region": place.region, "stack": stack.name, "status": stack.status,
                            "template": template, "central_bus": bus,
                            "events_last_hour": hour, "events_last_week": week,
                        });
                        writeln!(anstream::stdout(), "{row}")?;
                    } else {
                        let count = |count: Option<u64>| count.map_or("?".to_owned(), |count| count.to_string());
                        let sent = format!("{} events in the last hour, {} in the last week", count(hour), count(week));
                        tell(&place, template, &format!("{}  {}  {bus}  {sent}", stack.name, stack.status))?;
                    }
                }
            }
        }
        writeln!(anstream::stderr(), "{there} producers, {outdated} outdated; {unseen} places could not be looked at.")?;
        Ok(if unseen > 0 { Ending::Incomplete } else { Ending::Clean })
    })
}
