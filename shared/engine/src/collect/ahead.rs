//! Reading several resources of one type with one call, where the API takes a list of ids.
//!
//! Only what the answer shows is taken from it. An id that it leaves out, or because of which it fails as a whole, as
//! EC2's `InvalidGroup.NotFound` has it, is asked for by itself then, so that each has its own fate.

use std::collections::BTreeMap;

use catalog::resource::{Listing, Read, Row, Source};
use model::Timestamp;
use serde_json::{Map, Value};

use super::Collector;
use super::one::Wanted;
use crate::ports::Place;

/// So many ids are asked for at once: what the strictest API takes.
///
/// `LoadBalancerArns.member.N`, <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeLoadBalancers.html>.
const IDS: usize = 20;

/// A resource's type, its place, and its id or ARN.
type Key = (String, Place, String);

/// What listings said of resources before anybody asked for each of them.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    items: BTreeMap<Key, (Timestamp, Map<String, Value>)>,
}

impl Collector {
    /// Reads what the listing says of the resources of a type at a place whose ids or ARNs are `keys`, as few calls as
    /// may be. `now` is the time.
    pub async fn read_ahead(
        &mut self,
        row: &Row,
        place: &Place,
        keys: &[String],
        now: &(dyn Fn() -> Timestamp + Send + Sync),
    ) {
        if !takes_lists(row) {
            return;
        }
        let asked: Vec<Wanted> = keys.iter().map(|key| Wanted::new(row, place, key)).collect();
        for asked in asked.chunks(IDS).filter(|asked| asked.len() > 1) {
            let Some(read) = self.together(row, place, asked) else { continue };
            let began = now();
            let Ok(items) = self.items(&read, place, &Map::new()).await else { continue };
            for wanted in asked {
                let mut own = items.iter().filter(|item| self.is_asked(row, place, item, wanted));
                if let (Some(item), None) = (own.next(), own.next()) {
                    let key = (row.name.clone(), place.clone(), wanted.key.clone());
                    self.ahead.items.insert(key, (began, item.clone()));
                }
            }
        }
    }

    /// When the read began that already shows a resource.
    pub fn seen_at(&self, row: &Row, place: &Place, key: &str) -> Option<Timestamp> {
        self.shown(row, place, key).map(|(time, _)| *time)
    }

    pub(super) fn shown(
        &self,
        row: &Row,
        place: &Place,
        key: &str,
    ) -> Option<&(Timestamp, Map<String, Value>)> {
        self.ahead.items.get(&(row.name.clone(), place.clone(), key.to_owned()))
    }

    /// The listing with the ids of all that are asked for.
    fn together(&self, row: &Row, place: &Place, asked: &[Wanted]) -> Option<Read> {
        let (Listing::Call(listing), [(parameter, Source::List(sources))]) =
            (&row.listing, row.by_id.as_slice())
        else {
            return None;
        };
        let context = self.context(place);
        let ids = asked.iter().flat_map(|wanted| {
            sources.iter().map(|source| context.value(source, &wanted.known).ok().map(Source::Literal))
        });
        let ids: Vec<Source> = ids.collect::<Option<_>>()?;
        let mut read = listing.clone();
        read.with.retain(|(name, _)| name != parameter);
        read.with.push((parameter.clone(), Source::List(ids)));
        Some(read)
    }
}

/// Whether the listing of a type takes a list of ids.
fn takes_lists(row: &Row) -> bool {
    let is_call = matches!(row.listing, Listing::Call(_));
    is_call && row.item.is_empty() && matches!(row.by_id.as_slice(), [(_, Source::List(_))])
}
