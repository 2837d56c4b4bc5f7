//! `trailpost producers add`: makes producers, or brings them to this version's template.

use aws::Reader;
use engine::ports::{Place, ReadError};

use super::place::{Way, act, shown, tell, ways};
use super::stack::{Stack, call, settled, stacks, template, token};
use super::{account_of, organization, policies, runtime};
use crate::args::ProducersAdd;
use crate::exit::{Ending, Failure};

pub(super) fn run(args: &ProducersAdd) -> Result<Ending, Failure> {
    if let Some(bus) = args.central_bus.as_deref().filter(|bus| account_of(bus).is_none()) {
        return Err(Failure::usage(format!(
            "`{bus}` is no event bus; take the output CentralBusArn of the consumer's stack"
        )));
    }
    if args.manual_iam {
        let Some(bus) = &args.central_bus else {
            return Err(Failure::usage("--manual-iam needs --central-bus, which the roles' policies name"));
        };
        policies::write(&mut anstream::stdout().lock(), args, bus)?;
    }
    runtime()?.block_on(async {
        if !args.organizational_unit.is_empty() {
            return organization::add(args, &wanted(args)).await;
        }
        let mut failed = 0_usize;
        for Way { reader, places } in ways(&args.producers, Some(&args.home_region)).await? {
            for place in places {
                match one(&reader, &place, args).await {
                    Ok((what, more)) => tell(&place, what, &more)?,
                    Err(why) => {
                        failed += 1;
                        tell(&place, "failed", &why)?;
                    }
                }
            }
        }
        Ok(if failed == 0 { Ending::Clean } else { Ending::Incomplete })
    })
}

/// The template's parameters that the arguments set.
fn wanted(args: &ProducersAdd) -> Vec<(String, String)> {
    let bus = args.central_bus.as_deref();
    let manual = args.manual_iam.then_some("false");
    let reads = args.include_read_only.then_some("true");
    let given = [
        ("CentralBus", bus),
        ("ConsumerAccount", bus.and_then(account_of)),
        ("ConsumerRoles", args.consumer_roles.as_deref()),
        ("ExternalId", args.read_external_id.as_deref()),
        ("ManageIam", manual),
        ("HomeRegion", Some(args.home_region.as_str())),
        ("ForwarderRoleName", args.forwarder_role.as_deref()),
        ("RoleName", args.read_role.as_deref()),
        ("IncludeReadOnlyEvents", reads),
    ];
    given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned()))).collect()
}

async fn one(reader: &Reader, place: &Place, args: &ProducersAdd) -> Result<(&'static str, String), String> {
    let refused = |error: ReadError| error.to_string();
    let found = stacks(reader, place, &args.stack_name).await.map_err(refused)?;
    let (own, others): (Vec<_>, Vec<_>) = found.into_iter().partition(|stack| stack.name == args.stack_name);
    if let Some(other) = others.first() {
        return Ok(("left alone", format!("the stack {} is the producer here", other.name)));
    }
    let wanted = wanted(args);
    let name = ("StackName".to_owned(), args.stack_name.clone());
    let same = ("ClientRequestToken".to_owned(), token());
    let (what, operation, before): (_, _, &[_]) = match own.first() {
        None if args.central_bus.is_none() => {
            return Err("there is no producer yet; say with --central-bus where its events go".to_owned());
        }
        None => ("created", "CreateStack", &[]),
        Some(stack)
            if stack.is_current()
                && stack.has(&wanted)
                && stack.status.ends_with("_COMPLETE")
                && !stack.status.contains("ROLLBACK") =>
        {
            return Ok(("unchanged", String::new()));
        }
        Some(stack) if stack.status == "ROLLBACK_COMPLETE" => {
            return Err(format!("the stack {} was never made; remove it first", stack.name));
        }
        Some(stack) => ("updated", "UpdateStack", &stack.parameters),
    };
    let made = call(operation, [name, same].into_iter().chain(template(&wanted, before)).collect());
    match act(reader, place, &made, args.dry_run).await {
        Ok(Some(_)) => {}
        Ok(None) => return Ok(("would call", shown(&made))),
        // CloudFormation has no code of its own for it.
        Err(error) if error.message.contains("No updates are to be performed") => {
            return Ok(("unchanged", "CloudFormation sees no difference".to_owned()));
        }
        Err(error) => return Err(refused(error)),
    }
    match settled(reader, place, &args.stack_name).await.map_err(refused)? {
        Some(Stack { status, .. }) if status == "CREATE_COMPLETE" || status == "UPDATE_COMPLETE" => {
            Ok((what, format!("stack {}", args.stack_name)))
        }
        Some(Stack { status, .. }) => {
            Err(format!("the stack is {status}; its events in CloudFormation say why"))
        }
        None => Err("the stack is gone; its events in CloudFormation say why".to_owned()),
    }
}
