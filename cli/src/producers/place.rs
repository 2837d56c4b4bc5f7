//! Where producers are set up, and what is told of each place.

use std::io::Write as _;

use aws::{Act, Parameters, Reader};
use engine::ports::{Place, ReadError};

use crate::args::Producers;
use crate::exit::Failure;
use crate::scan;

/// A way into accounts, and the places there.
pub(super) struct Way {
    pub(super) reader: Reader,
    pub(super) places: Vec<Place>,
}

/// The places that the arguments name: of each account the home region first, because its roles are those of all regions.
pub(super) async fn ways(args: &Producers, home: Option<&str>) -> Result<Vec<Way>, Failure> {
    let scan = super::scan_of(args.clone());
    let found = scan::connect(&scan).await?;
    let mut ways = Vec::new();
    for (reader, scenes) in found.ways {
        let mut places = Vec::new();
        for scene in scenes {
            let mut regions =
                if args.way.region.is_empty() { scene.regions } else { args.way.region.clone() };
            if let Some(home) = home {
                regions.retain(|region| region != home);
                regions.insert(0, home.to_owned());
            }
            places.extend(regions.into_iter().map(|region| Place { account: scene.account.clone(), region }));
        }
        ways.push(Way { reader, places });
    }
    Ok(ways)
}

/// Tells what became of a place.
pub(super) fn tell(place: &Place, what: &str, more: &str) -> Result<(), Failure> {
    let account = if place.account.is_empty() { "organization" } else { &place.account };
    let line = format!("{account}  {:<14}  {what:<10}  {more}", place.region);
    Ok(writeln!(anstream::stdout(), "{}", line.trim_end())?)
}

/// Makes a call, or says which it would be.
pub(super) async fn act(
    reader: &Reader,
    place: &Place,
    act: &Act,
    dry_run: bool,
) -> Result<Option<String>, ReadError> {
    if dry_run {
        return Ok(None);
    }
    reader.act(place, act).await.map(Some)
}

/// A call in one line, without the template's text.
pub(super) fn shown(act: &Act) -> String {
    let Parameters::Form(fields) = &act.parameters else { return act.operation.to_owned() };
    let told = fields.iter().filter(|(name, _)| name != "ClientRequestToken" && name != "OperationId");
    let one = |(name, value): &(String, String)| match name.as_str() {
        "TemplateBody" => "TemplateBody=templates/producer.yaml".to_owned(),
        name => format!("{name}={value}"),
    };
    let fields: Vec<String> = told.map(one).collect();
    format!("{}:{} {}", act.service, act.operation, fields.join(" "))
}
