//! The life of a resource, as the page reads it.

use model::{Moment, Outcome, Turn, What};
use serde::Serialize;

use super::cause::{ActorOnPage, CauseOnPage, PatchOnPage, call};
use super::{seconds, shown};
use crate::html::report::Life;

/// So many moments of a resource are shown, the newest ones.
const MOMENTS: usize = 60;

#[derive(Serialize)]
pub(super) struct MomentOnPage {
    time: i64,
    #[serde(flatten)]
    what: WhatOnPage,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum WhatOnPage {
    Call {
        event: String,
        call: String,
        outcome: Outcome,
        #[serde(skip_serializing_if = "String::is_empty")]
        error: String,
        actor: ActorOnPage,
    },
    Change {
        turn: Turn,
        related: bool,
        cause: CauseOnPage,
        patch: PatchOnPage,
    },
}

pub(super) fn of_life(life: &Life<'_>) -> Vec<MomentOnPage> {
    let left_out = life.moments.len().saturating_sub(MOMENTS);
    life.moments.iter().skip(left_out).map(MomentOnPage::from).collect()
}

impl From<&Moment> for MomentOnPage {
    fn from(moment: &Moment) -> Self {
        let what = match &moment.what {
            What::Call(made) => WhatOnPage::Call {
                event: shown(&made.event_id),
                call: call(&made.source, &made.name),
                outcome: made.outcome,
                error: shown(&made.error),
                actor: ActorOnPage::from(&made.actor),
            },
            What::Difference(difference) => WhatOnPage::Change {
                turn: difference.turn,
                related: difference.related,
                cause: CauseOnPage::from(&difference.cause),
                patch: PatchOnPage::from(&difference.patch),
            },
        };
        Self { time: seconds(moment.time), what }
    }
}
