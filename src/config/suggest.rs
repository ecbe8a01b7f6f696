//! "Did you mean": the name that comes nearest to what was written.

/// From this likeness (Jaro-Winkler, 0–1) on, a name is near: typing errors pass, other words do not.
const NEAR: f64 = 0.85;

/// The most alike of `names`, if one is near.
pub(super) fn nearest<'a>(written: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let written = written.to_lowercase();
    let likeness = |name: &str| {
        let name = name.to_lowercase();
        // Who writes the last part only (a city without its continent) means the whole.
        let last = name.rsplit('/').next().unwrap_or_default();
        strsim::jaro_winkler(&written, &name).max(strsim::jaro_winkler(&written, last))
    };
    let scored = names.into_iter().map(|name| (likeness(name), name)).filter(|(score, _)| *score >= NEAR);
    scored.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(a.1))).map(|(_, name)| name)
}

/// `a, b and c`.
pub(super) fn list<T: AsRef<str>>(names: &[T]) -> String {
    match names {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", first.join(", "), last.as_ref())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typing_error_finds_the_name() {
        assert_eq!(nearest("intervall", ["interval", "max_age"]), Some("interval"));
        assert_eq!(nearest("bogota", ["America/Bogota", "America/Lima"]), Some("America/Bogota"));
    }

    #[test]
    fn another_word_finds_nothing() {
        assert_eq!(nearest("colour", ["interval", "max_age"]), None);
    }

    #[test]
    fn a_list_reads_as_a_sentence() {
        assert_eq!(list(&["a", "b", "c"]), "a, b and c");
        assert_eq!(list(&["a"]), "a");
    }
}
