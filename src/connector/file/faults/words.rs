//! The nearest word to a misspelt one.

/// The word that is probably meant: no more than a quarter of its letters differ.
pub(super) fn nearest<'a>(typed: &str, words: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let distance = |word: &str| strsim::osa_distance(&typed.to_lowercase(), &word.to_lowercase());
    let near = |word: &&str| distance(word) <= (word.chars().count() / 4).max(1);
    words.into_iter().filter(near).min_by_key(|word| distance(word))
}

/// What to write instead of a word that is not there.
pub fn instead<'a>(typed: &str, words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<&str> = words.into_iter().collect();
    match nearest(typed, words.iter().copied()) {
        Some(meant) => format!("did you mean \"{meant}\"?"),
        None if words.is_empty() => "leave it out".to_owned(),
        None => format!("choose from {}", words.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_found_and_no_other() {
        let words = ["method", "path", "url", "query", "headers", "body", "contentType"];
        for (typed, meant) in [
            ("metod", Some("method")),
            ("Body", Some("body")),
            ("content-type", Some("contentType")),
            ("uri", Some("url")),
            ("payload", None),
        ] {
            assert_eq!(nearest(typed, words), meant, "{typed}");
        }
        assert_eq!(instead("payload", ["a", "b"]), "choose from a, b");
        assert_eq!(instead("payload", []), "leave it out");
    }
}
