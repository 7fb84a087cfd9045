//! The picture of a call: what it must show.

use super::*;
use crate::caller::sample;

/// Where the picture's elements of a kind stand, by an attribute.
fn count(svg: &str, needle: &str) -> usize {
    svg.matches(needle).count()
}

#[test]
fn every_latency_reaction_and_word_is_in_the_picture() {
    let svg = draw(&sample::stream());
    for text in
        ["0.82 s", "0.71 s", "0.60 s", "clear 0.18 s", "greeting 0.44 s", "רגע, כמה זה עולה?", "seconds"]
    {
        assert!(svg.contains(text), "{text} is missing");
    }
    assert_eq!(count(&svg, ">2</text>"), 2, "the key 2 and second 2");
    assert_eq!(count(&svg, ">#</text>"), 1);
}

#[test]
fn the_picture_is_as_wide_as_the_call_is_long_within_bounds() {
    let mut stream = sample::stream();
    let width = |stream: &StreamReport| -> f64 {
        let svg = draw(stream);
        svg.split("width=\"").nth(1).unwrap().split('"').next().unwrap().parse().unwrap()
    };
    assert_eq!(width(&stream), 1_158.0);
    stream.duration_ms = 0;
    assert_eq!(width(&stream), 900.0);
    stream.duration_ms = 3_600_000;
    assert_eq!(width(&stream), 6_000.0);
}

#[test]
fn words_of_the_caller_cannot_break_the_picture() {
    let mut stream = sample::stream();
    stream.turns[0].what = "</text>\u{1b}\"&".to_owned();
    let svg = draw(&stream);
    assert!(svg.contains("&lt;/text&gt;\u{FFFD}&quot;&amp;"), "{svg}");
}

#[test]
fn it_needs_nothing_from_outside() {
    let svg = draw(&sample::stream());
    for outside in ["href", "@import", "url(", "<script", "<style"] {
        assert!(!svg.contains(outside), "{outside}");
    }
}
