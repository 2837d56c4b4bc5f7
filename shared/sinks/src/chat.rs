//! A finding or a digest as Amazon Q Developer shows it in Slack, Teams and Chime: a custom notification.
//!
//! The schema: <https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html>. The thread is the finding's
//! id, so that its end stands below its beginning.

use engine::notify::Digest;
use engine::ports::Delivery;
use model::{Encoder, Finding, Status, Untrusted};
use report::Shape;
use serde_json::{Map, Value, json};

use crate::Message;
use crate::text::plain::tidy;
use crate::text::{self, place, quoted};

/// The message about the finding of `delivery`.
pub fn render(delivery: Delivery<'_>) -> Message {
    let Delivery { notice, finding, rule } = delivery;
    let severity = finding.severity.as_str();
    let mut lines = vec![said(&text::what(finding)), format!("*Who:* {}", said(&text::who(finding)))];
    lines.extend(text::when(finding).first().map(|when| format!("*When:* {}", said(when))));
    lines.push(format!("*Where:* {}", said(&place(finding))));
    let open = finding.status == Status::Open;
    if let Some(closing) = &finding.closed {
        let (by, reason) = (quoted(&closing.by, 160), quoted(&closing.reason, 256));
        let before = if open { "*Closed before by:*" } else { "*Closed by:*" };
        lines.push(format!("{before} {}", said(&format!("{by}: {reason}"))));
    }
    if let Some(rule) = rule.filter(|rule| open && !rule.why.is_empty()) {
        lines.push(format!("*Why it matters:* {}", said(&tidy(&rule.why, 400))));
    }
    lines.retain(|line| !line.is_empty());
    let advice = rule.filter(|_| open).map(|rule| said(&tidy(&rule.fix.text, 400)));
    let look =
        Shape::Token.of(&Untrusted::new(finding.id.as_str())).map(|id| format!("trailpost explain {id}"));
    let steps = advice.into_iter().chain(look).filter(|step| !step.is_empty());
    let document = json!({
        "version": "1.0",
        "source": "custom",
        "id": report::cut(notice.as_str(), 256),
        "content": {
            "textType": "client-markdown",
            "title": said(&text::subject(finding)),
            "description": lines.join("\n"),
            "nextSteps": steps.collect::<Vec<_>>(),
            "keywords": keywords(finding),
        },
        "metadata": {
            "threadId": report::cut(finding.id.as_str(), 256),
            "summary": said(&text::subject(finding)),
            "eventType": if open { "Finding Open" } else { "Finding Resolved" },
            "relatedResources": related(finding),
            "additionalContext": context(finding, severity),
        },
    });
    Message { subject: String::new(), body: document.to_string() }
}

/// The message about many findings.
pub fn digest(digest: &Digest) -> Message {
    let title = text::digest(digest).subject;
    let mut lines = vec![text::counts(digest)];
    lines.extend(digest.worst.iter().take(5).map(|line| {
        let (account, region) = (quoted(&line.account, 32), quoted(&line.region, 32));
        let severity = line.severity.as_str().to_ascii_uppercase();
        let state = if line.over { "resolved: " } else { "" };
        said(&format!("{severity}: {state}{} - {account} {region}", tidy(&line.title, 100)))
    }));
    let document = json!({
        "version": "1.0",
        "source": "custom",
        "id": digest.id,
        "content": {
            "textType": "client-markdown",
            "title": said(&title),
            "description": lines.join("\n"),
            "nextSteps": [format!("trailpost alerts digest {}", digest.id)],
            "keywords": [digest.severity().as_str(), "digest"],
        },
        "metadata": {
            "threadId": digest.id,
            "summary": said(&title),
            "eventType": "Finding Digest",
            "relatedResources": [],
            "additionalContext": { "findings": digest.findings.to_string(), "severity": digest.severity().as_str() },
        },
    });
    Message { subject: String::new(), body: document.to_string() }
}

fn keywords(finding: &Finding) -> Vec<String> {
    let ids = [Shape::Account.of(&finding.account), Shape::Region.of(&finding.region)];
    let rule = Shape::Token.of(&Untrusted::new(finding.rule.as_str()));
    [Some(finding.severity.as_str().to_owned()), rule].into_iter().chain(ids).flatten().collect()
}

/// ARNs that can hold nothing but an ARN.
fn related(finding: &Finding) -> Vec<String> {
    let resource = finding.posture.as_ref().map(|posture| &posture.resource);
    resource.and_then(|resource| Shape::Token.of(resource)).into_iter().collect()
}

fn context(finding: &Finding, severity: &str) -> Map<String, Value> {
    let ids = [
        ("account", Shape::Account.of(&finding.account)),
        ("region", Shape::Region.of(&finding.region)),
        ("rule", Shape::Token.of(&Untrusted::new(finding.rule.as_str()))),
        ("severity", Some(severity.to_owned())),
    ];
    ids.into_iter().filter_map(|(name, id)| Some((name.to_owned(), json!(id?)))).collect()
}

/// Text that went through an encoder of mails already, so that it nowhere hides or links, made harmless for a chat.
fn said(text: &str) -> String {
    Said.encode(text)
}

/// Nothing in a text mentions, links or formats: Slack reads `<!here>`, `<@user>` and `<url|text>`
/// (<https://docs.slack.dev/messaging/formatting-message-text>), Teams reads HTML and Markdown, and either may take a
/// bare `@here`.
struct Said;

impl Encoder for Said {
    fn encode(&self, text: &str) -> String {
        let mut said = String::with_capacity(text.len());
        let mut last = ' ';
        for character in text.chars() {
            match character {
                '&' => said.push_str("&amp;"),
                '<' => said.push_str("&lt;"),
                '>' => said.push_str("&gt;"),
                '|' => said.push('¦'),
                '`' => said.push('\''),
                // Formatting needs a mark at the edge of a word; inside of one, as in a name, it does nothing.
                '*' | '~' => said.push('·'),
                '_' if !last.is_alphanumeric() => said.push('-'),
                '@' => said.push_str("(at)"),
                '(' if last == ']' => said.push_str(" ("),
                other => said.push(other),
            }
            last = character;
        }
        said
    }
}

#[cfg(test)]
mod tests {
    use model::NoticeId;
    use proptest::prelude::*;

    use super::*;
    use crate::samples;
    use crate::text::plain::Quoted;

    fn parsed(finding: &Finding, rule: Option<&rules::Meta>) -> Value {
        let notice = NoticeId::new(&finding.id, finding.last_seen, "chat");
        serde_json::from_str(&render(Delivery { notice: &notice, finding, rule }).body).unwrap()
    }

    #[test]
    fn the_message_of_a_finding() {
        let document = parsed(&samples::group_open(None), Some(&samples::rule()));
        insta::assert_snapshot!(serde_json::to_string_pretty(&document).unwrap());
    }

    #[test]
    fn the_message_of_a_digest() {
        let document: Value = serde_json::from_str(&digest(&samples::digest()).body).unwrap();
        insta::assert_snapshot!(serde_json::to_string_pretty(&document).unwrap());
    }

    #[test]
    fn the_end_stands_in_the_thread_of_the_beginning() {
        let (open, over) = (samples::group_open(None), samples::group_open(Some(695)));
        let (open, over) = (parsed(&open, None), parsed(&over, None));
        assert_eq!(open["metadata"]["threadId"], over["metadata"]["threadId"]);
        assert_eq!(over["metadata"]["eventType"], "Finding Resolved");
    }

    #[test]
    fn a_closing_says_by_whom_and_why() {
        let closed = parsed(&samples::closed(), None);
        let last = closed["content"]["description"].as_str().unwrap().lines().last().unwrap();
        assert_eq!(
            last,
            "*Closed by:* arn:aws:sts::111122223333:assumed-role/Security/ada(at)example[.]com: a drill, announced in &lt;https[:]//wiki[.]example/drills&gt;"
        );
        assert_eq!(closed["metadata"]["eventType"], "Finding Resolved");
    }

    #[test]
    fn nothing_mentions_links_or_formats() {
        let hostile = "<!here> <@U1> <https://evil.example|click> @channel `x` *b* _i_ ~s~ [a](b.c) & a_b";
        let text = Untrusted::new(hostile).encode(&Quoted { longest: 400 });
        assert_eq!(
            said(&text),
            "&lt;!here&gt; &lt;(at)U1&gt; &lt;https[:]//evil[.]example¦click&gt; (at)channel 'x' ·b· -i_ ·s· [a] (b[.]c) &amp; a_b"
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_finding_gives_a_message_that_fits_and_does_nothing(
            finding in samples::any_finding(),
            rule in proptest::option::of(samples::any_rule()),
        ) {
            let document = parsed(&finding, rule.as_ref());
            let content = &document["content"];
            let shown = format!("{}{}", content["title"], content["description"]);
            prop_assert!(shown.len() < 16 * 1024, "{}", shown.len());
            prop_assert!(!shown.contains(['<', '>', '|', '`', '@']), "{shown}");
        }
    }
}
