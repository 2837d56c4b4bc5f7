//! The clock of the machine that asks.

use serde_json::json;

use super::super::check::{Check, Looked, Verdict};
use super::super::look::Look;

/// The check that is told even where AWS takes no signature of this machine.
pub(in super::super) const ID: &str = "clock-skewed";

pub(super) static CHECKS: &[Check] = &[Check {
    id: ID,
    title: "the clock of this machine is right",
    fix: "set the clock from the network: timedatectl set-ntp true, or sntp -sS time.aws.com; in a virtual machine that slept, restart its time service",
    judge: |look| Verdict::one(clock(look)),
}];

fn clock(look: &Look<'_>) -> Looked {
    let ahead = look.read("code:sts:Clock", &json!({}))?["Ahead"].as_i64();
    Ok(ahead.and_then(skewed))
}

/// What is wrong with a clock that is so many seconds ahead.
pub(in super::super) fn skewed(ahead: i64) -> Option<String> {
    let off = ahead.unsigned_abs();
    let side = if ahead < 0 { "behind" } else { "ahead of" };
    (off >= aws::CLOCK_OFF.as_secs().unsigned_abs())
        .then(|| format!("is {off} s {side} that of AWS, which takes no signature that is five minutes off"))
}
