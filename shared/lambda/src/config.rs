//! What the environment says. Nothing else in the functions reads it.

use std::path::PathBuf;

use engine::notify::Alerts;
use model::{NoticePolicy, Severity};
use rules::Settings;
use store::StoreAddress;

/// A variable that is missing or cannot be read: the function stops at once, with this line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// It is not set.
    #[error("{0} is not set; the template sets it")]
    Missing(&'static str),
    /// It is set to something else than it should.
    #[error("{name}: {problem}")]
    Invalid {
        /// The variable.
        name: &'static str,
        /// What is wrong, with the mend.
        problem: String,
    },
}

/// What a function is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Where findings are kept.
    pub store: StoreAddress,
    /// Who is told of what.
    pub policy: NoticePolicy,
    /// The file of the rules that a layer brings.
    pub rules: Option<PathBuf>,
    /// What the rules are told.
    pub settings: Settings,
    /// The topic for people.
    pub topic_text: Option<String>,
    /// The topic for programs.
    pub topic_json: Option<String>,
    /// The topic for chats.
    pub topic_chat: Option<String>,
    /// Who hears of what, and when.
    pub alerts: Alerts,
    /// What is wrong with the text that says so; then everybody hears of everything.
    pub alerts_errors: Vec<String>,
    /// The bus that findings go to as events.
    pub findings_bus: Option<String>,
    /// Whether findings are imported into Security Hub.
    pub security_hub: bool,
    /// The role that is assumed in member accounts for that.
    pub security_hub_role: Option<String>,
    /// The account that the function runs in.
    pub account: Option<String>,
    /// The queue of the jobs of scans.
    pub scan_queue: Option<String>,
    /// The queue of what is to be read again.
    pub harvest_queue: Option<String>,
    /// The bus that heartbeats are put on.
    pub central_bus: Option<String>,
    /// The bucket of the organization's trail.
    pub trail_bucket: Option<String>,
    /// What stands before `AWSLogs/` in its keys: nothing, or a text that ends with a slash.
    pub trail_prefix: String,
    /// The queue of the files to take in.
    pub trail_queue: Option<String>,
    /// Names of calls that the rules of the buses leave out.
    pub left_out: Vec<String>,
    /// The accounts that are scanned: none for the own one, `organization`, or ids.
    pub scan_accounts: Vec<String>,
    /// The regions that are scanned; none for all that are switched on.
    pub scan_regions: Vec<String>,
    /// The role that is assumed in each of them.
    pub read_role: Option<String>,
    /// The role that is assumed in the account that the function runs in, by its ARN.
    pub own_read_role: Option<String>,
    /// The external id that it asks for.
    pub external_id: Option<String>,
}

/// Variables whose comma-separated values are placeholders of rules.
const PLACEHOLDERS: &[(&str, &str)] = &[
    ("TRAILPOST_TRUSTED_ACCOUNTS", "trusted_accounts"),
    ("TRAILPOST_TRUSTED_NETWORKS", "trusted_networks"),
    ("TRAILPOST_APPROVED_REGIONS", "approved_regions"),
    ("TRAILPOST_IAC_PRINCIPALS", "iac_principals"),
];

impl Config {
    /// Reads what `variable` knows, which is the process's environment outside of tests.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let set = |name: &str| {
            variable(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
        };
        let list = |name: &str| -> Vec<String> {
            let text = set(name).unwrap_or_default();
            text.split(',').map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()).collect()
        };
        let name = "TRAILPOST_STORE";
        let store =
            set(name).ok_or(ConfigError::Missing(name))?.parse().map_err(|error: store::AddressError| {
                ConfigError::Invalid { name, problem: error.to_string() }
            })?;
        let name = "TRAILPOST_MINIMUM_SEVERITY";
        let minimum = set(name)
            .map(|text| text.parse::<Severity>())
            .transpose()
            .map_err(|error| ConfigError::Invalid { name, problem: error.to_string() })?;
        let settings = PLACEHOLDERS.iter().fold(Settings::default(), |settings, (name, placeholder)| {
            settings.with(placeholder, list(name))
        });
        let own = list("TRAILPOST_OWN_RESOURCES");
        let settings = settings.with("own_resources", own.iter().map(|name| without_path(name)));
        let name = "TRAILPOST_PLACEHOLDERS";
        let settings = placeholders(settings, &set(name).unwrap_or_default())
            .map_err(|problem| ConfigError::Invalid { name, problem })?;
        let name = "TRAILPOST_ALERTS";
        // A mistake there must not stop the judging, nor the telling: better too many hear than nobody.
        let (alerts, alerts_errors) = match Alerts::parse(&set(name).unwrap_or_default()) {
            Ok(alerts) => (alerts, Vec::new()),
            Err(errors) => {
                let errors = errors.into_iter().map(|error| error.in_file(name).to_string());
                (Alerts::default(), errors.collect())
            }
        };
        let mut channels = list("TRAILPOST_CHANNELS");
        if !channels.is_empty() {
            channels.extend(alerts.channels().map(|(name, _)| name.to_owned()));
        }
        Ok(Self {
            store,
            policy: NoticePolicy { channels, minimum },
            rules: set("TRAILPOST_RULES").map(PathBuf::from),
            settings,
            topic_text: set("TRAILPOST_TOPIC_TEXT"),
            topic_json: set("TRAILPOST_TOPIC_JSON"),
            topic_chat: set("TRAILPOST_TOPIC_CHAT"),
            alerts,
            alerts_errors,
            findings_bus: set("TRAILPOST_FINDINGS_BUS"),
            security_hub: set("TRAILPOST_SECURITY_HUB").as_deref() == Some("true"),
            security_hub_role: set("TRAILPOST_SECURITY_HUB_ROLE"),
            account: set("TRAILPOST_ACCOUNT"),
            scan_queue: set("TRAILPOST_SCAN_QUEUE"),
            harvest_queue: set("TRAILPOST_HARVEST_QUEUE"),
            central_bus: set("TRAILPOST_CENTRAL_BUS"),
            trail_bucket: set("TRAILPOST_TRAIL_BUCKET"),
            trail_prefix: set("TRAILPOST_TRAIL_PREFIX")
                .map(|prefix| format!("{}/", prefix.trim_end_matches('/')))
                .unwrap_or_default(),
            trail_queue: set("TRAILPOST_TRAIL_QUEUE"),
            left_out: list("TRAILPOST_LEFT_OUT_CALLS"),
            scan_accounts: list("TRAILPOST_SCAN_ACCOUNTS"),
            scan_regions: list("TRAILPOST_SCAN_REGIONS"),
            read_role: set("TRAILPOST_READ_ROLE"),
            own_read_role: set("TRAILPOST_OWN_READ_ROLE"),
            external_id: set("TRAILPOST_EXTERNAL_ID"),
        })
    }
}

/// The name of a role that is given with its path: records have it without.
fn without_path(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// Further placeholders: `name=value,value; name=value`.
fn placeholders(settings: Settings, text: &str) -> Result<Settings, String> {
    text.split(';').map(str::trim).filter(|part| !part.is_empty()).try_fold(settings, |settings, part| {
        let (name, values) = part.split_once('=').ok_or_else(|| {
            format!("`{part}` sets nothing; write name=value,value and a semicolon between names")
        })?;
        Ok(settings.with(name.trim(), values.split(',').map(str::trim)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::read(|name| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn lists_are_split_and_blanks_are_nothing() {
        let config = read(&[
            ("TRAILPOST_STORE", "dynamodb://trailpost"),
            ("TRAILPOST_CHANNELS", "text, json"),
            ("TRAILPOST_MINIMUM_SEVERITY", "medium"),
            ("TRAILPOST_TRUSTED_ACCOUNTS", "111111111111,222222222222,"),
            ("TRAILPOST_APPROVED_REGIONS", " "),
        ])
        .unwrap();
        assert_eq!(config.policy.channels, ["text", "json"]);
        assert_eq!(config.policy.minimum, Some(Severity::Medium));
        assert_eq!(config.settings.get("trusted_accounts").unwrap().len(), 2);
        assert_eq!(config.settings.get("approved_regions"), None);
    }

    #[test]
    fn own_resources_are_known_by_the_names_that_records_have() {
        let names = "trailpost,1234abcd-12ab,/security/audit/trailpost-read,,trailpost-producer";
        let config =
            read(&[("TRAILPOST_STORE", "dynamodb://x"), ("TRAILPOST_OWN_RESOURCES", names)]).unwrap();
        let own = ["trailpost", "1234abcd-12ab", "trailpost-read", "trailpost-producer"];
        assert_eq!(config.settings.get("own_resources").unwrap(), own);
    }

    #[test]
    fn further_placeholders_have_their_names_before_them() {
        let of = |text: &str| read(&[("TRAILPOST_STORE", "dynamodb://x"), ("TRAILPOST_PLACEHOLDERS", text)]);
        let config = of("snapshot_accounts=111111111111, 222222222222; github_organizations=acme;").unwrap();
        assert_eq!(config.settings.get("snapshot_accounts").unwrap(), ["111111111111", "222222222222"]);
        assert_eq!(config.settings.get("github_organizations").unwrap(), ["acme"]);
        assert_eq!(
            of("acme").unwrap_err().to_string(),
            "TRAILPOST_PLACEHOLDERS: `acme` sets nothing; write name=value,value and a semicolon between names"
        );
    }

    #[test]
    fn a_mistake_in_the_alerts_stops_nothing_and_is_told() {
        let of = |alerts| {
            let channels = ("TRAILPOST_CHANNELS", "text");
            read(&[("TRAILPOST_STORE", "dynamodb://x"), channels, ("TRAILPOST_ALERTS", alerts)]).unwrap()
        };
        let topic = "{channels: {oncall: {topic: 'arn:aws:sns:eu-central-1:111122223333:oncall'}}}";
        assert_eq!(of(topic).policy.channels, ["text", "oncall"]);
        let wrong = of("{rutes: []}");
        assert_eq!(
            wrong.alerts_errors,
            ["TRAILPOST_ALERTS:1:2: unknown key `rutes`; did you mean `routes`?"]
        );
        assert_eq!((wrong.policy.channels, wrong.alerts), (vec!["text".to_owned()], Alerts::default()));
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        assert_eq!(read(&[]), Err(ConfigError::Missing("TRAILPOST_STORE")));
        let error = read(&[("TRAILPOST_STORE", "dynamodb://x"), ("TRAILPOST_MINIMUM_SEVERITY", "urgent")])
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "TRAILPOST_MINIMUM_SEVERITY: `urgent` is no severity: write info, low, medium, high or critical"
        );
    }
}
