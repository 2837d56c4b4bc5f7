//! What a reader hands out.

use std::borrow::Cow;

use model::Event;

use crate::origin::Origin;
use crate::problem::Problem;

/// One thing found in the input.
#[derive(Debug, Clone)]
pub enum Item<'a> {
    /// A CloudTrail record.
    Record(Record<'a>),
    /// Something that should have been one.
    Problem(Problem<'a>),
}

/// One CloudTrail record, borrowed from the reader's window.
#[derive(Debug, Clone)]
pub struct Record<'a> {
    /// The record.
    pub event: Event<'a>,
    /// Where it stands.
    pub origin: Origin<'a>,
    /// A key that stands twice in one object, so that two readers may disagree on the record.
    pub ambiguous: Option<String>,
    /// What the `EventBridge` envelope around it said.
    pub envelope: Option<Envelope<'a>>,
    /// The record as it was written.
    pub bytes: &'a [u8],
}

/// What an `EventBridge` envelope says about the record in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Envelope<'a> {
    /// `account`: where the event was put on a bus.
    pub account: Option<Cow<'a, str>>,
    /// `region`
    pub region: Option<Cow<'a, str>>,
    /// `detail-type`, such as `AWS API Call via CloudTrail`.
    pub detail_type: Option<Cow<'a, str>>,
    /// `source`, such as `aws.s3`.
    pub source: Option<Cow<'a, str>>,
}
