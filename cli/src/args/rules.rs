//! What can be typed behind `trailpost rules`.

use std::path::PathBuf;

use clap::Subcommand;

use super::Rules;

#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// Lists the rules that are judged, and those that rest
    List {
        #[command(flatten)]
        rules: Rules,
        /// Prints JSON lines
        #[arg(long)]
        json: bool,
    },
    /// Shows one rule whole
    Show {
        /// Its id
        id: String,
        #[command(flatten)]
        rules: Rules,
    },
    /// Says what is wrong with rules, by file and line. The exit code is 1 if one of them cannot be used
    Lint {
        /// Files and folders [default: the built-in rules]
        paths: Vec<PathBuf>,
        /// Prints JSON lines: code, level, file, line, column, width, message, help
        #[arg(long)]
        json: bool,
        /// Makes the exit code 1 for warnings too
        #[arg(long)]
        strict: bool,
        /// Says what a diagnostic is about, such as unused-search; `all` lists them
        #[arg(long, value_name = "CODE", conflicts_with_all = ["paths", "json", "strict"])]
        explain: Option<String>,
    },
    /// Prints which techniques of ATT&CK the rules tell of, as a layer of the ATT&CK Navigator
    Attack {
        #[command(flatten)]
        rules: Rules,
    },
    /// Runs the tests that rules carry
    Test {
        /// Files and folders [default: the built-in rules]
        paths: Vec<PathBuf>,
        /// Only rules whose id contains this
        #[arg(long, value_name = "TEXT")]
        only: Option<String>,
    },
    /// Packs rules for a deployment: a Lambda layer that the functions judge by beside the built-in rules
    Pack {
        /// Files and folders
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// The file that is written
        #[arg(long, value_name = "FILE", default_value = "trailpost-rules.zip")]
        into: PathBuf,
    },
    /// Writes a rule with its tests, by flags, or by asking for what is not given
    New(Box<crate::rules::new::Wanted>),
    /// Prints the JSON Schema of rules, for editors
    Schema {
        /// Of which files: rules, resources or frameworks
        #[arg(value_name = "FILES", default_value = "rules", value_parser = ["rules", "resources", "frameworks"])]
        of: String,
    },
    /// Lists the facts that rules can ask for, with their shapes
    Facts,
}
