//! The producers: what the catalogue asks about them, of each account and region.

use std::sync::LazyLock;

use engine::health;
use model::Untrusted;
use report::Terminal;
use rules::{Meta, Target, Truth};

use super::super::answers::Hole;
use super::super::check::{Check, Verdict};
use super::super::look::Look;

const SHOWN: Terminal = Terminal { longest: 300 };

/// Whether the stack may assume the read role is not learnt by assuming it as somebody else; that nobody could is what
/// keeps the other checks in the dark.
const OF_THE_STACK: &str = "producer-read-role-refused";

/// The catalogue's checks about producers, as HEALTH and `trailpost producers check` have them.
pub(in super::super) fn checks() -> &'static [Check] {
    static METAS: LazyLock<Vec<Meta>> = LazyLock::new(|| {
        let rules = catalog::service(health::SERVICE).rules.into_iter();
        let checks = rules.filter(|rule| matches!(rule.target, Target::Resource(_))).map(|rule| rule.meta);
        checks.filter(|meta| meta.id != OF_THE_STACK).collect()
    });
    static CHECKS: LazyLock<Vec<Check>> = LazyLock::new(|| {
        let check =
            |meta: &'static Meta| Check { id: &meta.id, title: &meta.title, fix: &meta.fix.text, judge };
        METAS.iter().map(check).collect()
    });
    &CHECKS
}

fn judge(look: &Look<'_>) -> Verdict {
    let mut verdict = Verdict::default();
    for (account, looked) in look.producers.iter().flat_map(|seen| &seen.0) {
        let found = match looked {
            Ok(found) => found,
            Err(why) => {
                verdict.add(Err(Hole::Unknown(why.clone())));
                continue;
            }
        };
        for found in found.iter().filter(|found| found.judged.check == look.check) {
            let told = || format!("{account}: {}", found.judged.reason.encode(&SHOWN));
            match found.judged.truth {
                Truth::False => verdict.add(Ok(None)),
                Truth::Unknown => verdict.add(Err(Hole::Unknown(told()))),
                Truth::True => {
                    verdict.add(Ok(Some(told())));
                    verdict.fixes.push(Untrusted::new(found.command.as_str()));
                }
            }
        }
    }
    verdict
}
