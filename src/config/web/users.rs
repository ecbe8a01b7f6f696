//! The section `basic_auth_users`: users and the bcrypt hashes of their passwords.
//!
//! No message quotes a value, because somebody may have written a password in place of its hash.

use std::collections::BTreeMap;
use std::fmt;

use secrecy::{ExposeSecret as _, SecretString};

use super::source::Source;
use crate::config::cursor::Field;
use crate::config::raw::Value;

/// Above this cost, one comparison takes seconds, and it is made again after each start.
const HIGHEST_USUAL_COST: u32 = 14;

/// The costs of bcrypt.
const COSTS: std::ops::RangeInclusive<u32> = 4..=31;

/// The characters of a hash: version, cost, salt and checksum.
const HASH_LENGTH: usize = 60;

/// The users and the hashes of their passwords.
#[derive(Clone, Debug, Default)]
pub struct BasicAuthUsers(BTreeMap<String, PasswordHash>);

/// A bcrypt hash. Its `Debug` form does not contain it.
#[derive(Clone)]
pub struct PasswordHash {
    text: SecretString,
    cost: u32,
}

impl BasicAuthUsers {
    /// Whether nobody needs a password.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The hash of a user's password.
    pub fn hash_of(&self, user: &str) -> Option<&PasswordHash> {
        self.0.get(user)
    }

    /// The hash with the highest cost. Comparing the password of an unknown user with it takes as long as that of a known
    /// one.
    pub fn slowest(&self) -> Option<&PasswordHash> {
        self.0.values().max_by_key(|hash| hash.cost)
    }
}

impl PasswordHash {
    /// The hash, for a comparison.
    pub fn expose(&self) -> &str {
        self.text.expose_secret()
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(redacted)")
    }
}

pub(super) fn read(field: &Field<'_>, source: &Source<'_>) -> Option<BasicAuthUsers> {
    let entries = field.entries("a section of users and the bcrypt hashes of their passwords")?;
    let users: Vec<_> = entries.iter().map(|(name, field)| user(name, field, source)).collect();
    users.into_iter().collect::<Option<BTreeMap<_, _>>>().map(BasicAuthUsers)
}

fn user(name: &str, field: &Field<'_>, source: &Source<'_>) -> Option<(String, PasswordHash)> {
    if name.contains(':') {
        field.error("invalid user name: expected a name without a colon, because clients could not send it");
        return None;
    }
    let Value::Text(text) = field.value() else {
        return field.type_error("a bcrypt hash, as `wolkvox_exporter hash-password` prints it");
    };
    let Some(cost) = cost_of(text) else {
        field.error(
            "invalid password hash: expected a bcrypt hash that begins with $2a$, $2b$ or $2y$, as \
             `wolkvox_exporter hash-password` prints it",
        );
        return None;
    };
    if cost > HIGHEST_USUAL_COST {
        source.warn(field, "the cost of this hash is so high that a comparison takes seconds; 10 is usual");
    }
    Some((name.to_owned(), PasswordHash { text: SecretString::from(text.as_str()), cost }))
}

/// The cost of a bcrypt hash; `None` if it is none.
fn cost_of(hash: &str) -> Option<u32> {
    let rest = ["$2a$", "$2b$", "$2y$"].iter().find_map(|version| hash.strip_prefix(version))?;
    let (cost, checksum) = rest.split_once('$')?;
    let is_cost = cost.len() == 2 && cost.bytes().all(|byte| byte.is_ascii_digit());
    let is_checksum = checksum.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'/'));
    let cost = cost.parse().ok().filter(|cost| COSTS.contains(cost));
    cost.filter(|_| is_cost && is_checksum && hash.len() == HASH_LENGTH)
}
