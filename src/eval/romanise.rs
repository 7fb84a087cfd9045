//! Hebrew for a voice that reads English letters.
//!
//! The embedded voice speaks English only, and a simulated call needs the sound of Hebrew speech, its length and
//! rhythm, not its beauty: each consonant gets its English letter and most get a vowel. Where a word must sound right,
//! the scenario says how it sounds.

/// The text with its Hebrew letters in Latin ones; everything else stays.
pub(crate) fn romanise(text: &str) -> String {
    let words = text.split(' ').map(|word| {
        let is_hebrew = word.chars().any(|letter| ('א'..='ת').contains(&letter));
        if is_hebrew { romanise_word(word) } else { word.to_owned() }
    });
    words.collect::<Vec<_>>().join(" ")
}

fn romanise_word(word: &str) -> String {
    let mut out = String::new();
    let letters: Vec<char> = word.chars().collect();
    for (place, &letter) in letters.iter().enumerate() {
        let next = letters.get(place + 1).copied();
        let is_vowel = |letter: char| matches!(letter, 'א' | 'ו' | 'י' | 'ע');
        let (sound, takes_vowel) = match letter {
            'א' | 'ע' => ("a", false),
            'ב' => ("b", true),
            'ג' => ("g", true),
            'ד' => ("d", true),
            'ה' => (if next.is_none() { "" } else { "h" }, true),
            'ו' => (if place == 0 { "ve" } else { "o" }, false),
            'ז' => ("z", true),
            'ח' => ("h", true),
            'ט' | 'ת' => ("t", true),
            'י' => (if place == 0 { "ye" } else { "i" }, false),
            'כ' | 'ך' | 'ק' => ("k", true),
            'ל' => ("l", true),
            'מ' | 'ם' => ("m", true),
            'נ' | 'ן' => ("n", true),
            'ס' => ("s", true),
            'פ' => ("p", true),
            'ף' => ("f", true),
            'צ' | 'ץ' => ("ts", true),
            'ר' => ("r", true),
            'ש' => ("sh", true),
            other if other.is_alphanumeric() || other.is_ascii_punctuation() => {
                out.push(other);
                continue;
            }
            _ => continue,
        };
        out.push_str(sound);
        let needs = takes_vowel && next.is_some_and(|next| next.is_alphabetic() && !is_vowel(next));
        if needs {
            out.push('a');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hebrew_gets_letters_and_vowels_and_the_rest_stays() {
        assert_eq!(romanise("שלום, mister דוד"), "shalom, mister dod");
        assert_eq!(romanise("כן"), "kan");
        assert_eq!(romanise("two"), "two");
    }
}
