//! Every diagnostic: the name by which it is known, whether a rule can be used in spite of it, and what it is about.

use std::fmt;

/// Whether a rule can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// It cannot.
    Error,
    /// It can, and is likely not to do what its author means.
    Warning,
}

impl Level {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

macro_rules! codes {
    ($($code:ident $level:ident $name:literal $about:literal)*) => {
        /// What is wrong, by its kind.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $about] $code,)*
        }

        impl Code {
            /// Every diagnostic that there is.
            pub const ALL: &'static [Self] = &[$(Self::$code,)*];

            /// The name, which stays the same: kebab-case.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$code => $name,)* }
            }

            /// Whether a rule can be used in spite of it.
            pub const fn level(self) -> Level {
                match self { $(Self::$code => Level::$level,)* }
            }

            /// What it is about, in a sentence or two.
            pub const fn about(self) -> &'static str {
                match self { $(Self::$code => $about,)* }
            }
        }
    };
}

codes! {
    NotUtf8 Error "not-utf8" "The file is not UTF-8, so nobody knows what its letters are. Save it as UTF-8."
    NotYaml Error "not-yaml" "The file cannot be read as YAML. Often a colon, a quote, a `*` or a `{` in a text needs quotes around it."
    TabIndent Error "tab-indent" "YAML is indented with spaces; a tab there cannot be read."
    DuplicateKey Error "duplicate-key" "A map has the same key twice, and only one of them could count. Values of one field are joined in a list."
    UnknownAlias Error "unknown-alias" "A `*name` without a `&name` before it. A text that begins with `*` needs quotes."
    AliasInAnchor Error "alias-in-anchor" "An alias within a value that has an anchor can grow without bounds."
    TooDeep Error "too-deep" "Lists, maps, parentheses or element scopes are nested deeper than a reader can follow."
    KeyNotText Error "key-not-text" "A key is a list or a map; keys are names."
    EmptyFile Warning "empty-file" "The file holds no rule."
    ByteOrderMark Warning "byte-order-mark" "The file begins with a byte-order mark, which other tools take for a part of the first key."
    CarriageReturn Warning "carriage-return" "Lines end with CR LF. They are read all the same; texts of several lines carry the CR along in other tools."
    BidiControl Warning "bidi-control" "A character that turns the direction of writing shows a text other than the one that is compared (Trojan Source, CVE-2021-42574)."
    InvisibleCharacter Warning "invisible-character" "A character that nobody sees, such as a zero-width space, is compared like any other: the value fits nothing."
    LookAlikeLetter Warning "look-alike-letter" "A word mixes Latin letters with letters of another script that look the same."
    NotAMap Error "not-a-map" "A rule is a map that begins with `title:`."
    WrongDocument Error "wrong-document" "The document is something else than a rule, such as a template, a framework or resource rows under another file name."
    SigmaCollection Error "sigma-collection" "`action: global` of older Sigma files is not carried out. Write each rule out whole."

    UnknownKey Error "unknown-key" "A key that nobody would look at, in a place where all keys are known."
    MisspeltKey Warning "misspelt-key" "A Sigma rule may have keys of its own, and this one is nearly one that is known."
    WrongShape Error "wrong-shape" "A value of another kind than its key takes, such as a map in place of a text."
    TitleMissing Error "title-missing" "Every rule has a title."
    TitleTooLong Warning "title-too-long" "Titles stand in lists and subject lines; Sigma allows 256 characters."
    IdNotKebab Warning "id-not-kebab" "Ids of Trailpost's rules are kebab-case; those of Sigma's rules are UUIDs. Ids stand in file names, addresses and commands."
    IdNotFileName Warning "id-not-file-name" "A file with one rule is called like the rule, so that it is found."
    DuplicateId Error "duplicate-id" "Two rules have one id: their findings would be taken for each other."
    DuplicateName Warning "duplicate-name" "Two rules have one `name`, by which a correlation could not tell them apart."
    DuplicateTitle Warning "duplicate-title" "Two rules have one title: nobody can tell their findings apart."
    UnknownSeverity Error "unknown-severity" "The severities are info, low, medium, high and critical."
    SeverityMissing Warning "severity-missing" "A check without a severity is taken to be medium."
    SeverityTwice Warning "severity-twice" "`severity` and `level` say different things, and `severity` counts."
    UnknownWord Error "unknown-word" "The key takes one of a few words, and this is none of them."
    UnknownStatus Warning "unknown-status" "Sigma's states are stable, test, experimental, deprecated and unsupported."
    DateForm Warning "date-form" "Dates are written YYYY-MM-DD. Older Sigma files have slashes."
    ModifiedBeforeDate Warning "modified-before-date" "The rule was modified before it was written."
    AttackForm Warning "attack-form" "Techniques of ATT&CK are written T1234 or T1234.001."
    TagForm Warning "tag-form" "Sigma's tags are written namespace.name, in lower case."
    ReferenceNotUrl Warning "reference-not-url" "References are addresses that a reader can open."
    CutByComma Warning "cut-by-comma" "In a list in brackets an unquoted comma ends an item, so that one sentence becomes two."
    RelatedForm Warning "related-form" "`related` lists maps of an id and a type: derived, obsolete, merged, renamed or similar."
    LogsourceMissing Warning "logsource-missing" "Without a log source a rule is judged on CloudTrail records, which its author may not mean."
    LogsourceOther Warning "logsource-other" "The rule is about a log that Trailpost does not read. It is left out."
    LogsourceMisspelt Warning "logsource-misspelt" "The log source is nearly CloudTrail, and not quite: the rule is left out."
    TwoTargets Error "two-targets" "A rule is about records (`logsource`) or about resources (`resource`)."
    UnknownResource Error "unknown-resource" "No resource row describes this type: nothing would ever be judged."
    NotForChecks Warning "not-for-checks" "A check is one finding for each resource and is not about calls: `dedup`, `attempt` and `automation` do nothing."

    MessageUnclosed Warning "message-unclosed" "A `{` without a `}` behind it is printed as it stands."
    MessageEmptyField Warning "message-empty-field" "`{}` names no field."
    MessageField Warning "message-field" "A field of the message that no record, or no resource of the type, has: its default is always shown."
    MessageCorrelation Warning "message-correlation" "Only a correlation has `{correlation.count}` and `{correlation.values}`."
    DedupField Warning "dedup-field" "A dedup path that no record has: findings are not told apart by it."
    GroupField Warning "group-field" "A field to group by that no record has: events without it are left out, so nothing is ever counted."

    DetectionMissing Error "detection-missing" "A rule judges by its detection or its correlation."
    ConditionMissing Error "condition-missing" "A detection needs a condition over its searches."
    ConditionEmpty Error "condition-empty" "The condition is there, and says nothing."
    ConditionNotText Error "condition-not-text" "A condition is a line of text, such as `selection and not filter`."
    ConditionSyntax Error "condition-syntax" "The condition cannot be read: names, `and`, `or`, `not`, parentheses, `1 of name*`."
    ConditionParenthesis Error "condition-parenthesis" "A parenthesis is not closed."
    ConditionOf Error "condition-of" "`of` stands between a number, or `all`, and a name with `*`, or `them`."
    ConditionPipe Error "condition-pipe" "Counting with `|` belongs to the one condition of a rule."
    ConditionTooLarge Error "condition-too-large" "The condition stands for more fields than can be judged quickly."
    UnknownSearch Error "unknown-search" "The condition names a search that does not exist."
    OfNothing Error "of-nothing" "`of` names a pattern that no search fits."
    OfTooMany Warning "of-too-many" "More searches have to hold than the pattern names: the condition never holds."
    UnusedSearch Warning "unused-search" "No condition names the search: it does nothing."
    DuplicateSearch Warning "duplicate-search" "Two searches are the same."
    RepeatedTerm Warning "repeated-term" "The condition says the same thing twice."
    Contradiction Warning "contradiction" "The condition can never hold, as in `a and not a`."
    AlwaysTrue Warning "always-true" "The condition always holds, as in `a or not a`."
    OnlyNegative Warning "only-negative" "The condition is a `not` alone: nearly every record of the account fits it."
    ReservedName Warning "reserved-name" "A search is called like a word of conditions and cannot be named in one."
    EmptySearch Error "empty-search" "A search without anything in it."
    EmptyMap Error "empty-map" "An empty map would fit everything."
    EmptyList Error "empty-list" "An empty list fits nothing."
    NestedMap Error "nested-map" "A field is followed by a map. Paths are written with dots on one line."
    NestedValue Error "nested-value" "A value is a list or a map in itself."
    PathBrackets Error "path-brackets" "Square brackets in a path are `[any]`, `[all]` or `[none]`, at its end."
    PathTooLong Error "path-too-long" "A path has more names than a record nests."
    UnknownFact Error "unknown-fact" "`trailpost rules facts` lists the facts."
    UnknownField Warning "unknown-field" "No CloudTrail record has the field, so the search fits nothing, or everything."
    UnknownMember Warning "unknown-member" "Resources of the type have no such member, neither in their listing nor among their facets."
    UnknownModifier Error "unknown-modifier" "A modifier that does not exist."
    ModifiersContradict Error "modifiers-contradict" "A field is compared in one way only."
    RegexFlagAlone Error "regex-flag-alone" "`i`, `m` and `s` are flags of a regular expression."
    ExistsNotBoolean Error "exists-not-boolean" "`exists` takes true or false. `yes` and `no` are texts in YAML 1.2."
    NotANumber Error "not-a-number" "`lt`, `lte`, `gt` and `gte` compare numbers."
    NotADuration Error "not-a-duration" "Durations are a whole number with s, m, h or d."
    NotANetwork Error "not-a-network" "`cidr` takes an address or a network, such as 192.0.2.0/24."
    BadRegex Error "bad-regex" "The regular expression cannot be read."
    RegexTooLarge Error "regex-too-large" "The compiled regular expression would take more memory than a rule may."
    RegexLookAround Error "regex-look-around" "Look-around and back-references do not exist here, so that matching is linear in time."
    BadForm Error "bad-form" "A value cannot be brought into the form that `windash`, `base64` or `utf16` asks for."
    DuplicateValue Warning "duplicate-value" "A value stands twice in its list; text compares without case."
    CoveredValue Warning "covered-value" "A value is covered by a wider one of the same list."
    MatchesEverything Warning "matches-everything" "The value `*` fits every text. `exists: true` says so plainly."
    PartWithWildcard Warning "part-with-wildcard" "A `*` at the end of a value that may stand anywhere does nothing."
    PlainRegex Warning "plain-regex" "A regular expression without anything special is a slow, and cased, way to write `contains`."
    CaseTrap Warning "case-trap" "Names of events begin with a capital and names of sources are in lower case; with `re` or `cased` case counts, so this never fits."
    AllOfOne Warning "all-of-one" "`all` of one value says nothing."
    AllWhole Warning "all-whole" "A field with one value cannot be equal to several different values at once."
    EmptyText Warning "empty-text" "An empty text is not an absent field. `null` and `exists: false` mean absent."
    NullPart Warning "null-part" "`null` with `contains` or another modifier for parts of a text: null has no parts."
    ImpossibleSearch Warning "impossible-search" "The fields of the search exclude each other."
    SourceForm Warning "source-form" "Sources of events are written service.amazonaws.com."
    UnknownSource Warning "unknown-source" "No service of AWS writes events with this source, and one with nearly this name does."
    UnknownEvent Warning "unknown-event" "The service has no call of this name, and one with nearly this name."
    NetworkHostBits Warning "network-host-bits" "Bits behind the prefix are set; they are not compared."
    NetworkOfAll Warning "network-of-all" "The network holds every address."
    UnknownPlaceholder Warning "unknown-placeholder" "Neither the catalogue nor the configuration knows the placeholder: the rule rests until somebody sets it."
    PlaceholderUnfilled Warning "placeholder-unfilled" "A %placeholder% without `expand` is compared letter by letter."
    ExpandNothing Warning "expand-nothing" "`expand` without a %placeholder% does nothing."

    TestVerdictMissing Error "test-verdict-missing" "A test begins with the verdict that it wants: finding, clean or unknown."
    TestOutcome Warning "test-outcome" "A test of a refused call that does not say whether an attempt is wanted."
    TestsMissing Warning "tests-missing" "A rule without tests, or without one of the kinds of tests that it needs, may do anything."
    DuplicateTest Warning "duplicate-test" "Two tests have one name."
    TestsDisagree Warning "tests-disagree" "Two tests give the same document and want different verdicts."
    BaseUnused Warning "base-unused" "`base` is what tests start from, and there are none."
    EventTimes Error "event-times" "`times` says how often an event of a test is repeated."
    EventAt Error "event-at" "`at` and `every` are times since the first event, such as +30s."
    EachNotList Error "each-not-list" "`each` lists what is different between the rules of a family."
    EachEntry Error "each-entry" "An entry of `each` is a map of names and values."
    EachUnused Warning "each-unused" "A value of `each` that the rule does not use."
    EachUnknown Warning "each-unknown" "`$name` stands in the rule, and no entry of `each` has a value of that name."

    CorrelationType Error "correlation-type" "A type of correlation that does not exist."
    CorrelationBound Error "correlation-bound" "A correlation that counts needs a number to compare with."
    CorrelationField Error "correlation-field" "A correlation over values needs the field that they stand in."
    CorrelationTimespan Error "correlation-timespan" "A correlation needs the time within which its events lie."
    NotATimespan Error "not-a-timespan" "Time spans are a whole positive number with s, m, h or d."
    LearningMissing Error "learning-missing" "`new_terms` has to know for how long it learns before it tells."
    LearningTooLong Error "learning-too-long" "What is forgotten before it is learned is new each time."
    CorrelationRules Error "correlation-rules" "A correlation names the rules that it looks at, or has a detection of its own."
    UnknownRule Error "unknown-rule" "A correlation names a rule that is not there."
    AmbiguousRule Error "ambiguous-rule" "A correlation names a rule by a name that several have."
    BrokenRule Error "broken-rule" "A correlation names a rule that cannot be used itself."
    CorrelationCircle Error "correlation-circle" "Correlations name each other in a circle."
    AliasIncomplete Error "alias-incomplete" "An alias does not say what it stands for in each rule."
    AliasUnused Warning "alias-unused" "Nothing is grouped by the alias."
    GroupByMissing Warning "group-by-missing" "Without `group-by` the events of everybody are counted together."
    GenerateNotBoolean Warning "generate-not-boolean" "`generate` takes true or false; anything else is taken for false."
    BoundsContradict Warning "bounds-contradict" "No number is within the bounds."
    BoundTrivial Warning "bound-trivial" "Every single event is within the bound: nothing is counted."
    TemporalOfOne Warning "temporal-of-one" "A sequence of one rule is that rule."
    Aggregation Error "aggregation" "Sigma's older way to count cannot be read: `search | count(field) by group > 5`."
    TimeframeUnused Warning "timeframe-unused" "`timeframe` belongs to a condition that counts."

    RowName Error "row-name" "Types of resources are called aws.<service>.<noun>."
    RowIncomplete Error "row-incomplete" "A resource row lacks what it needs: how its resources are found, their id, or their ARN."
    RowCall Error "row-call" "A call of a row is written service:Operation."
    RowBatch Error "row-batch" "A batch has to say which element of the answer belongs to which id."
    RowItems Error "row-items" "A listing has to say where its items stand."
    RowChange Error "row-change" "An entry of `changed_by` has to say which resources the calls change."
    RowSource Error "row-source" "A source of a parameter is a path, `=text`, a value, or a `$` name."
    DuplicateRow Error "duplicate-row" "A type of resource is described twice."
    FrameworkIncomplete Error "framework-incomplete" "A framework has an id, a title, a version, a source and controls."
    FrameworkCheck Warning "framework-check" "A control names a check that does not exist."
    FrameworkTwice Warning "framework-twice" "A control names a check twice."
}

impl Code {
    /// The diagnostic called `name`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.name() == name)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_kebab_case_and_distinct() {
        let names: BTreeSet<_> = Code::ALL.iter().map(|code| code.name()).collect();
        assert_eq!(names.len(), Code::ALL.len());
        for code in Code::ALL {
            assert!(
                code.name()
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            );
            assert_eq!(Code::named(code.name()), Some(*code));
            assert!(code.about().ends_with('.'), "{code}");
        }
    }
}
