//! Values that look random and are assigned to a name that speaks of a secret.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use regex::{Captures, Regex};

use super::Secret;
use super::lines::Lines;
use super::placeholder::{entropy, is_placeholder};

const KIND: &str = "value of a secret";

/// Bits for each character. Words and identifiers stay below it, keys and generated passwords do not.
const LEAST_ENTROPY: f64 = 3.6;

pub(super) fn find(text: &str) -> Vec<Secret> {
    let mut found = Vec::new();
    for line in Lines::holding(text, &TELLING) {
        let assignments = ASSIGNMENT.captures_iter(&text[line.clone()]);
        found.extend(assignments.filter_map(|groups| secret(&groups, line.start)));
    }
    found
}

fn secret(groups: &Captures<'_>, line_start: usize) -> Option<Secret> {
    let (name, value) = (groups.name("name")?, groups.name("quoted").or_else(|| groups.name("bare"))?);
    let secret = Secret { start: line_start + value.start(), end: line_start + value.end(), kind: KIND };
    (names_a_secret(name.as_str()) && is_random(value.as_str())).then_some(secret)
}

/// Words that a secret's name has one of, without the signs between them.
const WORDS: [&str; 24] = [
    "secret",
    "token",
    "passwd",
    "password",
    "passphrase",
    "pwd",
    "apikey",
    "api_key",
    "api-key",
    "accesskey",
    "access_key",
    "access-key",
    "privatekey",
    "private_key",
    "private-key",
    "authkey",
    "auth_key",
    "auth-key",
    "credential",
    "encryptionkey",
    "encryption_key",
    "encryption-key",
    "signingkey",
    "signing_key",
];

static TELLING: LazyLock<AhoCorasick> =
    LazyLock::new(|| AhoCorasick::builder().ascii_case_insensitive(true).build(WORDS).expect("few short words"));

/// `name = "value"`, `"name": "value"`, `name => 'value'`, and `NAME=value` up to the end of its line.
static ASSIGNMENT: LazyLock<Regex> = LazyLock::new(|| {
    let words = WORDS.join("|");
    let pattern = format!(
        r#"(?i-u)(?P<name>[\w.-]*(?:{words})[\w.-]*)["']?\]?[ \t]*(?::[ \t]?[\w\[\]. |]{{1,30}}=|=>|:=|=|:)[ \t]*(?:[rbu]?["'`](?P<quoted>[!#-&(-_a-~]{{16,200}})["'`]|(?P<bare>[A-Za-z0-9+/_=-]{{20,200}})[ \t\r]*(?:\n|$))"#
    );
    Regex::new(&pattern).expect("a valid expression")
});

/// Names that end like these hold something else: where the secret is, what it is called, what kind it is.
fn names_a_secret(name: &str) -> bool {
    const OTHER: [&str; 26] = [
        "name", "id", "ids", "url", "uri", "path", "file", "type", "header", "field", "param", "prefix", "suffix",
        "format", "regex", "pattern", "hash", "hasher", "digest", "class", "model", "endpoint", "label", "key_id",
        "version", "length",
    ];
    let lower = name.to_ascii_lowercase();
    let last = lower.rsplit(['_', '-', '.']).next().unwrap_or(&lower);
    !OTHER.contains(&last)
        && !OTHER.iter().any(|other| name.ends_with(&capitalised(other)))
        && !lower.contains("public")
        && !lower.contains("csrf")
        && !lower.contains("tokenize")
}

fn capitalised(word: &str) -> String {
    let (first, rest) = word.split_at(1);
    first.to_ascii_uppercase() + rest
}

/// Letters and digits mixed without words, paths or gaps to be filled in.
fn is_random(value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
    let plain = value.bytes().all(|byte| byte.is_ascii_graphic());
    let is_reference = value.contains(['{', '}', '<', '>', '(', ')', '[', ']', '\\']) || value.contains("://");
    let hex = value.bytes().all(|byte| byte.is_ascii_hexdigit());
    let enough = if hex { value.len() >= 32 && entropy(value) > 3.0 } else { entropy(value) >= LEAST_ENTROPY };
    plain
        && !is_reference
        && !value.starts_with(['$', '%', '/', '.', '@', '#'])
        && digits >= 2
        && letters >= 4
        && enough
        && !is_made_of_words(value)
        && !is_placeholder(value)
}

/// Parts of letters only or of digits only, joined by signs: an identifier, a file name, a date, a UUID's kin.
fn is_made_of_words(value: &str) -> bool {
    let parts: Vec<&str> =
        value.split(['-', '_', '.', ':', '/', ',', '+', '=']).filter(|part| !part.is_empty()).collect();
    let is_word = |part: &&str| {
        let stem = part.trim_end_matches(|c: char| c.is_ascii_digit());
        stem.bytes().all(|byte| byte.is_ascii_lowercase()) || stem.bytes().all(|byte| byte.is_ascii_uppercase())
    };
    let is_uuid = parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12]);
    is_uuid || (parts.len() > 1 && parts.iter().filter(|part| is_word(part)).count() * 4 >= parts.len() * 3)
}

#[cfg(test)]
mod tests {
    use super::super::in_text;

    const VALUE: &str = "q8Zr3vT0pLw7Ks2nYb5D";

    #[test]
    fn random_values_under_telling_names_are_found_in_every_notation() {
        for line in [
            "API_KEY = \"{}\"",
            "api_key: str = '{}'",
            "config[\"auth_token\"] = \"{}\"",
            "  \"clientSecret\": \"{}\",",
            "DB_PASSWORD={}",
            "password: {}",
            "let accessKey = `{}`;",
            "'secret' => '{}',",
        ] {
            assert_eq!(in_text(&line.replace("{}", VALUE)), [(1, "value of a secret")], "{line}");
        }
        assert_eq!(in_text("SECRET_KEY = '5f2b8c0d9e1a47363c5d8e7f90a1b2c4'\n"), [(1, "value of a secret")]);
    }

    #[test]
    fn names_references_and_blanks_are_not() {
        for line in [
            "token = os.environ[\"API_TOKEN_FOR_SERVICE_2\"]",
            "token_url = \"q8Zr3vT0pLw7Ks2nYb5D\"",
            "public_key = \"q8Zr3vT0pLw7Ks2nYb5D\"",
            "password = \"correct-horse-battery-staple-1\"",
            "secret = \"${SECRET_FROM_VAULT_V2}\"",
            "api_key = \"your-api-key-1234567\"",
            "token = \"aaaaaaaaaaaaaaaaaaaa11\"",
            "path_to_token: /var/run/secrets/kubernetes.io/token2",
            "checksum = \"q8Zr3vT0pLw7Ks2nYb5D\"",
            "password = get_password_from_keyring_v2()",
            "client_secret = \"550e8400-e29b-41d4-a716-446655440000\"",
            "PASSWORD_HASHERS = ['django.contrib.auth.hashers.PBKDF2PasswordHasher']",
        ] {
            assert_eq!(in_text(line), [], "{line}");
        }
    }
}
