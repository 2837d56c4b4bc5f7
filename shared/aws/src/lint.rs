//! Whether resource rows and the models of the services' APIs agree.

mod changes;
mod member;
mod volatile;

use std::collections::BTreeSet;

use catalog::resource::{Listing, Read, Row};

use crate::model::{Models, Service, Shape, Type, partition_of};
use crate::permissions;

pub use member::can_have;
pub use volatile::names;

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub origin: String,
    /// The resource type.
    pub row: String,
    /// What is wrong, and the mend.
    pub text: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}: {}: {}", self.origin, self.row, self.text)
    }
}

/// Verbs of operations that only read.
const READS: &[&str] = &["BatchGet", "Describe", "Get", "List", "Lookup", "Search"];

/// Holds rows against the models; parents may stand among `known`.
pub fn rows(rows: &[Row], known: &[Row], models: &Models) -> Vec<Problem> {
    let mut problems = Vec::new();
    let all: Vec<Row> = rows.iter().chain(known).cloned().collect();
    for row in rows {
        let mut say =
            |text: String| problems.push(Problem { origin: row.origin.clone(), row: row.name.clone(), text });
        for read in row.reads().filter(|read| !read.is_code()) {
            one_read(read, models, &mut say);
        }
        if let Listing::Within { parent, .. } = &row.listing
            && !all.iter().any(|other| other.name == *parent)
        {
            say(format!("its parent {parent} is no resource type here"));
        }
        let keys = item_keys(row, models);
        let carried: &[String] = match &row.listing {
            Listing::Within { carry, .. } => carry,
            Listing::Single | Listing::Call(_) => &[],
        };
        let has_member = |path: &str| {
            let first = path.split('.').next().unwrap_or_default();
            keys.as_ref().is_none_or(|keys| keys.iter().any(|key| key == first))
                || carried.iter().any(|path| path.rsplit('.').next() == Some(first))
                || row.facet(first).is_some()
        };
        let own = row.id.paths().into_iter().chain(fields_of(&row.arn));
        for path in own.chain(row.region.as_deref()).chain(row.display.as_deref()) {
            if !has_member(path) {
                say(format!("the documents have no member `{path}`"));
            }
        }
        changes::of_row(row, models, &has_member, &mut say);
        volatile::of_row(row, &all, models, &mut say);
    }
    problems
}

fn one_read(read: &Read, models: &Models, say: &mut impl FnMut(String)) {
    let name = &read.operation;
    let Some(service) = models.service(&name.service) else {
        return say(format!("{name}: there is no model of this service; run `cargo xtask models`"));
    };
    let Some(operation) = service.operations.get(&name.name) else {
        return say(format!("{name}: there is no model of this operation; run `cargo xtask models`"));
    };
    if !READS.iter().any(|verb| name.name.starts_with(verb))
        || permissions::of_operation(models, name)
            .iter()
            .any(|action| permissions::DATA.contains(&action.as_str()))
    {
        say(format!("{name} is no read of settings; take a Describe, Get or List"));
    }
    if let Some(region) = &read.region
        && !partition_of(region).is_some_and(|partition| partition.regions.contains(region))
    {
        say(format!("{name}: there is no region `{region}`"));
    }
    let input = service.input(operation);
    for (parameter, _) in &read.with {
        if !input.is_some_and(|input| input.members.contains_key(parameter)) {
            say(format!("{name} has no parameter `{parameter}`"));
        }
    }
    for needed in input.map(|input| input.required.as_slice()).unwrap_or_default() {
        if !read.with.iter().any(|(parameter, _)| parameter == needed) {
            say(format!("{name} needs the parameter `{needed}`"));
        }
    }
    if let Some(batch) = &read.batch
        && !read.with.iter().any(|(parameter, _)| *parameter == batch.parameter)
    {
        say(format!("{name}: the batch parameter `{}` is not in `with`", batch.parameter));
    }
    let taken = match (&read.take, service.output(operation)) {
        (Some(take), Some(output)) => match shape_at(&service, output, take) {
            Some(shape) => Some(shape),
            None => return say(format!("{name}: the answer has no `{take}`")),
        },
        (None, output) => output,
        (Some(take), None) => return say(format!("{name}: the answer has no `{take}`")),
    };
    let element = taken.and_then(|taken| element(&service, taken));
    let keys = read.filter.iter().map(|(key, _)| key).chain(read.batch.as_ref().map(|batch| &batch.key));
    for key in keys {
        let found = element.is_some_and(|element| {
            element.r#type != Type::Structure || shape_at(&service, element, key).is_some()
        });
        if !found {
            say(format!("{name}: the elements of the answer have no `{key}`"));
        }
    }
}

/// The shape at a dotted path, through lists and maps.
fn shape_at<'s>(service: &'s Service, shape: &'s Shape, path: &str) -> Option<&'s Shape> {
    path.split('.').try_fold(shape, |shape, name| {
        let shape = element(service, shape).unwrap_or(shape);
        match shape.r#type {
            Type::Structure => service.shape(&shape.members.get(name)?.shape),
            Type::Map => service.shape(&shape.value.as_ref()?.shape),
            // Text may be JSON; what is in it nobody knows.
            Type::String if !shape.document => None,
            _ => None,
        }
    })
}

/// What a list is of; the shape itself where it is none.
fn element<'s>(service: &'s Service, shape: &'s Shape) -> Option<&'s Shape> {
    match shape.r#type {
        Type::List => service
            .shape(&shape.member.as_ref()?.shape)
            .and_then(|inner| element(service, inner).or(Some(inner))),
        _ => Some(shape),
    }
}

/// The members that the documents of a row have; `None` where that cannot be told.
fn item_keys(row: &Row, models: &Models) -> Option<Vec<String>> {
    let listing = match &row.listing {
        Listing::Single => return None,
        Listing::Call(read) | Listing::Within { read, .. } => read,
    };
    let mut keys: Vec<String> = listing.named.iter().cloned().collect();
    for read in std::iter::once(listing).chain(&row.describe) {
        if read.is_code() || (read.parse_json) {
            return None;
        }
        let service = models.service(&read.operation.service)?;
        let output = service.output(service.operations.get(&read.operation.name)?)?;
        let taken = match &read.take {
            Some(take) => shape_at(&service, output, take)?,
            None => output,
        };
        let item = element(&service, taken)?;
        match item.r#type {
            Type::Structure => keys.extend(item.members.keys().cloned()),
            // Attributes by name, as SQS and SNS give them.
            Type::Map => return None,
            _ => {}
        }
    }
    Some(keys)
}

/// The members that the documents of a row are known to have: those of its entry in the listing, and its facets. Of a
/// listing whose members cannot be told, the facets alone.
pub fn members(row: &Row, models: &Models) -> BTreeSet<String> {
    let facets = row.facets.iter().map(|(name, _)| name.clone());
    facets.chain(item_keys(row, models).unwrap_or_default()).collect()
}

/// The `{path}` fields of an ARN, without those of the place.
fn fields_of(template: &str) -> Vec<&str> {
    let fields = template.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(field, _)| field);
    fields.filter(|field| !matches!(*field, "partition" | "region" | "account")).collect()
}
