//! How a voice wants its text spelled.

/// What becomes of Hebrew vowel points.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Niqqud {
    /// The voice reads them: סֵפֶר and סַפָּר are two words.
    #[default]
    Keep,
    /// The voice stumbles over them; it gets the bare letters.
    Strip,
}

/// The spelling of one voice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct VoiceSpelling {
    /// Hebrew vowel points.
    pub niqqud: Niqqud,
}

/// Vowel points and cantillation marks, U+0591 to U+05C7, without the punctuation among them.
pub(super) fn is_point(c: char) -> bool {
    matches!(c, '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}' | '\u{5c2}' | '\u{5c4}' | '\u{5c5}' | '\u{5c7}')
}

/// A Hebrew letter, without points and punctuation.
pub(super) fn is_hebrew(c: char) -> bool {
    matches!(c, 'א'..='ת')
}
