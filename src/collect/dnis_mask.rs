//! How numbers are written in labels: unchanged, as their last digits, or as a hash.

use crate::config::collectors::DnisMask;

/// Hexadecimal digits of a hashed number: 48 bits, so that a million numbers rarely share one.
const HASH_DIGITS: usize = 12;

/// Converts numbers to labels.
#[derive(Debug)]
pub(super) enum Mask {
    None,
    Last4,
    Hash { key: Box<[u8; 32]> },
}

impl Mask {
    /// The mask of an operation. The key of the hash is derived from its token. Without a secret, somebody could find
    /// the number by hashing all possible numbers.
    pub(super) fn new(mask: DnisMask, token: &str) -> Self {
        match mask {
            DnisMask::None => Self::None,
            DnisMask::Last4 => Self::Last4,
            DnisMask::Hash => Self::Hash {
                key: Box::new(blake3::derive_key("wolkvox_exporter 2026-11 DNIS label", token.as_bytes())),
            },
        }
    }

    /// The label of a number.
    pub(super) fn label(&self, dnis: Box<str>) -> Box<str> {
        match self {
            Self::None => dnis,
            Self::Last4 => {
                let characters = dnis.chars().count();
                // A number of four digits or fewer would be shown completely.
                let shown: String =
                    if characters > 4 { dnis.chars().skip(characters - 4).collect() } else { String::new() };
                format!("***{shown}").into()
            }
            Self::Hash { key } => blake3::keyed_hash(key, dnis.as_bytes()).to_hex()[..HASH_DIGITS].into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_four_digits_are_shown() {
        assert_eq!(&*Mask::Last4.label("6015550101".into()), "***0101");
    }

    #[test]
    fn a_short_number_is_masked_completely() {
        assert_eq!(&*Mask::Last4.label("1234".into()), "***");
    }

    #[test]
    fn a_hash_is_stable_depends_on_the_key_and_hides_the_number() {
        let label = |token, dnis: &str| Mask::new(DnisMask::Hash, token).label(dnis.into());
        assert_eq!(label("a", "6015550101"), label("a", "6015550101"));
        assert_ne!(label("a", "6015550101"), label("b", "6015550101"));
        assert_ne!(label("a", "6015550101"), label("a", "6015550102"));
        assert!(!label("a", "6015550101").contains("0101") && label("a", "6015550101").len() == 12);
    }
}
