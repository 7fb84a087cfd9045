//! Anything at all, kept as it was said.

/// What was said, without space around it and in it only single spaces. `None` when no letter or digit is in
/// it.
pub fn free_text(said: &str) -> Option<String> {
    said.chars().any(char::is_alphanumeric).then(|| said.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anything_with_a_word_in_it_is_kept_as_said() {
        assert_eq!(free_text("  The roof   leaks. ").as_deref(), Some("The roof leaks."));
        assert_eq!(free_text("הגג דולף!").as_deref(), Some("הגג דולף!"));
        assert_eq!(free_text(" … ?"), None);
        assert_eq!(free_text(""), None);
    }
}
