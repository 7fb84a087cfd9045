//! How words sound that the CMU dictionary does not know: a small table, then rules.

use std::sync::OnceLock;

use flite_rs::Engine;

/// Israeli names and towns that callers say often and letter-to-sound rules read wrongly. Phones are those
/// of the CMU dictionary.
const TABLE: [(&str, &str); 30] = [
    ("ashdod", "AA SH D OW D"),
    ("azoulay", "AH Z UW L AY"),
    ("beersheba", "B IH R SH EH V AH"),
    ("biton", "B IY T OW N"),
    ("dizengoff", "D IY Z EH N G AO F"),
    ("eilat", "EY L AA T"),
    ("eitan", "EY T AA N"),
    ("gilad", "G IH L AA D"),
    ("herzliya", "HH ER T S L IY AH"),
    ("lior", "L IY AO R"),
    ("mizrachi", "M IH Z R AA HH IY"),
    ("nadav", "N AA D AA V"),
    ("netanya", "N EH T AA N Y AH"),
    ("ohana", "OW HH AA N AH"),
    ("omri", "OW M R IY"),
    ("peled", "P EH L EH D"),
    ("raanana", "R AH AA N AH N AH"),
    ("rehovot", "R EH HH OW V OW T"),
    ("reuven", "R UW V EH N"),
    ("rishon", "R IY SH OW N"),
    ("rivka", "R IH V K AH"),
    ("ronit", "R OW N IY T"),
    ("shlomo", "SH L OW M OW"),
    ("tali", "T AA L IY"),
    ("tamar", "T AA M AA R"),
    ("vaknin", "V AA K N IY N"),
    ("yael", "Y AA EH L"),
    ("yoav", "Y OW AA V"),
    ("yonatan", "Y OW N AA T AA N"),
    ("zohar", "Z OW HH AA R"),
];

/// The phones of a word of the table.
pub(super) fn known(word: &str) -> Option<&'static str> {
    TABLE.iter().find(|(known, _)| *known == word).map(|(_, phones)| *phones)
}

/// The phones of any word, by the voice's letter-to-sound rules. None when they give nothing.
pub(super) fn guess(word: &str) -> Option<String> {
    static RULES: OnceLock<Option<Engine>> = OnceLock::new();
    let rules = RULES.get_or_init(|| Engine::try_new().ok()).as_ref()?;
    let spoken = rules.phones(word);
    let phones: Vec<String> = spoken
        .split_whitespace()
        .filter(|&phone| phone != "pau")
        // The voice tells the neutral vowel from the open one; the dictionary does not.
        .map(|phone| if phone == "ax" { "AH".to_owned() } else { phone.to_ascii_uppercase() })
        .collect();
    if phones.is_empty() { None } else { Some(phones.join(" ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_phone(phone: &str) -> bool {
        "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH"
            .split(' ')
            .any(|known| known == phone)
    }

    #[test]
    fn the_table_speaks_in_the_phones_of_the_dictionary() {
        for (word, phones) in TABLE {
            assert!(phones.split(' ').all(is_phone), "{word}: {phones}");
        }
    }

    #[test]
    fn an_unknown_word_is_pronounced_in_the_phones_of_the_dictionary() {
        for word in ["moked", "zikhron", "hayarkon", "blorptastic"] {
            let phones = guess(word).unwrap();
            assert!(phones.split(' ').all(is_phone), "{word}: {phones}");
        }
    }
}
