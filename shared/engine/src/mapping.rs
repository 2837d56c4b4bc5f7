//! From CloudTrail records to the resources that they change.
//!
//! Three tiers, the first that knows the call decides: what resource rows say (`changed_by`), what was derived from the
//! schemas of the services (`catalog/derived/changes.json`), and ids in the record that the inventory knows. What is
//! left is counted by name. Nothing here asks AWS, and no record is too odd: what cannot be read names nothing.

mod form;
mod general;
mod identity;
mod index;
pub(crate) mod outcome;
pub(crate) mod place;
pub(crate) mod taken;
mod unmapped;
mod walk;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use catalog::resource::{Change, Condition, Row, Told, Which};
use model::json::Value;
use model::{Effect, Event, Outcome};

use identity::Identity;
use index::Index;
use place::Spot;

pub(crate) use general::candidates;
pub use identity::Reference;
pub use outcome::Set;
pub use unmapped::Unmapped;

/// How sure it is that a resource is affected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// Its row says so.
    Curated,
    /// It follows from the schemas of the service.
    Generated,
    /// The record names it.
    Matched,
}

/// A resource that a call changes, or several that are told together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Affected {
    /// The type, such as `aws.s3.bucket`.
    pub resource_type: String,
    /// The account that it is in.
    pub account: String,
    /// The region under which it is kept.
    pub region: String,
    /// Which one.
    pub which: Reference,
    /// The facets that may differ; all where this is empty.
    pub facets: BTreeSet<String>,
    /// What should stand in its document after the call.
    pub sets: BTreeSet<Set>,
    /// What happens to it. A hint: what is true is told by reading it.
    pub change: Effect,
    /// How sure that is.
    pub certainty: Certainty,
    /// Whether the call took effect, or was an attempt only.
    pub outcome: Outcome,
}

/// What came of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mapped {
    /// It is no management event that changes anything.
    Nothing,
    /// It changes these. Empty: the call is known, but the record does not say on what it acted.
    Affected(Vec<Affected>),
    /// Nobody knows what it changes.
    Unmapped,
}

impl Mapped {
    /// The resources.
    pub fn affected(&self) -> &[Affected] {
        match self {
            Self::Affected(affected) => affected,
            Self::Nothing | Self::Unmapped => &[],
        }
    }
}

/// Finds out what there is in the inventory.
pub trait Inventory {
    /// The type and the id of the resource that `text`, an ARN or an id, belongs to.
    fn known(&self, text: &str) -> Option<(String, String)>;
}

impl<F: Fn(&str) -> Option<(String, String)>> Inventory for F {
    fn known(&self, text: &str) -> Option<(String, String)> {
        self(text)
    }
}

/// Knows which calls change resources.
#[derive(Debug)]
pub struct Mapping {
    rows: Arc<Vec<Row>>,
    identities: Vec<Identity>,
    curated: Index,
    derived: Index,
}

impl Mapping {
    /// The mapping of `rows`, and of what was `derived` for their types beyond what they say themselves.
    pub fn new(rows: Arc<Vec<Row>>, derived: &BTreeMap<String, Vec<Change>>) -> Self {
        let identities = rows.iter().map(Identity::of).collect();
        let curated = Index::of(&rows, |row| row.changed_by.clone());
        let derived = Index::of(&rows, |row| derived.get(&row.name).cloned().unwrap_or_default());
        Self { rows, identities, curated, derived }
    }

    /// Whether a row, or what was derived, says what a call changes.
    pub fn knows(&self, source: &str, event: &str) -> bool {
        let event = facts::family(event);
        !self.curated.entries(source, event).is_empty() || !self.derived.entries(source, event).is_empty()
    }

    fn of_type<'m>(&'m self, name: &str) -> Option<(&'m Row, &'m Identity)> {
        self.rows.iter().zip(&self.identities).find(|(row, _)| row.name == name)
    }
}

/// What an id or an ARN of a type tells by itself: `id`, `arn`, and the fields of their forms.
pub(crate) fn fields_of(row: &Row, key: &str, account: &str, region: &str) -> Vec<(String, String)> {
    Identity::of(row).fields_of(key, &Spot { account: account.to_owned(), region: region.to_owned() })
}

/// Which resources a record changes.
pub fn affected(mapping: &Mapping, event: Event<'_>, inventory: &dyn Inventory) -> Mapped {
    if !facts::is_write(event) || !is_management(event) {
        return Mapped::Nothing;
    }
    let (source, name) = (facts::service(event), event.name().unwrap_or_default());
    let family = facts::family(&name);
    let spot = Spot::of(event);
    let mut found = Found { outcome: event.outcome(), affected: BTreeMap::new() };
    let tiers = [(&mapping.curated, Certainty::Curated), (&mapping.derived, Certainty::Generated)];
    let mut is_known = false;
    for (index, certainty) in tiers {
        let entries = index.entries(&source, family);
        for (row, change) in entries {
            if let (Some(row), Some(identity)) = (mapping.rows.get(*row), mapping.identities.get(*row)) {
                found.add(row, identity, change, event, &spot, certainty);
            }
        }
        is_known |= !entries.is_empty();
        if is_known {
            break;
        }
    }
    is_known |= general::add(mapping, &source, family, event, &spot, &mut found);
    if found.affected.is_empty() {
        general::match_known(mapping, event, &spot, inventory, &mut found);
    }
    match (found.into_list(), is_known) {
        (list, false) if list.is_empty() => Mapped::Unmapped,
        (list, _) => Mapped::Affected(list),
    }
}

/// Whether a record is of a call on the control plane. Old records do not say, and are.
fn is_management(event: Event<'_>) -> bool {
    event.root().path_text("eventCategory").is_none_or(|category| category.eq_ignore_ascii_case("Management"))
}

/// The parts of a document that a call changes.
#[derive(Debug, Default)]
struct Parts {
    facets: BTreeSet<String>,
    sets: BTreeSet<Set>,
}

/// What was found so far, each resource once.
struct Found {
    outcome: Outcome,
    affected: BTreeMap<(String, String, String, Reference), Affected>,
}

impl Found {
    fn add(
        &mut self,
        row: &Row,
        identity: &Identity,
        change: &Change,
        event: Event<'_>,
        spot: &Spot,
        certainty: Certainty,
    ) {
        let root = event.root();
        if !change.when.iter().all(|condition| holds(root, condition))
            || change.unless.iter().any(|condition| holds(root, condition))
        {
            return;
        }
        let mut spot = spot.clone();
        if let Some(region) = told(root, &change.region).into_iter().next() {
            spot.region = placed(region);
        }
        let sets = outcome::sets(row, change, event);
        let mut put = |which: Reference, spot: &Spot, effect: Effect| {
            let facets = change.facets.iter().cloned().collect();
            self.put(row, which, spot, Parts { facets, sets: sets.clone() }, effect, certainty);
        };
        match &change.which {
            Which::Own => {
                let id = match row.id {
                    catalog::resource::Source::Region => spot.region_for(row.scope),
                    _ => spot.account.clone(),
                };
                put(Reference::Id(id), &spot, change.effect);
            }
            Which::All => put(Reference::All, &spot, change.effect),
            Which::Where(linked) => {
                let values: Vec<(String, Vec<String>)> =
                    linked.iter().map(|(path, from)| (path.clone(), distinct(told(root, from)))).collect();
                if values.iter().all(|(_, values)| !values.is_empty()) {
                    put(Reference::Where(values), &spot, change.effect);
                }
            }
            Which::Named { id, name } => {
                let renamed = told(root, &change.renamed);
                let effect = if renamed.is_empty() { change.effect } else { Effect::Gone };
                let fits = |text: &String| {
                    change.prefix.as_ref().is_none_or(|prefix| text.starts_with(prefix.as_str()))
                };
                let ids = first_told(root, id, |text| fits(text) && identity.refer(text, &spot).is_some());
                let none = ids.is_empty();
                for (which, at) in ids.iter().filter_map(|text| identity.refer(text, &spot)) {
                    put(which, &at, effect);
                }
                for text in told(root, name).into_iter().filter(|_| none) {
                    put(Reference::Name(text), &spot, effect);
                }
                for (which, at) in renamed.iter().filter_map(|text| identity.refer(text, &spot)) {
                    put(which, &at, Effect::Upsert);
                }
            }
        }
    }

    fn put(
        &mut self,
        row: &Row,
        which: Reference,
        spot: &Spot,
        parts: Parts,
        change: Effect,
        certainty: Certainty,
    ) {
        let Parts { facets, sets } = parts;
        // Buckets are listed for a whole account, and yet each has a region.
        let region = if row.region.is_some() { spot.region.clone() } else { spot.region_for(row.scope) };
        let key = (row.name.clone(), spot.account.clone(), region.clone(), which.clone());
        let (outcome, account) = (self.outcome, spot.account.clone());
        let resource_type = row.name.clone();
        let affected =
            Affected { resource_type, account, region, which, facets, sets, change, certainty, outcome };
        self.affected.entry(key).and_modify(|known| known.join(&affected)).or_insert(affected);
    }

    fn into_list(self) -> Vec<Affected> {
        self.affected.into_values().collect()
    }
}

impl Affected {
    /// Takes in what else is said of the same resource: no facets means all of them, and what goes away is gone.
    fn join(&mut self, other: &Self) {
        if self.facets.is_empty() || other.facets.is_empty() {
            self.facets.clear();
        } else {
            self.facets.extend(other.facets.iter().cloned());
        }
        self.sets.extend(other.sets.iter().cloned());
        self.change = self.change.max(other.change);
        self.certainty = self.certainty.min(other.certainty);
    }
}

fn holds(root: Value<'_>, condition: &Condition) -> bool {
    let texts = walk::texts(root, &condition.path);
    texts
        .iter()
        .any(|text| condition.values.iter().any(|value| value == "*" || value.eq_ignore_ascii_case(text)))
}

/// What the first place that says anything says.
fn told(root: Value<'_>, places: &[Told]) -> Vec<String> {
    first_told(root, places, |_| true)
}

/// What the first place that says anything useful says.
fn first_told(root: Value<'_>, places: &[Told], is_useful: impl Fn(&String) -> bool) -> Vec<String> {
    let texts = |place: &Told| match place {
        Told::Text(text) => vec![text.clone()],
        Told::Path(path) => walk::texts(root, path).into_iter().map(std::borrow::Cow::into_owned).collect(),
    };
    let useful = |place| texts(place).into_iter().filter(&is_useful).collect::<Vec<_>>();
    places.iter().map(useful).find(|texts| !texts.is_empty()).unwrap_or_default()
}

fn distinct(texts: Vec<String>) -> Vec<String> {
    texts.into_iter().collect::<BTreeSet<_>>().into_iter().collect()
}

/// The region behind the location of a bucket: `EU` is older than the names of regions.
///
/// `CreateBucketConfiguration`, <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucketConfiguration.html>.
fn placed(location: String) -> String {
    if location == "EU" { "eu-west-1".into() } else { location }
}
