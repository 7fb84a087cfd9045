//! The form that every webhook of Twilio carries.
//!
//! The signature covers all parameters, known to us or not, so a form is kept whole as pairs in the order in
//! which they came; a view on them only finds things in it.

/// Reads a body of type `application/x-www-form-urlencoded`, or a query.
///
/// Names and values come decoded (`+` as blank), in order, repeated names kept. Values are not trimmed, since
/// their blanks are signed too. Bytes that are no UTF-8 become U+FFFD.
pub fn parse_form(body: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(body).into_owned().collect()
}

/// A view of a form's pairs by name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form<'a>(pub(super) &'a [(String, String)]);

impl<'a> Form<'a> {
    /// The first value of a name, unless it is empty.
    pub(super) fn get(self, name: &str) -> Option<&'a str> {
        let first = self.0.iter().find(|(found, _)| found == name)?;
        Some(first.1.as_str()).filter(|value| !value.is_empty())
    }

    /// The same, as an owned text.
    pub(super) fn text(self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }

    /// The same, as a number; `None` also when it is not one.
    pub(super) fn number<N: std::str::FromStr>(self, name: &str) -> Option<N> {
        self.get(name)?.trim().parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_are_decoded_and_kept_in_order() {
        let pairs = parse_form("To=%2B97231234567&Name=%D7%9E%D7%95%D7%A7%D7%93+x+&D=2&D=1&E=".as_bytes());
        let expected = [("To", "+97231234567"), ("Name", "מוקד x "), ("D", "2"), ("D", "1"), ("E", "")];
        assert_eq!(pairs.len(), expected.len());
        for (pair, (name, value)) in pairs.iter().zip(expected) {
            assert_eq!((pair.0.as_str(), pair.1.as_str()), (name, value));
        }
        let form = Form(&pairs);
        assert_eq!((form.get("D"), form.get("E"), form.get("F")), (Some("2"), None, None));
        assert_eq!((form.number::<u8>("D"), form.number::<u8>("To")), (Some(2), None));
    }

    #[test]
    fn an_empty_body_is_an_empty_form() {
        assert!(parse_form(b"").is_empty());
    }
}
