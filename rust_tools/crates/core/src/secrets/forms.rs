//! Secrets whose form is unmistakable, whatever they are assigned to.

use std::sync::LazyLock;

use regex::{Regex, RegexSet};

use super::Secret;
use super::placeholder::is_placeholder;

/// Kinds and their forms.
const FORMS: [(&str, &str); 31] = [
    // The head alone is what code compares with; the key itself follows it.
    (
        "private key",
        r#"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?:\\n|\\r|[\s"'+,\\]|[A-Z][\w-]+: [^\n]*\n)*[A-Za-z0-9+/=]{24,}"#,
    ),
    ("AWS access key", r"\b(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}\b"),
    ("GitHub token", r"\bgh[pousr]_[A-Za-z0-9]{36,}\b|\bgithub_pat_[A-Za-z0-9_]{60,}\b"),
    ("GitLab token", r"\bgl(?:pat|dt|ptt|rt|ft|soat)-[A-Za-z0-9_-]{20,}\b"),
    ("Slack token", r"\bxox[abeposr]-[A-Za-z0-9-]{10,}\b|\bxapp-\d-[A-Z0-9]+-\d+-[a-z0-9]{30,}\b"),
    ("Slack webhook", r"\bhooks\.slack\.com/services/T[A-Z0-9]{8,}/B[A-Z0-9]{8,}/[A-Za-z0-9]{20,}\b"),
    ("API key", r"\bsk-(?:[a-z]+[0-9]*-)*[A-Za-z0-9_-]{24,}\b"),
    ("Google API key", r"\bAIza[0-9A-Za-z_-]{35}\b"),
    ("Google OAuth secret", r"\bGOCSPX-[A-Za-z0-9_-]{28}\b|\bya29\.[A-Za-z0-9_-]{40,}\b"),
    ("Stripe key", r"\b[sr]k_live_[0-9A-Za-z]{20,}\b"),
    ("npm token", r"\bnpm_[A-Za-z0-9]{36}\b"),
    ("PyPI token", r"\bpypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,}"),
    ("SendGrid key", r"\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}\b"),
    ("Twilio key", r"\bSK[0-9a-f]{32}\b"),
    ("Hugging Face token", r"\bhf_[A-Za-z]{34}\b"),
    ("Shopify token", r"\bshp(?:at|ca|pa|ss)_[a-f0-9]{32}\b"),
    ("DigitalOcean token", r"\bdo[opr]_v1_[a-f0-9]{64}\b"),
    ("Docker token", r"\bdckr_(?:pat|oat)_[A-Za-z0-9_-]{27,}\b"),
    ("Telegram token", r"\b[0-9]{8,10}:AA[A-Za-z0-9_-]{33}\b"),
    ("age key", r"\bAGE-SECRET-KEY-1[0-9A-Z]{58}\b"),
    ("Azure key", r"\b(?:AccountKey|SharedAccessKey)=[A-Za-z0-9+/]{43,86}="),
    ("Databricks token", r"\bdapi[0-9a-f]{32}\b"),
    ("Linear key", r"\blin_api_[A-Za-z0-9]{40}\b"),
    ("Vault token", r"\bhv[sb]\.[A-Za-z0-9_-]{24,}"),
    ("Terraform token", r"\b[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_-]{60,}"),
    ("Doppler token", r"\bdp\.(?:pt|st|ct|sa)\.[A-Za-z0-9.]{40,}"),
    ("Sentry token", r"\bsntry[su]_[A-Za-z0-9+/=_-]{60,}"),
    ("Mailchimp key", r"\b[0-9a-f]{32}-us[0-9]{1,2}\b"),
    ("Postman key", r"\bPMAK-[a-f0-9]{24}-[a-f0-9]{34}\b"),
    ("Grafana token", r"\bglsa_[A-Za-z0-9]{32}_[a-f0-9]{8}\b"),
    ("JSON web token", r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\b"),
];

pub(super) fn find(text: &str) -> Vec<Secret> {
    static ANY: LazyLock<RegexSet> =
        LazyLock::new(|| RegexSet::new(FORMS.map(|(_, form)| form)).expect("valid expressions"));
    static EACH: LazyLock<Vec<Regex>> =
        LazyLock::new(|| FORMS.iter().map(|(_, form)| Regex::new(form).expect("a valid expression")).collect());
    let mut found = Vec::new();
    if !HINT.is_match(text) {
        return found;
    }
    for form in ANY.matches(text) {
        for hit in EACH[form].find_iter(text).filter(|hit| !is_placeholder(hit.as_str())) {
            found.push(Secret { start: hit.start(), end: hit.end(), kind: FORMS[form].0 });
        }
    }
    found
}

/// Beginnings of which every form has one: a text without them is done with after one quick pass.
static HINT: LazyLock<Regex> = LazyLock::new(|| {
    let beginnings = concat!(
        "PRIVATE KEY|A(?:KI|SI|BI|CC)A[0-9A-Z]|gh[pousr]_|github_pat_|gl(?:pat|dt|ptt|rt|ft|soat)-|xox[abeposr]-|xapp-|",
        r"hooks\.slack|sk-|AIza|GOCSPX|ya29\.|[sr]k_live|npm_|pypi-Ag|SG\.|SK[0-9a-f]{8}|hf_|shp(?:at|ca|pa|ss)_|_v1_|",
        r"dckr_|:AA|AGE-SECRET|AccessKey=|AccountKey=|dapi|lin_api|hv[sb]\.|atlasv1|dp\.|sntry|-us[0-9]|PMAK-|glsa_|eyJ"
    );
    Regex::new(beginnings).expect("a valid expression")
});

#[cfg(test)]
mod tests {
    use super::super::in_text;

    /// Joined at run time, so that no scanner takes this file for a leak.
    fn kinds(parts: &[&str]) -> Vec<&'static str> {
        in_text(&format!("x = \"{}\"\n", parts.concat())).into_iter().map(|(_, kind)| kind).collect()
    }

    #[test]
    fn known_forms_are_found() {
        let long = "Zk3mQ9xT2bV7cR1nLw8eYp5sHd4gJf6aUoKi0BtM3vXqNz2W";
        for (kind, parts) in [
            ("AWS access key", ["AKIA", "Z7Q3M9XT2BV8CR1N"]),
            ("GitHub token", ["ghp_", &long[..36]]),
            ("GitLab token", ["glpat-", &long[..20]]),
            ("Slack token", ["xoxb-", "2847193650-Zk3mQ9xT2bV7"]),
            ("API key", ["sk-proj-", long]),
            ("API key", ["sk-ant-api03-", long]),
            ("Google API key", ["AIza", &long[..35]]),
            ("Stripe key", ["sk_live_", &long[..24]]),
            ("npm token", ["npm_", &long[..36]]),
            ("PyPI token", ["pypi-AgEIcHlwaS5vcmc", &format!("{long}{long}")]),
            ("private key", ["-----BEGIN RSA PRIVATE KEY-----\\nProc-Type: 4\\n", long]),
        ] {
            // A header line of a key is on a line of its own.
            let parts = parts.map(|part| part.replace("\\nProc-Type: 4\\n", "\nProc-Type: 4,ENCRYPTED\n"));
            assert_eq!(kinds(&[&parts[0], &parts[1]]), [kind], "{kind}");
        }
    }

    #[test]
    fn examples_and_bare_heads_are_not() {
        for parts in [
            ["AKIA", "IOSFODNN7EXAMPLE"],
            ["ghp_", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"],
            ["-----BEGIN PRIVATE KEY", "-----"],
            ["-----BEGIN PRIVATE KEY-----\\n", "...\\n-----END PRIVATE KEY-----"],
            ["sk-", "your-api-key-goes-here-1234"],
            ["task-", "with-a-long-name-and-many-parts-in-it"],
            ["https://", "example.com/eyJ"],
        ] {
            assert_eq!(kinds(&parts), [""; 0], "{parts:?}");
        }
    }
}
