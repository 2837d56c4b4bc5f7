//! The accounts that are scanned, and the way into each.

use std::io::Write as _;

use aws::model::partition_of;
use aws::{Access, Account, Reader, Setup};
use engine::collect::Scene;
use engine::health::SERVICE;

use crate::args::Scan;
use crate::exit::Failure;

/// What the reader says where credentials cannot be had, such as those of a role that may not be assumed.
const NO_CREDENTIALS: &str = "NoCredentials";

/// The ways into the accounts.
#[derive(Debug, Default)]
pub(crate) struct Ways {
    /// A reader for each profile, with the accounts that it reads.
    pub(crate) ways: Vec<(Reader, Vec<Scene>)>,
    /// How many profiles and accounts there is no way into, while there is one into others.
    pub(crate) left_out: usize,
}

/// Finds a way into each account that the arguments name.
pub(crate) async fn connect(args: &Scan) -> Result<Ways, Failure> {
    if args.way.role.is_some() && !args.way.org && args.way.account.is_empty() {
        return Err(Failure::usage(
            "--role says how accounts are entered; say which with --account or --org",
        ));
    }
    let profiles: Vec<Option<String>> =
        if args.profile.is_empty() { vec![None] } else { args.profile.iter().cloned().map(Some).collect() };
    let mut ways = Ways::default();
    for profile in profiles {
        one_way(args, profile, &mut ways).await?;
    }
    if ways.ways.iter().all(|(_, scenes)| scenes.is_empty()) {
        return Err(Failure::usage("there is no account that can be scanned"));
    }
    Ok(ways)
}

async fn one_way(args: &Scan, profile: Option<String>, ways: &mut Ways) -> Result<(), Failure> {
    let setup = Setup {
        profile: profile.clone(),
        endpoint_url: args.way.endpoint_url.clone(),
        region: args.way.region.first().cloned(),
        ..Setup::default()
    };
    let (reader, own, config) = match Reader::connect(&setup).await {
        Ok(connected) => connected,
        Err(error) => {
            return match profile {
                Some(profile) if args.profile.len() > 1 => {
                    Ok(ways.leave_out(&format!("profile {profile} is left out: {error}"))?)
                }
                Some(profile) => Err(Failure::usage(format!("profile {profile}: {error}"))),
                None => Err(usage(error)),
            };
        }
    };
    let region = config.region().map_or_else(|| "us-east-1".to_owned(), ToString::to_string);
    let Some(partition) = partition_of(&region) else {
        return Err(Failure::usage(format!("region {region} is in a partition that is not read")));
    };
    let accounts = accounts(args, &reader, &own, &partition.home).await?;
    let several = args.way.org || accounts.len() > 1 || args.profile.len() > 1;
    let mut scenes = Vec::new();
    for account in accounts {
        if let Some(role) = args.way.role.as_ref().filter(|_| account.id != own.id) {
            if let Some(other) = account_of(role).filter(|other| *other != account.id) {
                return Err(Failure::usage(format!(
                    "the role {role} is in account {other}, and does not lead into account {}; name it without its account",
                    account.id
                )));
            }
            let access = Access { role: role.clone(), external_id: args.way.external_id.clone() };
            reader.enter(&account.id, &access, &config).await;
        }
        let regions = match reader.regions(&account.id, &region).await {
            Ok(regions) => regions,
            // Whoever may not list regions may read the named ones all the same, unless there is no way in at all.
            Err(error) if !args.way.region.is_empty() && error.code != NO_CREDENTIALS => {
                args.way.region.clone()
            }
            // That there is no way into a producer is what is asked for, and a finding.
            Err(error) if error.code == NO_CREDENTIALS && about_producers(args) => {
                if args.way.region.is_empty() {
                    vec![partition.home.clone()]
                } else {
                    args.way.region.clone()
                }
            }
            // One account that cannot be entered does not keep the others from being scanned.
            Err(error) if several => {
                let Account { id, name } = account;
                let name = if name.is_empty() { name } else { format!(" ({name})") };
                ways.leave_out(&format!("account {id}{name} is left out: {error}"))?;
                continue;
            }
            Err(error) if error.code == NO_CREDENTIALS => {
                return Err(Failure::usage(format!(
                    "account {} cannot be entered: {error}; see to it that the role trusts you, and that --external-id is its own",
                    account.id
                )));
            }
            Err(error) => return Err(usage(aws::SetupError::Regions(account.id, error))),
        };
        if let Some(unknown) = args.way.region.iter().find(|region| !regions.contains(region)) {
            let off = format!("region {unknown} is not switched on in account {}", account.id);
            if !several {
                return Err(Failure::usage(off));
            }
            writeln!(anstream::stderr(), "{off}, so there is nothing in it")?;
        }
        scenes.push(Scene {
            account: account.id,
            partition: partition.name.clone(),
            home: partition.home.clone(),
            regions,
        });
    }
    ways.ways.push((reader, scenes));
    Ok(())
}

/// Whether the health of producers is asked for.
fn about_producers(args: &Scan) -> bool {
    args.service.iter().any(|service| service == SERVICE)
}

impl Ways {
    fn leave_out(&mut self, why: &str) -> std::io::Result<()> {
        self.left_out += 1;
        writeln!(anstream::stderr(), "{why}")
    }
}

/// The account that a role is in, if the role is named by its ARN.
fn account_of(role: &str) -> Option<&str> {
    role.strip_prefix("arn:")?.split(':').nth(3)
}

async fn accounts(args: &Scan, reader: &Reader, own: &Account, home: &str) -> Result<Vec<Account>, Failure> {
    if args.way.org {
        return reader.organization(&own.id, home).await.map_err(usage);
    }
    if args.way.account.is_empty() {
        return Ok(vec![own.clone()]);
    }
    Ok(args.way.account.iter().map(|id| Account { id: id.clone(), name: String::new() }).collect())
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err, which passes the error itself")]
fn usage(error: aws::SetupError) -> Failure {
    Failure::usage(error.to_string())
}
