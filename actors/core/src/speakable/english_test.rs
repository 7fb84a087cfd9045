//! English as it is written, and as a voice says it.

use super::table_test::check_all;
use crate::language::Language;

fn check(table: &[(&str, &str)]) {
    check_all(Language::English, table);
}

#[test]
fn numbers() {
    check(&[
        ("We have 3 rooms.", "We have three rooms."),
        ("0 left", "zero left"),
        ("13 people", "thirteen people"),
        ("21 flats", "twenty one flats"),
        ("100 meters", "one hundred meters"),
        ("115 units", "one hundred fifteen units"),
        ("1,250 homes", "one thousand two hundred fifty homes"),
        ("1,250,000 people", "one million two hundred fifty thousand people"),
        ("2500000 people", "two million five hundred thousand people"),
        ("3.5 rooms", "three point five rooms"),
        ("0.25 acres", "zero point two five acres"),
        ("2.05", "two point zero five"),
        ("-5 outside", "minus five outside"),
        ("−5 outside", "minus five outside"),
        ("+5 points", "plus five points"),
        ("50+ offers", "fifty plus offers"),
        ("~200 offers", "about two hundred offers"),
        ("2½ baths", "two and a half baths"),
        ("½ price", "half price"),
        ("1/2 an hour", "half an hour"),
        ("3/4 done", "three quarters done"),
        ("2/3 of it", "two thirds of it"),
        ("3-5 rooms", "three to five rooms"),
        ("10–15 minutes", "ten to fifteen minutes"),
        ("2.5 million", "two point five million"),
        ("3 million people", "three million people"),
        ("10K followers", "ten thousand followers"),
        ("#5", "number five"),
        ("No. 5 is free.", "number five is free."),
        ("A 2-bedroom flat", "A two bedroom flat"),
        ("a 24-hour line", "a twenty four hour line"),
        ("apartment 4B", "apartment four B"),
        ("2x faster", "two times faster"),
        ("COVID-19", "COVID nineteen"),
        ("gate B12", "gate B twelve"),
        ("5G and A4", "five G and A four"),
        ("open 24/7", "open twenty four seven"),
        ("5 + 3 = 8", "five plus three equals eight"),
        ("Is it 7?", "Is it seven?"),
        ("1. First", "one. First"),
    ]);
}

#[test]
fn places_in_a_row_and_years() {
    check(&[
        ("the 1st floor", "the first floor"),
        ("the 2nd", "the second"),
        ("the 3rd time", "the third time"),
        ("the 11th hour", "the eleventh hour"),
        ("on the 20th floor", "on the twentieth floor"),
        ("the 21st century", "the twenty first century"),
        ("his 100th call", "his one hundredth call"),
        ("in 2026", "in twenty twenty six"),
        ("since 1999.", "since nineteen ninety nine."),
        ("by 2030,", "by twenty thirty,"),
        ("in 2005", "in two thousand five"),
        ("in 1905", "in nineteen oh five"),
        ("the 1990s", "the nineteen nineties"),
        ("November 2026", "November twenty twenty six"),
        ("in 3 days", "in three days"),
        ("1500 people", "one thousand five hundred people"),
    ]);
}

#[test]
fn digits_that_count_nothing() {
    check(&[
        ("Call 054-123-4567.", "Call zero five four, one two three, four five six seven."),
        ("Call 0541234567 now", "Call zero five four, one two three, four five six seven now"),
        ("03-1234567", "zero three, one two three, four five six seven"),
        ("02 123 4567", "zero two, one two three, four five six seven"),
        ("(415) 555-0123", "four one five, five five five, zero one two three"),
        ("415-555-0123", "four one five, five five five, zero one two three"),
        ("415.555.0123", "four one five, five five five, zero one two three"),
        ("555-1234", "five five five, one two three four"),
        ("+1 415-555-0123", "plus one, four one five, five five five, zero one two three"),
        ("+14155550123", "plus one, four one five, five five five, zero one two three"),
        ("+972-54-123-4567", "plus nine seven two, five four, one two three, four five six seven"),
        ("+972541234567", "plus nine seven two, five four, one two three, four five six seven"),
        ("+44 20 7946 0958", "plus four four, two zero, seven nine four six, zero nine five eight"),
        ("1-800-123-456", "one, eight zero zero, one two three, four five six"),
        ("1-800-555-0199", "one, eight zero zero, five five five, zero one nine nine"),
        ("Dial *2407.", "Dial star two four zero seven."),
        ("ID 123456789", "ID one two three, four five six, seven eight nine"),
        ("your code is 4821", "your code is four eight two one"),
        ("PIN 007", "PIN zero zero seven"),
        ("order number 58213", "order number five eight two one three"),
        (
            "4580 1234 5678 9012",
            "four five eight zero, one two three four, five six seven eight, nine zero one two",
        ),
        (
            "4580-1234-5678-9012.",
            "four five eight zero, one two three four, five six seven eight, nine zero one two.",
        ),
        ("card ending in 4421", "card ending in four four two one"),
        ("zip 90210", "zip nine zero two one zero"),
        ("ext. 12", "extension twelve"),
        ("ext. 1204", "extension one two zero four"),
    ]);
}

#[test]
fn days() {
    check(&[
        ("on 2026-11-20", "on November twentieth, twenty twenty six"),
        ("on 20.11.2026", "on November twentieth, twenty twenty six"),
        ("on 11/20/2026", "on November twentieth, twenty twenty six"),
        ("on 20/11/2026", "on November twentieth, twenty twenty six"),
        ("on 20/11", "on November twentieth"),
        ("on 11/20", "on November twentieth"),
        ("on 3/4", "on March fourth"),
        ("by 1/2", "by January second"),
        ("5/5/26", "May fifth, twenty twenty six"),
        ("Nov 20", "November twentieth"),
        ("Nov. 20", "November twentieth"),
        ("November 20", "November twentieth"),
        ("November 20th", "November twentieth"),
        ("November 20, 2026", "November twentieth, twenty twenty six"),
        ("May 5, 2026.", "May fifth, twenty twenty six."),
        ("20 November 2026", "the twentieth of November twenty twenty six"),
        ("the 20th of November", "the twentieth of November"),
        ("20 Nov", "the twentieth of November"),
        ("Sept. 3", "September third"),
        ("Tue, Nov 24 at 4:30 PM", "Tuesday, November twenty fourth at half past four in the afternoon"),
        ("Mon-Fri 9am–6pm", "Monday to Friday nine o'clock to six o'clock in the evening"),
        ("Sat. 10-2.", "Saturday ten to two."),
        ("Mon. at noon", "Monday at noon"),
        ("from 1/5 to 3/5", "from January fifth to March fifth"),
        ("32/13/2026", "thirty two slash thirteen slash two thousand twenty six"),
    ]);
}

#[test]
fn times() {
    check(&[
        ("at 14:30", "at half past two in the afternoon"),
        ("at 9:00", "at nine o'clock"),
        ("at 2pm", "at two o'clock in the afternoon"),
        ("at 2 pm", "at two o'clock in the afternoon"),
        ("at 2 p.m. today", "at two o'clock in the afternoon today"),
        ("at 2:30 PM", "at half past two in the afternoon"),
        ("at 10am", "at ten o'clock"),
        ("at 10:15 a.m.", "at quarter past ten."),
        ("9:00-17:00", "nine o'clock to five o'clock in the afternoon"),
        ("9am-5pm", "nine o'clock to five o'clock in the afternoon"),
        ("9-5 pm", "nine o'clock to five o'clock in the afternoon"),
        ("at 8:30 in the evening", "at half past eight in the evening"),
        ("at 20:30 in the evening", "at half past eight in the evening"),
        ("12:00", "noon"),
        ("12am", "midnight"),
        ("12 pm", "noon"),
        ("7:05", "seven oh five in the morning"),
        ("a ratio of 16:9", "a ratio of sixteen nine"),
    ]);
}

#[test]
fn money_percentages_and_measures() {
    check(&[
        ("$5", "five dollars"),
        ("$1", "one dollar"),
        ("$3.50", "three dollars and fifty cents"),
        ("$0.99", "ninety nine cents"),
        ("$2.01", "two dollars and one cent"),
        ("$5.00", "five dollars"),
        ("$1,250,000", "one million two hundred fifty thousand dollars"),
        ("$2.5 million", "two point five million dollars"),
        ("$2.5M", "two point five million dollars"),
        ("$400K", "four hundred thousand dollars"),
        ("$5-10", "five to ten dollars"),
        ("$1.5K-$2K", "one point five to two thousand dollars"),
        ("$2,450/mo", "two thousand four hundred fifty dollars per month"),
        ("1,200 sq. ft. of it", "one thousand two hundred square feet of it"),
        ("$5-$10", "five to ten dollars"),
        ("₪500", "five hundred shekels"),
        ("500₪", "five hundred shekels"),
        ("500 ₪", "five hundred shekels"),
        ("500 NIS", "five hundred shekels"),
        ("₪3.50", "three shekels and fifty agorot"),
        ("€20", "twenty euros"),
        ("£1", "one pound"),
        ("£2.50", "two pounds and fifty pence"),
        ("-$5", "minus five dollars"),
        ("15%", "fifteen percent"),
        ("15 %", "fifteen percent"),
        ("3.5%", "three point five percent"),
        ("1%", "one percent"),
        ("10-15%", "ten to fifteen percent"),
        ("5 km away", "five kilometers away"),
        ("5km", "five kilometers"),
        ("1 km", "one kilometer"),
        ("80 m²", "eighty square meters"),
        ("80 sqm", "eighty square meters"),
        ("70 kg", "seventy kilograms"),
        ("90 km/h", "ninety kilometers per hour"),
        ("25°C", "twenty five degrees"),
        ("-3°", "minus three degrees"),
        ("20 min. walk", "twenty minutes walk"),
        ("8 GB", "eight gigabytes"),
        ("6 ft", "six feet"),
    ]);
}

#[test]
fn abbreviations() {
    check(&[
        ("Dr. Cohen", "Doctor Cohen"),
        ("Dr Cohen", "Doctor Cohen"),
        ("Mr. and Mrs. Levi", "Mister and Missus Levi"),
        ("Ms. Katz", "Miz Katz"),
        ("St. Mary", "Saint Mary"),
        ("5 Main St. is free", "five Main Street is free"),
        ("on Main St.", "on Main Street."),
        ("fruit, e.g. apples", "fruit, for example apples"),
        ("i.e. now", "that is now"),
        ("pens, etc.", "pens, et cetera."),
        ("cats vs. dogs", "cats versus dogs"),
        ("approx. 5", "approximately five"),
        ("Smith Inc. is here", "Smith Incorporated is here"),
        ("Apt. 4", "apartment four"),
        ("the U.S. market", "the U S market"),
        ("in the U.S.A.", "in the U S A."),
        ("w/ parking", "with parking"),
        ("parking and/or storage", "parking and or storage"),
        ("cats & dogs", "cats and dogs"),
        ("No. I said two.", "No. I said two."),
        ("in Tel Aviv", "in Tel Aviv"),
        ("Tel. 03-1234567", "telephone zero three, one two three, four five six seven"),
        ("500-1000 people", "five hundred to one thousand people"),
        ("the sun rose", "the sun rose"),
        ("in the sun.", "in the sun."),
        ("I ate a fig.", "I ate a fig."),
        ("Acme Co. is here", "Acme Company is here"),
        ("we sat", "we sat"),
        ("Call me ASAP", "Call me as soon as possible"),
    ]);
}

#[test]
fn marks_for_the_eye() {
    check(&[
        ("**Great** price!", "Great price!"),
        ("*really* good", "really good"),
        ("__so__ good", "so good"),
        ("~~old~~ new", "old new"),
        ("## Our rooms", "Our rooms"),
        ("- first item", "first item"),
        ("* first item", "first item"),
        ("• first item", "first item"),
        ("> quoted", "quoted"),
        ("- [x] done", "x done"),
        ("Use `rent_price` here", "Use rent price here"),
        ("```rust let x = 1; ``` Done.", "Done."),
        ("``` never closed 5", "never closed five"),
        ("| a | b |", "a, b"),
        ("|---|---|", ""),
        ("---", ""),
        ("Hi 😊 there!", "Hi there!"),
        ("😊", ""),
        ("Thanks! 🙏🏽", "Thanks!"),
        ("Great :)", "Great"),
        ("👨‍👩‍👧 family", "family"),
        ("\u{200f}Hello\u{200e}", "Hello"),
        ("“Hello” she said", "Hello she said"),
        ("It’s fine", "It's fine"),
        ("'yes' she said", "yes she said"),
        ("the flat (third floor) is free", "the flat, third floor, is free"),
        ("the flat – a big one – is free", "the flat, a big one, is free"),
        ("the flat — a big one", "the flat, a big one"),
        ("the flat—a big one", "the flat, a big one"),
        ("Well… maybe", "Well... maybe"),
        ("one<br>two", "onetwo"),
        ("a fact[1].", "a fact."),
        ("![a house](https://x.com/h.png)", "a house"),
        ("See [our site](https://moked.example/a?b=1).", "See our site."),
        ("It said ```", "It said"),
    ]);
}

#[test]
fn addresses() {
    check(&[
        ("info@moked.co.il", "info at moked dot co dot I L"),
        ("Write to info@moked.com.", "Write to info at moked dot com."),
        ("maya_2@moked.com", "maya underscore two at moked dot com"),
        ("https://www.moked.com/", "moked dot com"),
        ("www.moked.co.il", "moked dot co dot I L"),
        ("moked.com/rent-now?x=1", "moked dot com slash rent dash now"),
        ("http://localhost.dev:8080/a", "localhost dot dev colon eight zero eight zero slash a"),
        ("end.Next", "end Next"),
    ]);
}
