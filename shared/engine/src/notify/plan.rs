//! What happens with a notice: sent at once, put into a digest, or neither.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use model::{Severity, Timestamp};

use super::alerts::When;
use super::{Held, Notifier, Result, Step, Told, settled};
use crate::ports::{Lease, Sink};

/// Which spans are known to be full: once full they stay so, and the store need not be asked again.
#[derive(Default)]
pub(super) struct Spans(Mutex<BTreeSet<String>>);

/// So many are remembered; more than are ever in use at once.
const REMEMBERED: usize = 64;

impl Spans {
    fn is_full(&self, span: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(span)
    }

    fn fill(&self, span: String) {
        let mut full = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if full.len() >= REMEMBERED {
            full.clear();
        }
        full.insert(span);
    }
}

impl Notifier {
    pub(super) async fn plan(
        &self,
        number: usize,
        sink: &dyn Sink,
        held: Held,
        now: Timestamp,
    ) -> Result<Step> {
        if !sink.is_for_people() {
            return Ok(Step::Send(held, number));
        }
        let when = self.alerts.when(sink.channel(), &held.finding, now, self.store.as_ref()).await?;
        let wanted = match when {
            When::NowAlways => return Ok(Step::Send(held, number)),
            When::At(at) => return Ok(Step::Bundle(held, at)),
            When::Never => {
                let settle = self.store.settle(&held.lease, None, self.clock.now()).await;
                return settled(settle).map(|()| Step::Done(Told::Unrouted));
            }
            When::Now => held.finding.severity,
        };
        let (start, end) = self.alerts.span(now);
        Ok(if self.admitted(&held.lease, wanted, start, now).await? {
            Step::Send(held, number)
        } else {
            Step::Bundle(held, end)
        })
    }

    /// Whether the notice is among the first of its span; for what is critical some places are kept.
    async fn admitted(
        &self,
        lease: &Lease,
        severity: Severity,
        start: Timestamp,
        now: Timestamp,
    ) -> Result<bool> {
        let burst = self.alerts.burst();
        let channel = &lease.notice.channel;
        let mut tries = vec![(format!("{channel} {start}"), burst.singly)];
        if severity == Severity::Critical {
            tries.insert(0, (format!("{channel} {start} critical"), burst.critical));
        }
        for (span, places) in tries {
            // One that was taken before may have a place of its own.
            if places == 0 || lease.epoch == 1 && self.spans.is_full(&span) {
                continue;
            }
            if self.store.admit(&span, &lease.notice.id, places, now).await? {
                return Ok(true);
            }
            self.spans.fill(span);
        }
        Ok(false)
    }
}
