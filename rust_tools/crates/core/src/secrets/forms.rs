//! Secrets whose form is unmistakable, whatever they are assigned to.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use regex::{Match, Regex, RegexSet};

use super::Secret;
use super::lines::Lines;
use super::placeholder::{is_monotonous, is_placeholder};

/// Kinds and their forms, each on one line.
const FORMS: [(&str, &str); 30] = [
    ("AWS access key", r"(?-u)\b(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}\b"),
    ("GitHub token", r"(?-u)\bgh[pousr]_[A-Za-z0-9]{36,}\b|\bgithub_pat_[A-Za-z0-9_]{60,}\b"),
    ("GitLab token", r"(?-u)\bgl(?:pat|dt|ptt|rt|ft|soat)-[A-Za-z0-9_-]{20,}\b"),
    ("Slack token", r"(?-u)\bxox[abeposr]-[A-Za-z0-9-]{10,}\b|\bxapp-\d-[A-Z0-9]+-\d+-[a-z0-9]{30,}\b"),
    ("Slack webhook", r"(?-u)\bhooks\.slack\.com/services/T[A-Z0-9]{8,}/B[A-Z0-9]{8,}/[A-Za-z0-9]{20,}\b"),
    ("API key", r"(?-u)\bsk-(?:[a-z]+[0-9]*-)*[A-Za-z0-9_-]{24,}\b"),
    ("Google API key", r"(?-u)\bAIza[0-9A-Za-z_-]{35}\b"),
    ("Google OAuth secret", r"(?-u)\bGOCSPX-[A-Za-z0-9_-]{28}\b|\bya29\.[A-Za-z0-9_-]{40,}\b"),
    ("Stripe key", r"(?-u)\b[sr]k_live_[0-9A-Za-z]{20,}\b"),
    ("npm token", r"(?-u)\bnpm_[A-Za-z0-9]{36}\b"),
    ("PyPI token", r"(?-u)\bpypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,}"),
    ("SendGrid key", r"(?-u)\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}\b"),
    ("Twilio key", r"(?-u)\bSK[0-9a-f]{32}\b"),
    ("Hugging Face token", r"(?-u)\bhf_[A-Za-z]{34}\b"),
    ("Shopify token", r"(?-u)\bshp(?:at|ca|pa|ss)_[a-f0-9]{32}\b"),
    ("DigitalOcean token", r"(?-u)\bdo[opr]_v1_[a-f0-9]{64}\b"),
    ("Docker token", r"(?-u)\bdckr_(?:pat|oat)_[A-Za-z0-9_-]{27,}\b"),
    ("Telegram token", r"(?-u)\b[0-9]{8,10}:AA[A-Za-z0-9_-]{33}\b"),
    ("age key", r"(?-u)\bAGE-SECRET-KEY-1[0-9A-Z]{58}\b"),
    ("Azure key", r"(?-u)\b(?:AccountKey|SharedAccessKey)=[A-Za-z0-9+/]{43,86}="),
    ("Databricks token", r"(?-u)\bdapi[0-9a-f]{32}\b"),
    ("Linear key", r"(?-u)\blin_api_[A-Za-z0-9]{40}\b"),
    ("Vault token", r"(?-u)\bhv[sb]\.[A-Za-z0-9_-]{24,}"),
    ("Terraform token", r"(?-u)\b[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_-]{60,}"),
    ("Doppler token", r"(?-u)\bdp\.(?:pt|st|ct|sa)\.[A-Za-z0-9.]{40,}"),
    ("Sentry token", r"(?-u)\bsntry[su]_[A-Za-z0-9+/=_-]{60,}"),
    ("Mailchimp key", r"(?-u)\b[0-9a-f]{32}-us[0-9]{1,2}\b"),
    ("Postman key", r"(?-u)\bPMAK-[a-f0-9]{24}-[a-f0-9]{34}\b"),
    ("Grafana token", r"(?-u)\bglsa_[A-Za-z0-9]{32}_[a-f0-9]{8}\b"),
    ("JSON web token", r"(?-u)\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\b"),
];

pub(super) fn find(text: &str) -> Vec<Secret> {
    static ANY: LazyLock<RegexSet> = LazyLock::new(|| RegexSet::new(FORMS.map(|(_, form)| form)).expect("valid"));
    static EACH: LazyLock<Vec<Regex>> =
        LazyLock::new(|| FORMS.iter().map(|(_, form)| Regex::new(form).expect("a valid expression")).collect());
    let mut found = private_keys(text);
    for line in Lines::holding(text, &BEGINNINGS) {
        let content = &text[line.clone()];
        for form in ANY.matches(content) {
            let hits = EACH[form].find_iter(content).filter(|hit| !is_placeholder(hit.as_str()));
            let secret = |hit: Match<'_>| Secret {
                start: line.start + hit.start(),
                end: line.start + hit.end(),
                kind: FORMS[form].0,
            };
            found.extend(hits.map(secret));
        }
    }
    found
}

/// Keys in the form of PEM. The head alone is what code compares with; the key itself follows it.
fn private_keys(text: &str) -> Vec<Secret> {
    static KEY: LazyLock<Regex> = LazyLock::new(|| {
        let between = r#"(?:\\n|\\r|[\s"'+,\\]|[A-Z][A-Za-z-]+: [^\n]*\n)*"#;
        let key = format!(r"^PRIVATE KEY(?: BLOCK)?-----{between}[A-Za-z0-9+/=]{{24,}}");
        Regex::new(&key).expect("a valid expression")
    });
    let heads = memchr::memmem::find_iter(text.as_bytes(), "PRIVATE KEY");
    heads
        .filter_map(|start| {
            let end = start + KEY.find(&text[start..])?.end();
            let value = &text[start..end];
            (!is_monotonous(value)).then_some(Secret { start, end, kind: "private key" })
        })
        .collect()
}

/// Beginnings of which every form has one: a line without them is done with after one quick pass.
static BEGINNINGS: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::new([
        "AKIA",
        "ASIA",
        "ABIA",
        "ACCA",
        "ghp_",
        "gho_",
        "ghu_",
        "ghs_",
        "ghr_",
        "github_pat_",
        "glpat-",
        "gldt-",
        "glptt-",
        "glrt-",
        "glft-",
        "glsoat-",
        "xoxa-",
        "xoxb-",
        "xoxe-",
        "xoxp-",
        "xoxo-",
        "xoxs-",
        "xoxr-",
        "xapp-",
        "hooks.slack",
        "sk-",
        "AIza",
        "GOCSPX-",
        "ya29.",
        "sk_live_",
        "rk_live_",
        "npm_",
        "pypi-AgE",
        "SG.",
        "SK",
        "hf_",
        "shpat_",
        "shpca_",
        "shppa_",
        "shpss_",
        "doo_v1_",
        "dop_v1_",
        "dor_v1_",
        "dckr_",
        ":AA",
        "AGE-SECRET-KEY",
        "AccountKey=",
        "SharedAccessKey=",
        "dapi",
        "lin_api_",
        "hvs.",
        "hvb.",
        ".atlasv1.",
        "dp.pt.",
        "dp.st.",
        "dp.ct.",
        "dp.sa.",
        "sntrys_",
        "sntryu_",
        "-us",
        "PMAK-",
        "glsa_",
        "eyJ",
    ])
    .expect("few short words")
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
