//! "Did you mean": finds the valid name that is most similar to an unknown one, and writes lists of names.

/// The lowest similarity (Jaro-Winkler, 0–1) for a suggestion: typing errors reach it, other words do not.
const LEAST_SIMILARITY: f64 = 0.85;

/// The most similar of `names`, if one is similar enough.
pub(super) fn nearest<'a>(unknown: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let unknown = unknown.to_lowercase();
    let similarity = |name: &str| {
        let name = name.to_lowercase();
        let whole = strsim::jaro_winkler(&unknown, &name);
        // A city without its continent is compared with the city only.
        name.rsplit_once('/').map_or(whole, |(_, last)| whole.max(strsim::jaro_winkler(&unknown, last)))
    };
    let scored = names.into_iter().map(|name| (similarity(name), name)).filter(|(score, _)| *score >= LEAST_SIMILARITY);
    scored.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(a.1))).map(|(_, name)| name)
}

/// `a, b or c`.
pub(super) fn alternatives<T: AsRef<str>>(names: &[T]) -> String {
    list(names, "or")
}

/// `a, b and c`.
pub(super) fn enumeration<T: AsRef<str>>(names: &[T]) -> String {
    list(names, "and")
}

fn list<T: AsRef<str>>(names: &[T], conjunction: &str) -> String {
    match names {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            format!("{} {conjunction} {}", first.join(", "), last.as_ref())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typing_error_gets_a_suggestion() {
        assert_eq!(nearest("intervall", ["interval", "max_age"]), Some("interval"));
        assert_eq!(nearest("bogota", ["America/Bogota", "America/Lima"]), Some("America/Bogota"));
    }

    #[test]
    fn another_word_gets_no_suggestion() {
        assert_eq!(nearest("colour", ["interval", "max_age"]), None);
    }

    #[test]
    fn the_last_name_of_a_list_follows_a_conjunction() {
        assert_eq!(enumeration(&["a", "b", "c"]), "a, b and c");
        assert_eq!(alternatives(&["a"]), "a");
    }
}
