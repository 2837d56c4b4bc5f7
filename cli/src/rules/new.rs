//! `trailpost rules new`: writes a rule with its tests, by flags or by asking.

mod check;
mod signature;
mod wizard;

use std::io::Write as _;
use std::path::PathBuf;

use model::Severity;

use crate::exit::{Ending, Failure};

/// What is known of the rule that is to be.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Wanted {
    /// Of a signature: the source of the events, such as iam.amazonaws.com
    #[arg(long, value_name = "SOURCE", conflicts_with = "resource")]
    source: Option<String>,
    /// Of a signature: the name of an event; repeatable
    #[arg(long, value_name = "NAME", conflicts_with = "resource")]
    event: Vec<String>,
    /// Of a signature: makes it, and its tests, of the first record in this file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["source", "event", "resource"])]
    from_event: Option<PathBuf>,
    /// Of a check: the type of the resources, such as aws.s3.bucket
    #[arg(long, value_name = "TYPE", requires = "condition")]
    resource: Option<String>,
    /// Of a check: what is wrong, such as "Versioning.Status != Enabled"; with =, !=, <, >, contains, exists, absent
    #[arg(long = "where", value_name = "CONDITION", requires = "resource")]
    condition: Option<String>,
    /// One line for people; the id and the file are called after it
    #[arg(long)]
    title: Option<String>,
    /// How bad it is
    #[arg(long, value_name = "SEVERITY")]
    severity: Option<Severity>,
    /// The folder that the file is written into [default: this one]
    #[arg(long, value_name = "FOLDER")]
    into: Option<PathBuf>,
    /// Makes a signature; what else is not given is asked for
    #[arg(long, conflicts_with_all = ["check", "resource"])]
    signature: bool,
    /// Makes a check; what else is not given is asked for
    #[arg(long, conflicts_with_all = ["source", "event", "from_event"])]
    check: bool,
}

/// A rule that is written.
struct Draft {
    title: String,
    /// The file, without its first line, which is the id.
    text: String,
}

pub(super) fn run(mut wanted: Wanted) -> Result<Ending, Failure> {
    let is_whole = wanted.from_event.is_some()
        || wanted.resource.is_some()
        || (wanted.source.is_some() && !wanted.event.is_empty());
    if !is_whole {
        wizard::ask(&mut wanted)?;
    }
    let severity = wanted.severity.unwrap_or(Severity::Medium);
    let draft = match (&wanted.from_event, &wanted.resource, &wanted.condition) {
        (Some(path), ..) => signature::of_record(path, wanted.title.as_deref(), severity)?,
        (None, Some(kind), Some(condition)) => check::of(kind, condition, wanted.title.as_deref(), severity)?,
        _ => {
            let source = wanted.source.as_deref().unwrap_or_default();
            signature::of_names(source, &wanted.event, wanted.title.as_deref(), severity)?
        }
    };
    let words: Vec<String> = draft
        .title
        .split(|each: char| !each.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let id = words.join("-");
    if id.is_empty() {
        return Err(Failure::usage(
            "the title has no word that an id could be made of; give another `--title`",
        ));
    }
    let folder = wanted.into.unwrap_or_default();
    let path = folder.join(format!("{id}.yaml"));
    let failed = |error: std::io::Error| {
        Failure::usage(format!("{}: {error}; name another `--into` or `--title`", path.display()))
    };
    if !folder.as_os_str().is_empty() {
        std::fs::create_dir_all(&folder).map_err(failed)?;
    }
    let mut file = std::fs::File::create_new(&path).map_err(failed)?;
    write!(file, "id: {id}\n{}", draft.text)?;
    let path = path.display();
    writeln!(anstream::stdout(), "{path}")?;
    writeln!(
        anstream::stderr(),
        "Say why it matters in `why:`. Then: trailpost rules lint {path} && trailpost rules test {path}"
    )?;
    Ok(Ending::Clean)
}

/// A text as YAML: quoted unless it is a plain word or sentence.
fn scalar(text: &str) -> String {
    let is_plain = text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|each| each.is_ascii_alphanumeric() || " -_./".contains(each))
        && !text.ends_with(' ')
        && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
            .contains(&text.to_lowercase().as_str());
    if is_plain { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}
