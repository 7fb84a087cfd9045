//! Patterns of text: `*` stands for anything.

/// Whether a text fits a pattern. Case and spaces around do not matter.
pub(super) fn fits(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.trim().to_lowercase(), text.trim().to_lowercase());
    let mut parts = pattern.split('*');
    let Some(mut rest) = text.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// Whether texts fit patterns one by one. A pattern `*` alone stands for any number of texts.
pub(super) fn list_fits(patterns: &[String], texts: &[String]) -> bool {
    match (patterns.split_first(), texts.split_first()) {
        (None, None) => true,
        (Some((any, rest)), _) if any == "*" => {
            (0..=texts.len()).any(|taken| list_fits(rest, texts.get(taken..).unwrap_or_default()))
        }
        (Some((pattern, patterns)), Some((text, texts))) => fits(pattern, text) && list_fits(patterns, texts),
        (None, Some(_)) | (Some(_), None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_anything_and_all_else_is_itself() {
        for (pattern, text, wanted) in [
            ("Until six.", "until six. ", true),
            ("Until*", "Until six.", true),
            ("*six*", "Until six.", true),
            ("U*t*x.", "Until six.", true),
            ("*six", "Until six.", false),
            ("", "", true),
            ("", "a", false),
            ("a*a", "a", false),
        ] {
            assert_eq!(fits(pattern, text), wanted, "{pattern} {text}");
        }
    }

    #[test]
    fn a_lone_star_is_any_number_of_remarks() {
        let list = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        assert!(list_fits(&list(&["a", "*", "d"]), &list(&["a", "b", "c", "d"])));
        assert!(list_fits(&list(&["a", "*", "d"]), &list(&["a", "d"])));
        assert!(!list_fits(&list(&["a", "d"]), &list(&["a", "b", "d"])));
    }
}
