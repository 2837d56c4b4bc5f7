//! Producers of a whole organization, or of units of it: a stack set that new accounts join by themselves.

use aws::{Act, Reader, Setup, text_in};
use engine::health::TEMPLATE;
use engine::ports::{Place, ReadError};
use serde_json::{Value, json};

use super::place::{act, shown, tell};
use super::stack::{call, members, operated, read, template};
use crate::args::{Producers, ProducersAdd, ProducersRemove};
use crate::exit::{Ending, Failure};

/// A stack set as it is spoken to.
struct StackSet<'a> {
    reader: Reader,
    place: Place,
    name: &'a str,
    delegated: bool,
    dry_run: bool,
}

pub(super) async fn add(args: &ProducersAdd, wanted: &[(String, String)]) -> Result<Ending, Failure> {
    let regions = regions(&args.producers, &args.home_region)?;
    let set =
        StackSet::new(&args.producers, &args.home_region, &args.stack_name, args.delegated, args.dry_run)
            .await?;
    match set.describe().await? {
        None if args.central_bus.is_none() => {
            return Err(Failure::usage(
                "there is no stack set yet; say with --central-bus where its events go",
            ));
        }
        None => {
            let auto = [
                ("PermissionModel", "SERVICE_MANAGED"),
                ("AutoDeployment.Enabled", "true"),
                ("AutoDeployment.RetainStacksOnAccountRemoval", "false"),
            ];
            let auto = auto.map(|(name, value)| (name.to_owned(), value.to_owned()));
            set.act("CreateStackSet", template(wanted, &[]).into_iter().chain(auto).collect(), "created")
                .await?;
        }
        Some((text, parameters)) => {
            let same = wanted.iter().all(|pair| parameters.contains(pair));
            if text == TEMPLATE && same {
                tell(&set.place, "unchanged", &format!("stack set {}", set.name))?;
            } else {
                set.act("UpdateStackSet", template(wanted, &parameters), "updated").await?;
            }
        }
    }
    let mut fields = targets(&args.organizational_unit, &regions);
    fields.push(("OperationPreferences.RegionConcurrencyType".to_owned(), "SEQUENTIAL".to_owned()));
    fields.extend(members("OperationPreferences.RegionOrder", &regions));
    set.act("CreateStackInstances", fields, "deployed").await?;
    Ok(Ending::Clean)
}

pub(super) async fn remove(args: &ProducersRemove) -> Result<Ending, Failure> {
    let regions = regions(&args.producers, &args.home_region)?;
    let set =
        StackSet::new(&args.producers, &args.home_region, &args.stack_name, args.delegated, args.dry_run)
            .await?;
    if set.describe().await?.is_none() {
        tell(&set.place, "unchanged", "there is no stack set")?;
        return Ok(Ending::Clean);
    }
    let mut fields = targets(&args.organizational_unit, &regions);
    fields.push(("RetainStacks".to_owned(), "false".to_owned()));
    set.act("DeleteStackInstances", fields, "withdrawn").await?;
    set.act("DeleteStackSet", Vec::new(), "removed").await?;
    Ok(Ending::Clean)
}

/// The regions of the stack set, the home region first.
fn regions(args: &Producers, home: &str) -> Result<Vec<String>, Failure> {
    if args.way.region.is_empty() {
        return Err(Failure::usage(
            "name the regions with --region; members need not have the same ones switched on",
        ));
    }
    let others = args.way.region.iter().filter(|region| *region != home).cloned();
    Ok(std::iter::once(home.to_owned()).chain(others).collect())
}

fn targets(units: &[String], regions: &[String]) -> Vec<(String, String)> {
    let mut fields = members("DeploymentTargets.OrganizationalUnitIds", units);
    fields.extend(members("Regions", regions));
    fields
}

impl<'a> StackSet<'a> {
    async fn new(
        args: &Producers,
        home: &str,
        name: &'a str,
        delegated: bool,
        dry_run: bool,
    ) -> Result<Self, Failure> {
        let setup = Setup {
            profile: args.profile.clone(),
            endpoint_url: args.way.endpoint_url.clone(),
            region: Some(home.to_owned()),
            ..Setup::default()
        };
        let (reader, ..) =
            Reader::connect(&setup).await.map_err(|error| Failure::usage(error.to_string()))?;
        let place = Place { account: String::new(), region: home.to_owned() };
        Ok(Self { reader, place, name, delegated, dry_run })
    }

    /// As whom the caller speaks: the management account, or one to which that has delegated.
    fn caller(&self) -> &'static str {
        if self.delegated { "DELEGATED_ADMIN" } else { "SELF" }
    }

    /// Its template and parameters; `None` where there is none.
    async fn describe(&self) -> Result<Option<(String, Vec<(String, String)>)>, Failure> {
        let asked = json!({ "StackSetName": self.name, "CallAs": self.caller() });
        let answer = match read(&self.reader, &self.place, "DescribeStackSet", &asked).await {
            Ok(answer) => answer,
            Err(error) if error.code.starts_with("StackSetNotFound") => return Ok(None),
            Err(error) => return Err(failure(&error)),
        };
        let set = answer.get("StackSet").unwrap_or(&Value::Null);
        let text =
            |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        // A stack set that was deleted is still told of for a while.
        if text(set, "Status") == "DELETED" {
            return Ok(None);
        }
        let parameters = set.get("Parameters").and_then(Value::as_array).into_iter().flatten();
        let parameters = parameters.map(|item| (text(item, "ParameterKey"), text(item, "ParameterValue")));
        Ok(Some((text(set, "TemplateBody"), parameters.collect())))
    }

    /// Makes a call about it, and waits until what it began is over.
    async fn act(
        &self,
        operation: &'static str,
        fields: Vec<(String, String)>,
        what: &str,
    ) -> Result<(), Failure> {
        let own = [("StackSetName", self.name), ("CallAs", self.caller())];
        let own = own.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let made: Act = call(operation, own.into_iter().chain(fields).collect());
        let answer =
            act(&self.reader, &self.place, &made, self.dry_run).await.map_err(|error| failure(&error))?;
        let Some(answer) = answer else { return tell(&self.place, "would call", &shown(&made)) };
        if let Some(id) = text_in(&answer, "OperationId").filter(|id| !id.is_empty()) {
            let asked = json!({ "StackSetName": self.name, "OperationId": id, "CallAs": self.caller() });
            operated(&self.reader, &self.place, &asked).await.map_err(|error| failure(&error))?;
        }
        tell(&self.place, what, &format!("stack set {}", self.name))
    }
}

fn failure(error: &ReadError) -> Failure {
    Failure::usage(format!(
        "the stack set cannot be worked on: {error}; use the management account, or --delegated from a delegated administrator"
    ))
}
