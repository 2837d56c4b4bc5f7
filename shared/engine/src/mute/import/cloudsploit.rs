//! CloudSploit's suppressions: `pluginId:region:resourceId`, each the whole text with `*` for anything
//! (<https://github.com/aquasecurity/cloudsploit>, the option `--suppress`).

use model::MuteMatch;
use rules::Meta;

use super::{Imported, Terms, equivalents, exact};
use crate::mute::pattern::Pattern;

/// Reads suppressions, one a line: bare, as the arguments of a command line, or as the items of a list.
pub fn cloudsploit(text: &str, terms: &Terms, metas: &[Meta]) -> Imported {
    let mut imported = Imported::default();
    for line in text.lines() {
        let line = bare(line);
        if !line.is_empty() {
            one(line, terms, metas, &mut imported);
        }
    }
    imported
}

/// The line without what a shell, YAML or JSON puts around it.
fn bare(line: &str) -> &str {
    let mut line = line.trim();
    if line.starts_with('#') {
        return "";
    }
    for around in ["- ", "--suppress=", "--suppress "] {
        line = line.strip_prefix(around).unwrap_or(line).trim();
    }
    let line = line.trim_matches([',', '[', ']', ' ']).trim_matches(['"', '\'']);
    if line.ends_with(':') && line.matches(':').count() == 1 { "" } else { line }
}

fn one(line: &str, terms: &Terms, metas: &[Meta], imported: &mut Imported) {
    let mut parts = line.splitn(3, ':');
    let (Some(plugin), Some(region), Some(resource)) = (parts.next(), parts.next(), parts.next()) else {
        imported.leave(line, "not of the form pluginId:region:resourceId");
        return;
    };
    let mut matches = MuteMatch::default();
    if plugin != "*" {
        // Only `*` has a meaning there, and a plugin's id has no other sign.
        let Ok(pattern) = Pattern::new(&plugin.replace('?', "")) else {
            imported.leave(line, "no plugin is named");
            return;
        };
        matches.rule = equivalents(metas, "cloudsploit", |id| pattern.matches(id));
        if matches.rule.is_empty() {
            imported.leave(line, format!("no rule here is the same as the plugin {plugin}"));
            return;
        }
    }
    if region != "*" {
        matches.region = vec![glob(region)];
    }
    if resource != "*" {
        matches.resource = vec![glob(resource)];
        // It knows some resources by a name, of which an ARN is more.
        if !resource.starts_with(['*', '?']) && !resource.starts_with("arn:") {
            let behind = |sign: char| format!(r"re:.*{sign}{}", escaped(resource));
            matches.resource.extend([behind('/'), behind(':')]);
        }
    }
    imported.take("cloudsploit", line, matches, None, terms);
}

/// A text in which `*` alone means something.
fn glob(text: &str) -> String {
    if text.contains('?') {
        format!("re:{}", escaped(text))
    } else if text.contains('*') {
        text.to_owned()
    } else {
        exact(text)
    }
}

fn escaped(text: &str) -> String {
    text.split('*').map(regex::escape).collect::<Vec<_>>().join(".*")
}
