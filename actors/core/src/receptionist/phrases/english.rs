//! English, in short sentences of plain words: the embedded voice says them clearly.

use super::Phrases;

pub(super) static PHRASES: Phrases = Phrases {
    sorry: [
        "Sorry, I did not catch that.",
        "I am sorry, I did not understand.",
        "Sorry, the line is not very clear.",
        "Forgive me, I missed that.",
    ],
    use_keys: "I cannot hear you on this line, so please use the keys of your phone.",
    cut_off: "Sorry, we were cut off for a moment.",
    still_there: ["Are you still there?", "Hello? I am still here for you."],
    thanks: ["Thank you.", "Great.", "Very good.", "Got it."],
    noted: "Thank you. I have written down {values}.",
    confirm: ["I have {value}. Is that right?", "Let me check: {value}. Is that correct?"],
    once_more: "Sorry about that. Let us try again.",
    go_on: "I have {digits} so far. Please go on.",
    never_mind: ["Never mind, let us go on.", "That is all right, we can leave that for later."],
    no_problem: "No problem.",
    take_your_time: "Of course, take your time.",
    callback: "Of course. Someone from the office will call you back.",
    goodbye: "Thank you for calling. Goodbye.",
    closing_incomplete: "Thank you. Someone from the office will call you back soon. Goodbye.",
    anything_else: "How else can I help you?",
    yes: "yes",
    no: "no",
    press_for: "Press {key} for {choice}",
    phone_hint: "Please enter the whole phone number, with the area code.",
    number_hint: "Please enter just the number. For a decimal point, press star.",
    yes_no_hint: "Press one for yes, or two for no.",
    date_hint: "Please enter the day and the month, two digits each. The fifth of December is zero five one two.",
    time_hint: "Please enter the time in four digits. Half past two in the afternoon is one four three zero.",
    speak_hint: "I need to hear this one in words. To skip it, press star.",
};
