//! MITRE ATT&CK: what the technique ids of rules are called, and which tactics they serve.
//!
//! Only what the built-in rules name. Source: <https://attack.mitre.org>, © The MITRE Corporation, reproduced with its
//! permission, see <https://attack.mitre.org/resources/legal-and-branding/terms-of-use/>.

/// What an intruder is after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tactic {
    /// Such as `TA0005`.
    pub(crate) id: &'static str,
    /// Such as `Defense Evasion`.
    pub(crate) name: &'static str,
}

/// How it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Technique {
    /// Such as `T1562`, or `T1562.008` of a sub-technique.
    pub(crate) id: &'static str,
    /// Such as `Disable or Modify Cloud Logs`.
    pub(crate) name: &'static str,
    /// Whom it serves.
    pub(crate) tactics: &'static [Tactic],
}

/// What is known of the technique `id`.
pub(crate) fn technique(id: &str) -> Option<&'static Technique> {
    TECHNIQUES.iter().find(|technique| technique.id == id)
}

const fn tactic(id: &'static str, name: &'static str) -> Tactic {
    Tactic { id, name }
}

const fn row(id: &'static str, name: &'static str, tactics: &'static [Tactic]) -> Technique {
    Technique { id, name, tactics }
}

const INITIAL_ACCESS: Tactic = tactic("TA0001", "Initial Access");
const EXECUTION: Tactic = tactic("TA0002", "Execution");
const PERSISTENCE: Tactic = tactic("TA0003", "Persistence");
const PRIVILEGE_ESCALATION: Tactic = tactic("TA0004", "Privilege Escalation");
const DEFENSE_EVASION: Tactic = tactic("TA0005", "Defense Evasion");
const CREDENTIAL_ACCESS: Tactic = tactic("TA0006", "Credential Access");
const DISCOVERY: Tactic = tactic("TA0007", "Discovery");
const LATERAL_MOVEMENT: Tactic = tactic("TA0008", "Lateral Movement");
const COLLECTION: Tactic = tactic("TA0009", "Collection");
const COMMAND_AND_CONTROL: Tactic = tactic("TA0011", "Command and Control");
const EXFILTRATION: Tactic = tactic("TA0010", "Exfiltration");
const IMPACT: Tactic = tactic("TA0040", "Impact");
const RESOURCE_DEVELOPMENT: Tactic = tactic("TA0042", "Resource Development");
const RECONNAISSANCE: Tactic = tactic("TA0043", "Reconnaissance");

#[rustfmt::skip]
static TECHNIQUES: &[Technique] = &[
    row("T1003", "OS Credential Dumping", &[CREDENTIAL_ACCESS]),
    row("T1005", "Data from Local System", &[COLLECTION]),
    row("T1021", "Remote Services", &[LATERAL_MOVEMENT]),
    row("T1021.004", "SSH", &[LATERAL_MOVEMENT]),
    row("T1021.007", "Cloud Services", &[LATERAL_MOVEMENT]),
    row("T1036", "Masquerading", &[DEFENSE_EVASION]),
    row("T1040", "Network Sniffing", &[CREDENTIAL_ACCESS, DISCOVERY]),
    row("T1048", "Exfiltration Over Alternative Protocol", &[EXFILTRATION]),
    row("T1053", "Scheduled Task/Job", &[EXECUTION, PERSISTENCE, PRIVILEGE_ESCALATION]),
    row("T1059", "Command and Scripting Interpreter", &[EXECUTION]),
    row("T1059.009", "Cloud API", &[EXECUTION]),
    row("T1069", "Permission Groups Discovery", &[DISCOVERY]),
    row("T1069.003", "Cloud Groups", &[DISCOVERY]),
    row("T1070", "Indicator Removal", &[DEFENSE_EVASION]),
    row("T1070.004", "File Deletion", &[DEFENSE_EVASION]),
    row("T1072", "Software Deployment Tools", &[EXECUTION, LATERAL_MOVEMENT]),
    row("T1074", "Data Staged", &[COLLECTION]),
    row("T1074.002", "Remote Data Staging", &[COLLECTION]),
    row("T1078", "Valid Accounts", &[INITIAL_ACCESS, PERSISTENCE, PRIVILEGE_ESCALATION, DEFENSE_EVASION]),
    row("T1078.004", "Cloud Accounts", &[INITIAL_ACCESS, PERSISTENCE, PRIVILEGE_ESCALATION, DEFENSE_EVASION]),
    row("T1087", "Account Discovery", &[DISCOVERY]),
    row("T1087.004", "Cloud Account", &[DISCOVERY]),
    row("T1090", "Proxy", &[COMMAND_AND_CONTROL]),
    row("T1090.003", "Multi-hop Proxy", &[COMMAND_AND_CONTROL]),
    row("T1098", "Account Manipulation", &[PERSISTENCE, PRIVILEGE_ESCALATION]),
    row("T1098.001", "Additional Cloud Credentials", &[PERSISTENCE, PRIVILEGE_ESCALATION]),
    row("T1098.003", "Additional Cloud Roles", &[PERSISTENCE, PRIVILEGE_ESCALATION]),
    row("T1098.004", "SSH Authorized Keys", &[PERSISTENCE, PRIVILEGE_ESCALATION]),
    row("T1098.005", "Device Registration", &[PERSISTENCE, PRIVILEGE_ESCALATION]),
    row("T1098.006", "Additional Container Cluster Roles", &[PERSISTENCE, PRIVILEGE_ESCALATION]),
    row("T1110", "Brute Force", &[CREDENTIAL_ACCESS]),
    row("T1110.001", "Password Guessing", &[CREDENTIAL_ACCESS]),
    row("T1110.003", "Password Spraying", &[CREDENTIAL_ACCESS]),
    row("T1113", "Screen Capture", &[COLLECTION]),
    row("T1114", "Email Collection", &[COLLECTION]),
    row("T1114.003", "Email Forwarding Rule", &[COLLECTION]),
    row("T1133", "External Remote Services", &[INITIAL_ACCESS, PERSISTENCE]),
    row("T1136", "Create Account", &[PERSISTENCE]),
    row("T1136.003", "Cloud Account", &[PERSISTENCE]),
    row("T1190", "Exploit Public-Facing Application", &[INITIAL_ACCESS]),
    row("T1195", "Supply Chain Compromise", &[INITIAL_ACCESS]),
    row("T1195.002", "Compromise Software Supply Chain", &[INITIAL_ACCESS]),
    row("T1199", "Trusted Relationship", &[INITIAL_ACCESS]),
    row("T1201", "Password Policy Discovery", &[DISCOVERY]),
    row("T1213", "Data from Information Repositories", &[COLLECTION]),
    row("T1213.006", "Databases", &[COLLECTION]),
    row("T1484", "Domain or Tenant Policy Modification", &[PRIVILEGE_ESCALATION, DEFENSE_EVASION]),
    row("T1484.002", "Trust Modification", &[PRIVILEGE_ESCALATION, DEFENSE_EVASION]),
    row("T1485", "Data Destruction", &[IMPACT]),
    row("T1485.001", "Lifecycle-Triggered Deletion", &[IMPACT]),
    row("T1486", "Data Encrypted for Impact", &[IMPACT]),
    row("T1489", "Service Stop", &[IMPACT]),
    row("T1490", "Inhibit System Recovery", &[IMPACT]),
    row("T1496", "Resource Hijacking", &[IMPACT]),
    row("T1496.001", "Compute Hijacking", &[IMPACT]),
    row("T1496.004", "Cloud Service Hijacking", &[IMPACT]),
    row("T1499", "Endpoint Denial of Service", &[IMPACT]),
    row("T1505", "Server Software Component", &[PERSISTENCE]),
    row("T1518", "Software Discovery", &[DISCOVERY]),
    row("T1518.001", "Security Software Discovery", &[DISCOVERY]),
    row("T1525", "Implant Internal Image", &[PERSISTENCE]),
    row("T1526", "Cloud Service Discovery", &[DISCOVERY]),
    row("T1528", "Steal Application Access Token", &[CREDENTIAL_ACCESS]),
    row("T1530", "Data from Cloud Storage", &[COLLECTION]),
    row("T1531", "Account Access Removal", &[IMPACT]),
    row("T1535", "Unused/Unsupported Cloud Regions", &[DEFENSE_EVASION]),
    row("T1537", "Transfer Data to Cloud Account", &[EXFILTRATION]),
    row("T1546", "Event Triggered Execution", &[PERSISTENCE, PRIVILEGE_ESCALATION]),
    row("T1548", "Abuse Elevation Control Mechanism", &[PRIVILEGE_ESCALATION, DEFENSE_EVASION]),
    row("T1548.005", "Temporary Elevated Cloud Access", &[PRIVILEGE_ESCALATION, DEFENSE_EVASION]),
    row("T1550", "Use Alternate Authentication Material", &[DEFENSE_EVASION, LATERAL_MOVEMENT]),
    row("T1550.001", "Application Access Token", &[DEFENSE_EVASION, LATERAL_MOVEMENT]),
    row("T1552", "Unsecured Credentials", &[CREDENTIAL_ACCESS]),
    row("T1552.001", "Credentials In Files", &[CREDENTIAL_ACCESS]),
    row("T1552.004", "Private Keys", &[CREDENTIAL_ACCESS]),
    row("T1552.005", "Cloud Instance Metadata API", &[CREDENTIAL_ACCESS]),
    row("T1555", "Credentials from Password Stores", &[CREDENTIAL_ACCESS]),
    row("T1555.006", "Cloud Secrets Management Stores", &[CREDENTIAL_ACCESS]),
    row("T1556", "Modify Authentication Process", &[PERSISTENCE, DEFENSE_EVASION, CREDENTIAL_ACCESS]),
    row("T1556.006", "Multi-Factor Authentication", &[PERSISTENCE, DEFENSE_EVASION, CREDENTIAL_ACCESS]),
    row("T1557", "Adversary-in-the-Middle", &[CREDENTIAL_ACCESS, COLLECTION]),
    row("T1562", "Impair Defenses", &[DEFENSE_EVASION]),
    row("T1562.001", "Disable or Modify Tools", &[DEFENSE_EVASION]),
    row("T1562.004", "Disable or Modify System Firewall", &[DEFENSE_EVASION]),
    row("T1562.006", "Indicator Blocking", &[DEFENSE_EVASION]),
    row("T1562.007", "Disable or Modify Cloud Firewall", &[DEFENSE_EVASION]),
    row("T1562.008", "Disable or Modify Cloud Logs", &[DEFENSE_EVASION]),
    row("T1565", "Data Manipulation", &[IMPACT]),
    row("T1565.001", "Stored Data Manipulation", &[IMPACT]),
    row("T1566", "Phishing", &[INITIAL_ACCESS]),
    row("T1566.002", "Spearphishing Link", &[INITIAL_ACCESS]),
    row("T1567", "Exfiltration Over Web Service", &[EXFILTRATION]),
    row("T1567.002", "Exfiltration to Cloud Storage", &[EXFILTRATION]),
    row("T1571", "Non-Standard Port", &[COMMAND_AND_CONTROL]),
    row("T1572", "Protocol Tunneling", &[COMMAND_AND_CONTROL]),
    row("T1578", "Modify Cloud Compute Infrastructure", &[DEFENSE_EVASION]),
    row("T1578.001", "Create Snapshot", &[DEFENSE_EVASION]),
    row("T1578.002", "Create Cloud Instance", &[DEFENSE_EVASION]),
    row("T1578.004", "Revert Cloud Instance", &[DEFENSE_EVASION]),
    row("T1578.005", "Modify Cloud Compute Configurations", &[DEFENSE_EVASION]),
    row("T1580", "Cloud Infrastructure Discovery", &[DISCOVERY]),
    row("T1583", "Acquire Infrastructure", &[RESOURCE_DEVELOPMENT]),
    row("T1583.001", "Domains", &[RESOURCE_DEVELOPMENT]),
    row("T1584", "Compromise Infrastructure", &[RESOURCE_DEVELOPMENT]),
    row("T1584.001", "Domains", &[RESOURCE_DEVELOPMENT]),
    row("T1584.002", "DNS Server", &[RESOURCE_DEVELOPMENT]),
    row("T1586", "Compromise Accounts", &[RESOURCE_DEVELOPMENT]),
    row("T1586.003", "Cloud Accounts", &[RESOURCE_DEVELOPMENT]),
    row("T1588", "Obtain Capabilities", &[RESOURCE_DEVELOPMENT]),
    row("T1588.004", "Digital Certificates", &[RESOURCE_DEVELOPMENT]),
    row("T1590", "Gather Victim Network Information", &[RECONNAISSANCE]),
    row("T1590.002", "DNS", &[RECONNAISSANCE]),
    row("T1599", "Network Boundary Bridging", &[DEFENSE_EVASION]),
    row("T1606", "Forge Web Credentials", &[CREDENTIAL_ACCESS]),
    row("T1606.002", "SAML Tokens", &[CREDENTIAL_ACCESS]),
    row("T1609", "Container Administration Command", &[EXECUTION]),
    row("T1610", "Deploy Container", &[EXECUTION, DEFENSE_EVASION]),
    row("T1611", "Escape to Host", &[PRIVILEGE_ESCALATION]),
    row("T1619", "Cloud Storage Object Discovery", &[DISCOVERY]),
    row("T1621", "Multi-Factor Authentication Request Generation", &[CREDENTIAL_ACCESS]),
    row("T1648", "Serverless Execution", &[EXECUTION]),
    row("T1649", "Steal or Forge Authentication Certificates", &[CREDENTIAL_ACCESS]),
    row("T1651", "Cloud Administration Command", &[EXECUTION]),
    row("T1654", "Log Enumeration", &[DISCOVERY]),
    row("T1666", "Modify Cloud Resource Hierarchy", &[DEFENSE_EVASION]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_technique_of_the_catalogue_is_known_with_its_parent() {
        let mut seen = 0;
        for id in catalog::builtin().rules.iter().flat_map(|rule| &rule.meta.attack) {
            let parent = id.split('.').next().unwrap();
            for id in [id.as_str(), parent] {
                assert!(technique(id).is_some_and(|known| !known.tactics.is_empty()), "{id}");
                seen += 1;
            }
        }
        assert!(seen > 100, "{seen}");
        assert_eq!(technique("T1562.008").map(|known| known.tactics), Some(&[DEFENSE_EVASION][..]));
        assert!(technique("T9999").is_none());
    }
}
