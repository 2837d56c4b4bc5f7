//! A correlation that is ready to be asked.

use jiff::{SignedDuration, Timestamp};

use super::window::Shape;
use super::{Fired, Kind, Seen, thin};
use crate::duration;
use crate::expr::Path;
use crate::message::Piece;
use crate::meta::Meta;

/// A compiled correlation.
#[derive(Debug, Clone)]
pub struct Correlated {
    pub(crate) meta: Meta,
    pub(crate) reported: bool,
    /// 0 where it looks at events only, else one more than the correlations that it looks at.
    pub(crate) level: usize,
    pub(super) shape: Shape,
    /// What its rules are called, by their numbers.
    pub(crate) bases: Vec<String>,
    pub(crate) group_by: Vec<String>,
    pub(crate) message: Vec<Piece>,
    /// The correlations that look at this one.
    pub(crate) feeds: Vec<Feed>,
}

/// That a correlation looks at the matches of a rule, and at what of them.
#[derive(Debug, Clone)]
pub(crate) struct Feed {
    /// The correlation, by its number in the rule set.
    pub(crate) correlation: usize,
    /// The number of the rule there.
    pub(crate) base: usize,
    pub(crate) group: Vec<Path>,
    pub(crate) values: Vec<Path>,
}

impl Correlated {
    /// What the rule says of itself.
    pub fn meta(&self) -> &Meta {
        &self.meta
    }

    /// Whether it is reported on its own. `false`: another correlation stands for it.
    pub fn is_reported(&self) -> bool {
        self.reported
    }

    /// In which order correlations are asked: those of a lower level first, because others look at them.
    pub fn level(&self) -> usize {
        self.level
    }

    /// The number of the rule that the correlation knows by this label.
    pub fn base(&self, label: &str) -> Option<usize> {
        self.bases.iter().position(|base| base == label)
    }

    /// How far before and after an event others lie that have to do with it.
    pub fn reach(&self) -> SignedDuration {
        self.shape.span.saturating_add(match self.shape.kind {
            // What is remembered begins and ends with whole parts.
            Kind::NewTerms { .. } => thin::part(self.shape.kind, self.shape.span).saturating_mul(2),
            _ => SignedDuration::ZERO,
        })
    }

    /// The class of an entry, of which [`Correlated::limit`] are kept.
    pub fn class(&self, time: Timestamp, base: usize, value: &str) -> String {
        thin::class(self.shape.kind, self.shape.span, time, base, value)
    }

    /// How many entries of one class are kept: the first ones.
    pub fn limit(&self) -> usize {
        thin::limit(self.shape.kind, self.most())
    }

    /// How many entries of one window are looked at.
    pub fn whole(&self) -> usize {
        thin::whole(self.shape.kind, self.most())
    }

    /// The greatest bound.
    fn most(&self) -> usize {
        let bounds = self.shape.bounds.iter().map(|bound| bound.than.clamp(0.0, 100_000.0));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it was clamped")]
        let most = bounds.fold(0.0, f64::max).ceil() as usize;
        most
    }

    /// The entries of one group that complete something, in the order of time. Neither the order of `seen` matters
    /// nor how often an entry stands in it.
    pub fn fired(&self, seen: &[Seen<'_>]) -> Vec<Fired> {
        let class = |seen: &Seen<'_>| self.class(seen.time, seen.base, seen.value);
        self.shape.fired(thin::thinned(seen, self.limit(), class))
    }

    /// What is looked for, in words.
    pub fn words(&self) -> String {
        let Shape { kind, span, bounds, .. } = &self.shape;
        let span = duration::shown(*span);
        let bounds: Vec<_> = bounds.iter().map(|bound| bound.shown()).collect();
        let bounds = bounds.join(" and ");
        let each = match self.group_by.as_slice() {
            [] => String::new(),
            fields => format!(" for each {}", fields.join(", ")),
        };
        match kind {
            Kind::EventCount => format!("{bounds} events within {span}{each}"),
            Kind::ValueCount => format!("{bounds} different values within {span}{each}"),
            Kind::Sum => format!("a sum of {bounds} within {span}{each}"),
            Kind::Average => format!("an average of {bounds} within {span}{each}"),
            Kind::Least => format!("a least value of {bounds} within {span}{each}"),
            Kind::Greatest => format!("a greatest value of {bounds} within {span}{each}"),
            Kind::Temporal if bounds.is_empty() => format!("all of these within {span}{each}"),
            Kind::Temporal => format!("{bounds} of these within {span}{each}"),
            Kind::Ordered => format!("these one after the other within {span}{each}"),
            Kind::NewTerms { learning } => {
                let learning = duration::shown(*learning);
                format!("a value not seen for {span}{each}, known for {learning}")
            }
        }
    }
}
