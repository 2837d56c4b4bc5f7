//! The accounts that are scanned, and the way into each.

use std::io::Write as _;

use aws::model::partition_of;
use aws::{Access, Account, Reader, Setup};
use engine::collect::Scene;

use crate::args::Scan;
use crate::exit::Failure;

/// A reader for each profile, with the accounts that it reads.
pub(super) async fn connect(args: &Scan) -> Result<Vec<(Reader, Vec<Scene>)>, Failure> {
    let profiles: Vec<Option<String>> =
        if args.profile.is_empty() { vec![None] } else { args.profile.iter().cloned().map(Some).collect() };
    let mut ways = Vec::with_capacity(profiles.len());
    for profile in profiles {
        ways.push(one_way(args, profile).await?);
    }
    Ok(ways)
}

async fn one_way(args: &Scan, profile: Option<String>) -> Result<(Reader, Vec<Scene>), Failure> {
    let setup = Setup { profile, endpoint_url: args.endpoint_url.clone(), ..Setup::default() };
    let (reader, own, config) = Reader::connect(&setup).await.map_err(usage)?;
    let region = args.region.first().cloned().or_else(|| config.region().map(ToString::to_string));
    let region = region.unwrap_or_else(|| "us-east-1".to_owned());
    let Some(partition) = partition_of(&region) else {
        return Err(Failure::usage(format!("region {region} is in a partition that is not read")));
    };
    let accounts = accounts(args, &reader, &own, &partition.home).await?;
    let mut scenes = Vec::new();
    for account in accounts {
        if let Some(role) = args.role.as_ref().filter(|_| account.id != own.id) {
            let access = Access { role: role.clone(), external_id: args.external_id.clone() };
            reader.enter(&account.id, &access, &config).await;
        }
        let regions = match reader.regions(&account.id, &region).await {
            Ok(regions) => regions,
            Err(_) if !args.region.is_empty() => args.region.clone(),
            // One account that cannot be entered does not keep the others from being scanned.
            Err(error) if args.org || args.account.len() > 1 => {
                writeln!(anstream::stderr(), "account {} {} is left out: {error}", account.id, account.name)?;
                continue;
            }
            Err(error) => return Err(usage(aws::SetupError::Regions(account.id, error))),
        };
        if let Some(unknown) = args.region.iter().find(|region| !regions.contains(region)) {
            return Err(Failure::usage(format!(
                "region {unknown} is not switched on in account {}",
                account.id
            )));
        }
        scenes.push(Scene {
            account: account.id,
            partition: partition.name.clone(),
            home: partition.home.clone(),
            regions,
        });
    }
    Ok((reader, scenes))
}

async fn accounts(args: &Scan, reader: &Reader, own: &Account, home: &str) -> Result<Vec<Account>, Failure> {
    if args.org {
        return reader.organization(&own.id, home).await.map_err(usage);
    }
    if args.account.is_empty() {
        return Ok(vec![own.clone()]);
    }
    Ok(args.account.iter().map(|id| Account { id: id.clone(), name: String::new() }).collect())
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err, which passes the error itself")]
fn usage(error: aws::SetupError) -> Failure {
    Failure::usage(error.to_string())
}
