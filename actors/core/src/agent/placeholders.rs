//! Texts with `{slot id}` in them, taken apart in one place for the check and for the speaker.

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// Said as written.
    Text(&'a str),
    /// The name between two braces.
    Slot(&'a str),
    /// A brace without its partner, and all that follows it.
    Stray(&'a str),
}

/// The parts of a text, in order.
pub(crate) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, from_brace) = rest.split_at(at);
        if !before.is_empty() {
            found.push(Piece::Text(before));
        }
        match from_brace.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
            Some((name, after)) if !name.contains('{') => {
                found.push(Piece::Slot(name.trim()));
                rest = after;
            }
            Some(_) | None => {
                found.push(Piece::Stray(from_brace));
                return found;
            }
        }
    }
    if !rest.is_empty() {
        found.push(Piece::Text(rest));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_between_braces_are_found() {
        assert_eq!(
            pieces("Thanks, {name}: {rooms}"),
            [Piece::Text("Thanks, "), Piece::Slot("name"), Piece::Text(": "), Piece::Slot("rooms")]
        );
        assert_eq!(pieces("plain"), [Piece::Text("plain")]);
        assert_eq!(pieces(""), []);
    }

    #[test]
    fn a_brace_without_its_partner_is_stray() {
        for text in ["{name", "name}", "{na{me}", "}{"] {
            assert!(pieces(text).iter().any(|piece| matches!(piece, Piece::Stray(_))), "{text}");
        }
    }
}
