//! A finding as a plain-text e-mail that a tired person understands in ten seconds.
//!
//! The first block answers what, who, where and when; what to do about it follows, and the details come last. Every
//! part has a bound of its own, in lines and in bytes, so that a mail has at most [`MOST_LINES`] lines and
//! [`MOST_BYTES`] bytes whatever the finding and its rule hold. Text from an event goes through [`plain::Quoted`].

mod digest;
mod facts;
mod link;
mod page;
pub(crate) mod plain;
mod subject;

use engine::notify::Digest;
use engine::ports::Delivery;
use model::{Finding, Status, Timestamp, Untrusted};
use report::Shape;
use rules::{Fix, Meta};

use crate::Message;
use page::{Page, wrap};
use plain::{Quoted, all_visible, tidy};

#[cfg(feature = "send")]
pub(crate) use digest::counts;
pub(crate) use facts::{what, when, who};
pub(crate) use subject::subject;

/// The most lines of a mail.
pub const MOST_LINES: usize = 60;

/// The most bytes of a mail.
pub const MOST_BYTES: usize = 8 * 1024;

/// The mail about the finding of `delivery`.
pub fn render(delivery: Delivery<'_>) -> Message {
    let Delivery { notice, finding, rule } = delivery;
    let mut page = Page::default();
    page.facts("WHAT", [headline(finding)]);
    page.facts("", wrap(&what(finding), 3));
    if let Some(ended) = facts::ended(finding) {
        page.facts("ENDED", ended);
        page.facts("BEGAN", when(finding));
        page.facts("BY", [who(finding)]);
    } else {
        page.facts("WHO", [who(finding)]);
        page.facts("WHEN", when(finding));
        page.facts("BEFORE", facts::again(finding));
    }
    page.facts("WHERE", [place(finding)]);
    let open = finding.status == Status::Open;
    if let Some(rule) = rule.filter(|_| open) {
        page.section("WHY IT MATTERS", wrap(&tidy(&rule.why, 400), 5));
        page.section("WHAT TO DO", what_to_do(&rule.fix, &finding.latest.evidence));
        let harmless = rule.false_positives.iter().take(4).map(|case| format!("- {}", tidy(case, 140)));
        page.section("WHEN IT IS HARMLESS", harmless.collect());
    }
    if open {
        page.section("IF IT IS MEANT TO BE SO", mute(finding));
    }
    let mut details = facts::details(finding);
    details.extend(rule_lines(finding, rule));
    page.section("DETAILS", details);
    if let Some((link, account)) = link::event_history(finding) {
        page.section(&format!("LOOK AT THE EVENT (sign in to account {account})"), vec![link]);
    }
    page.line("");
    page.line(format!("Finding {}", tidy(finding.id.as_str(), 160)));
    page.line(format!("Notice  {}", tidy(notice.as_str(), 160)));
    Message { subject: subject(finding), body: page.finish() }
}

/// The mail about many findings.
pub fn digest(digest: &Digest) -> Message {
    Message { subject: digest::subject(digest), body: digest::body(digest) }
}

pub(crate) fn quoted(text: &Untrusted, longest: usize) -> String {
    if text.is_empty() { "unknown".to_owned() } else { text.encode(&Quoted { longest }) }
}

fn headline(finding: &Finding) -> String {
    let severity = finding.severity.as_str().to_ascii_uppercase();
    format!("{severity}: {}{}", subject::state(finding), tidy(&finding.title, 160))
}

pub(crate) fn place(finding: &Finding) -> String {
    format!("account {}, region {}", quoted(&finding.account, 64), quoted(&finding.region, 64))
}

/// To the second, as CloudTrail has it.
pub(crate) fn utc(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// The commands as somebody could paste them, and whether fields are left to fill in.
fn what_to_do(fix: &Fix, evidence: &Untrusted) -> Vec<String> {
    let mut lines = wrap(&tidy(&fix.text, 400), 5);
    let filled = report::commands(fix, evidence);
    let commands = filled.text.lines().map(str::trim_end).filter(|line| !line.is_empty());
    let commands: Vec<String> = commands.map(|line| format!("    {}", all_visible(line))).collect();
    if commands.is_empty() {
        return lines;
    }
    // Half a command can be worse than none, so long ones are not cut but left out.
    if commands.len() > 8 || commands.iter().map(String::len).sum::<usize>() > 1200 {
        lines.push("The commands are too long for a mail; see `fix` in the rule's file.".into());
        return lines;
    }
    lines.extend(commands);
    if !filled.complete {
        lines.push("Put your own values in the place of what stands in <brackets>.".into());
    }
    lines
}

/// How nobody hears of it again for a month. The command holds nothing that could act in a shell.
fn mute(finding: &Finding) -> Vec<String> {
    let rule = Shape::Token.of(&Untrusted::new(finding.rule.as_str()));
    let resource = finding.posture.as_ref().map_or(&finding.scope, |posture| &posture.resource);
    let (Some(rule), Some(expires)) = (rule, month_later(finding.last_seen)) else { return Vec::new() };
    let resource = Shape::Token.of(resource).unwrap_or_else(|| "\"<resource>\"".to_owned());
    let account =
        Shape::Account.of(&finding.account).map(|id| format!(" --account {id}")).unwrap_or_default();
    vec![
        format!("    trailpost mute add --rule {rule} --resource {resource}{account} \\"),
        format!("      --owner \"<you>\" --reason \"<why>\" --expires {expires}"),
    ]
}

fn month_later(time: Timestamp) -> Option<String> {
    let later = time.checked_add(std::time::Duration::from_hours(30 * 24)).ok()?;
    Some(later.strftime("%Y-%m-%d").to_string())
}

fn rule_lines(finding: &Finding, rule: Option<&Meta>) -> Vec<String> {
    let mut lines = vec![format!("Rule:       {}", tidy(&finding.rule, 160))];
    match rule {
        None => lines.push("This rule is not loaded here, so there is no advice.".into()),
        Some(rule) => {
            let references = rule.references.iter().map(|reference| tidy(reference, 200));
            // Half a link leads nowhere.
            lines.extend(references.filter(|reference| !reference.ends_with('…')).take(1));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use model::NoticeId;
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
    fn the_mail_of_what_somebody_closed_and_of_what_happened_again() {
        let closed = samples::closed();
        let again = Finding { status: Status::Open, ..closed.clone() };
        let again = shown(&again, None);
        let block: Vec<&str> = again.lines().take(8).collect();
        insta::assert_snapshot!(format!("{}\n\n{}", shown(&closed, None), block.join("\n")));
    }

    #[test]
    fn the_mail_of_attempts_by_somebody_hostile() {
        insta::assert_snapshot!(shown(&samples::hostile(), Some(&samples::rule())));
    }

    #[test]
    fn the_mail_of_a_rule_that_is_not_loaded() {
        insta::assert_snapshot!(shown(&samples::stopped_logging(), None));
    }

    #[test]
    fn the_mail_of_a_finding_about_a_resource() {
        let mut rule = samples::rule();
        rule.fix.cli = "aws ec2 revoke-security-group-ingress --group-id {GroupId} --port 22 --region {facts.resource.region}\n".into();
        insta::assert_snapshot!(shown(&samples::group_open(None), Some(&rule)));
    }

    #[test]
    fn the_mail_of_the_end_of_a_finding_about_a_resource() {
        insta::assert_snapshot!(shown(&samples::group_open(Some(695)), Some(&samples::rule())));
    }

    #[test]
    fn the_mail_of_a_resource_that_several_calls_may_have_changed() {
        let mut finding = samples::group_open(None);
        let episode = finding.posture.as_mut().unwrap().episodes.first_mut().unwrap();
        let mut second = episode.cause.calls[0].clone();
        second.actor.principal = "arn:aws:iam::111122223333:user/bob".into();
        episode.cause.certainty = model::Certainty::Several;
        episode.cause.between =
            Some((episode.opened_at - std::time::Duration::from_hours(1), episode.opened_at));
        episode.cause.calls.push(second);
        let mail = shown(&finding, None);
        let block: Vec<&str> = mail.lines().skip(2).take(6).collect();
        insta::assert_snapshot!(block.join("\n"));
    }

    #[test]
    fn the_mail_of_a_digest() {
        let mail = digest(&samples::digest());
        insta::assert_snapshot!(format!("Subject: {}\n\n{}", mail.subject, mail.body));
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
