//! The lists as they are shipped; `settings.toml` holds the same, and a test there keeps them one.
//!
//! Not in them on purpose: "no" and "לא", which contradict and so must be heard, and "hello", which is what a
//! caller says who hears nothing.

/// "I am listening", and agreement that asks for nothing.
pub(super) const BACKCHANNELS: [&str; 46] = [
    "mhm", "mm-hmm", "mm hm", "mmhmm", "mm", "mmm", "hmm", "hm", "uh-huh", "uh huh", "aha", "ah", "oh", "yeah",
    "yes", "yep", "yup", "ok", "okay", "right", "sure", "alright", "all right", "i see", "got it", "of course",
    "great", "כן", "אוקיי", "אוקי", "אהה", "אה הא", "אהא", "אההה", "מהמ", "ממ", "מממ", "בסדר", "הבנתי", "נכון",
    "ברור", "בטח", "סבבה", "יופי", "מעולה", "אחלה",
];

/// Asks for silence.
pub(super) const STOPS: [&str; 34] = [
    "stop", "wait", "hold on", "hang on", "one moment", "just a moment", "one second", "just a second", "excuse me",
    "enough", "be quiet", "shut up", "listen", "רגע", "רק רגע", "די", "מספיק", "עצור", "עצרי", "תעצור", "תעצרי",
    "תפסיק", "תפסיקי", "חכה", "חכי", "תחכה", "תחכי", "שנייה", "שניה", "רק שנייה", "סליחה", "שקט", "תקשיב", "תקשיבי",
];

/// Sounds of somebody who thinks and has not finished.
pub(super) const HESITATIONS: [&str; 21] = [
    "um", "umm", "uh", "uhh", "er", "erm", "ehm", "eh", "let me see", "let me think", "you know", "אמ", "אממ", "אמממ",
    "אה", "אהמ", "אהממ", "איך אומרים", "בוא נראה", "בואי נראה", "כאילו",
];

/// After these words more must come.
pub(super) const CONNECTIVES: [&str; 58] = [
    "and", "or", "but", "so", "because", "if", "when", "that", "which", "with", "without", "for", "from", "to", "in",
    "on", "at", "of", "the", "a", "an", "my", "is", "are", "i", "i'm", "my number is", "it's", "then", "also", "like",
    "about", "between", "ו", "או", "אבל", "אז", "כי", "אם", "כש", "ש", "של", "עם", "בלי", "את", "על", "אל", "מ", "ב",
    "ל", "גם", "רק", "בגלל", "כדי", "אני", "המספר שלי", "זה", "בערך",
];
