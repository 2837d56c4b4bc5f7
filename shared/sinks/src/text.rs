//! A finding as a plain-text e-mail that a tired person understands in ten seconds.
//!
//! The first block answers what, who, where and when; what to do about it follows. Every part has a bound of its own,
//! in lines and in bytes, so that a mail has at most [`MOST_LINES`] lines and [`MOST_BYTES`] bytes whatever the
//! finding and its rule hold. Text from an event goes through [`plain::Quoted`].

mod fill;
mod link;
mod page;
mod plain;
mod subject;

use engine::ports::Delivery;
use model::{Actor, Cause, Certainty, Episode, Finding, Outcome, Resolution, Timestamp, Untrusted};
use rules::{Fix, Meta};

use crate::Message;
use crate::shape::Shape;
use page::{Page, wrap};
use plain::{Quoted, all_visible, tidy};

/// The most lines of a mail.
pub const MOST_LINES: usize = 60;

/// The most bytes of a mail.
pub const MOST_BYTES: usize = 8 * 1024;

/// The mail about the finding of `delivery`.
pub fn render(delivery: Delivery<'_>) -> Message {
    let Delivery { notice, finding, rule } = delivery;
    let mut page = Page::default();
    page.line(headline(finding));
    page.line("");
    page.facts("WHAT", what(finding));
    if let Some(episode) = ended(finding) {
        page.facts(
            "ENDED",
            how_it_ended(episode, finding.posture.as_ref().and_then(|posture| posture.resolution)),
        );
    }
    page.facts("WHO", who(&finding.latest.actor));
    page.facts("WHERE", [place(finding)]);
    page.facts("WHEN", [when(finding)]);
    if let Some(rule) = rule {
        page.section("WHY IT MATTERS", wrap(&tidy(&rule.why, 400), 5));
        page.section("WHAT TO DO", what_to_do(&rule.fix, &finding.latest.evidence));
        let harmless = rule.false_positives.iter().take(4).map(|case| format!("- {}", tidy(case, 140)));
        page.section("WHEN IT IS HARMLESS", harmless.collect());
    }
    page.section("RULE", rule_lines(finding, rule));
    if let Some((link, account)) = link::event_history(finding) {
        page.section(&format!("LOOK AT THE EVENT (sign in to account {account})"), vec![link]);
    }
    page.line("");
    page.line(format!("Finding {}", tidy(finding.id.as_str(), 160)));
    page.line(format!("Notice  {}", tidy(notice.as_str(), 160)));
    Message { subject: subject::subject(finding), body: page.finish() }
}

fn quoted(text: &Untrusted, longest: usize) -> String {
    if text.is_empty() { "unknown".to_owned() } else { text.encode(&Quoted { longest }) }
}

fn headline(finding: &Finding) -> String {
    let severity = finding.severity.as_str().to_ascii_uppercase();
    format!("{severity}: {}{}", subject::state(finding), tidy(&finding.title, 160))
}

fn what(finding: &Finding) -> Vec<String> {
    let latest = &finding.latest;
    let message =
        if latest.message.is_empty() { tidy(&finding.title, 160) } else { quoted(&latest.message, 320) };
    let mut facts = wrap(&message, 4);
    if let Some(posture) = &finding.posture {
        facts.push(format!("Resource: {}", quoted(&posture.resource, 256)));
        facts.extend(posture.episode().map(|episode| because(&episode.cause)));
        if finding.is_provisional() {
            facts.push(
                "Provisional: the record of the call says so; a read confirms or withdraws it.".to_owned(),
            );
        }
    } else {
        facts.push(format!("Call: {}", call(&latest.event_source, &latest.event_name)));
    }
    if finding.outcome == Outcome::Attempt {
        let error = if latest.error.is_empty() {
            String::new()
        } else {
            format!(" with {}", quoted(&latest.error, 80))
        };
        facts.push(format!("The call failed{error}."));
    }
    facts
}

fn call(source: &Untrusted, name: &Untrusted) -> String {
    let service = Shape::Service.of(source).unwrap_or_else(|| quoted(source, 64));
    format!("{service}:{}", quoted(name, 64))
}

/// Why a resource became so.
fn because(cause: &Cause) -> String {
    match (cause.certainty, cause.calls.as_slice()) {
        (Certainty::Exact, [culprit, ..]) => {
            format!("Cause: {} at {}", call(&culprit.source, &culprit.name), utc(culprit.time))
        }
        (Certainty::Several, calls) => {
            let calls: Vec<String> = calls.iter().take(3).map(|one| call(&one.source, &one.name)).collect();
            format!("Cause: one of {}", calls.join(", "))
        }
        (Certainty::Before, _) => "Cause: it was so when it was seen first".to_owned(),
        (Certainty::None | Certainty::Exact, _) => "Cause: no event explains it".to_owned(),
    }
}

/// The newest episode, if it is over.
fn ended(finding: &Finding) -> Option<&Episode> {
    let episode = finding.posture.as_ref()?.episode()?;
    episode.resolved_at.is_some().then_some(episode)
}

fn how_it_ended(episode: &Episode, resolution: Option<Resolution>) -> Vec<String> {
    let mut facts = Vec::new();
    if let Some(why) = resolution.and_then(Resolution::withdrawn) {
        facts.push(format!("Withdrawn: {why}"));
        facts.extend(episode.resolved_at.map(|at| format!("at {}", utc(at))));
        return facts;
    }
    match episode.fix.as_ref().and_then(Cause::exact) {
        Some(culprit) => {
            facts.push(format!("{} at {}", call(&culprit.source, &culprit.name), utc(culprit.time)));
            facts.push(format!("By: {}", quoted(&culprit.actor.principal, 256)));
        }
        None => {
            facts.extend(episode.resolved_at.map(|at| format!("seen at {}; no event explains it", utc(at))));
        }
    }
    facts.extend(episode.exposure().map(|span| format!("Exposed for {span:#}")));
    facts
}

fn who(actor: &Actor) -> Vec<String> {
    let mfa = match actor.mfa {
        Some(true) => "yes",
        Some(false) => "no",
        None => "unknown",
    };
    let kind = if actor.kind.is_empty() { String::new() } else { format!(" ({})", quoted(&actor.kind, 32)) };
    let mut facts = vec![format!("{}{kind}", quoted(&actor.principal, 256))];
    let mut fact = |name: &str, text: &Untrusted, longest| {
        if !text.is_empty() {
            facts.push(format!("{name:<11} {}", quoted(text, longest)));
        }
    };
    fact("Session:", &actor.session, 80);
    fact("MFA:", &mfa.into(), 8);
    fact("Access key:", &actor.access_key, 64);
    fact("Source IP:", &actor.source_ip, 64);
    fact("Client:", &actor.user_agent, 120);
    fact("Invoked by:", &actor.invoked_by, 80);
    facts
}

fn place(finding: &Finding) -> String {
    format!("account {}, region {}", quoted(&finding.account, 64), quoted(&finding.region, 64))
}

fn when(finding: &Finding) -> String {
    let last = utc(finding.last_seen);
    match finding.count {
        0 | 1 => last,
        count => format!("{count} times, first {}, last {last}", utc(finding.first_seen)),
    }
}

/// To the second, as CloudTrail has it.
fn utc(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

fn what_to_do(fix: &Fix, evidence: &Untrusted) -> Vec<String> {
    let mut lines = wrap(&tidy(&fix.text, 400), 5);
    let filled = fill::fill(&fix.cli, evidence);
    let commands = filled.command.lines().map(str::trim_end).filter(|line| !line.is_empty());
    let commands: Vec<String> = commands.map(|line| format!("    {}", all_visible(line))).collect();
    if commands.is_empty() {
        return lines;
    }
    if !lines.is_empty() {
        lines.push(String::new());
    }
    // Half a command can be worse than none, so long ones are not cut but left out.
    if commands.len() > 8 || commands.iter().map(String::len).sum::<usize>() > 1200 {
        lines.push("The commands are too long for a mail; see `fix` in the rule's file.".into());
        return lines;
    }
    lines.extend(commands);
    if !filled.complete {
        lines.push("Put your own values in the place of what stands in {braces}.".into());
    }
    lines
}

fn rule_lines(finding: &Finding, rule: Option<&Meta>) -> Vec<String> {
    let mut lines = vec![tidy(&finding.rule, 160)];
    match rule {
        None => lines.push("This rule is not loaded here, so there is no advice.".into()),
        Some(rule) => {
            let references = rule.references.iter().map(|reference| tidy(reference, 200));
            // Half a link leads nowhere.
            lines.extend(references.filter(|reference| !reference.ends_with('…')).take(3));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use model::{Culprit, NoticeId, Posture, Status};
    use proptest::prelude::*;

    use super::*;
    use crate::samples;

    fn mail(finding: &Finding, rule: Option<&Meta>) -> Message {
        let notice = NoticeId::new(&finding.id, finding.last_seen, "text");
        render(Delivery { notice: &notice, finding, rule })
    }

    fn shown(finding: &Finding, rule: Option<&Meta>) -> String {
        let mail = mail(finding, rule);
        format!("Subject: {}\n\n{}", mail.subject, mail.body)
    }

    #[test]
    fn the_mail_of_a_call_that_took_effect() {
        insta::assert_snapshot!(shown(&samples::stopped_logging(), Some(&samples::rule())));
    }

    #[test]
    fn the_mail_of_attempts_by_somebody_hostile() {
        insta::assert_snapshot!(shown(&samples::hostile(), Some(&samples::rule())));
    }

    #[test]
    fn the_mail_of_a_rule_that_is_not_loaded() {
        insta::assert_snapshot!(shown(&samples::stopped_logging(), None));
    }

    fn culprit(name: &str, second: i64) -> Cause {
        let actor = Actor { principal: "arn:aws:iam::111122223333:role/Engineer".into(), ..Actor::default() };
        let culprit = Culprit {
            event_id: "e".into(),
            time: Timestamp::from_second(1_795_000_000 + second).unwrap(),
            source: "ec2.amazonaws.com".into(),
            name: name.into(),
            actor,
            chain: Vec::new(),
        };
        Cause { certainty: Certainty::Exact, calls: vec![culprit], ..Cause::default() }
    }

    #[test]
    fn the_mail_of_the_end_of_a_finding_about_a_resource() {
        let mut finding = samples::stopped_logging();
        let seen = |second: i64| Timestamp::from_second(1_795_000_000 + second).unwrap();
        let resource: Untrusted = "arn:aws:ec2:us-east-1:111122223333:security-group/sg-0a1b2c3d".into();
        finding.status = Status::Resolved;
        finding.posture = Some(Posture {
            resource_type: "aws.ec2.security_group".into(),
            resource,
            checked_at: seen(700),
            resolved_at: Some(seen(700)),
            resolution: Some(Resolution::Clean),
            episodes: vec![Episode {
                opened_at: seen(4),
                provisional: false,
                confirmed_at: None,
                cause: culprit("AuthorizeSecurityGroupIngress", 0),
                resolved_at: Some(seen(700)),
                fix: Some(culprit("RevokeSecurityGroupIngress", 695)),
            }],
        });
        insta::assert_snapshot!(shown(&finding, Some(&samples::rule())));
    }

    #[test]
    fn commands_that_do_not_fit_are_left_out_whole() {
        let mut rule = samples::rule();
        rule.fix.cli = format!("aws x --name {}", "y".repeat(2000));
        let body = mail(&samples::stopped_logging(), Some(&rule)).body;
        assert!(body.contains("too long for a mail") && !body.contains("yyy"), "{body}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn every_mail_is_short_and_nothing_in_it_acts(
            finding in samples::any_finding(),
            rule in proptest::option::of(samples::any_rule()),
        ) {
            let body = mail(&finding, rule.as_ref()).body;
            prop_assert!(body.lines().count() <= MOST_LINES, "{body}");
            prop_assert!(body.len() <= MOST_BYTES, "{} bytes", body.len());
            let active = |character: char| character != '\n' && model::is_deceptive(character);
            prop_assert!(!body.contains(active), "{body:?}");
        }
    }
}
