//! The few shapes of the picture, as SVG elements.

use std::fmt::Write as _;

/// Which point of a text its position means.
#[derive(Debug, Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

type Point = (f64, f64);

/// Elements in drawing order.
#[derive(Debug)]
pub(super) struct Scene {
    width: f64,
    height: f64,
    body: String,
}

impl Scene {
    pub(super) fn new(width: f64, height: f64) -> Self {
        Self { width, height, body: String::new() }
    }

    pub(super) fn finish(self, title: &str) -> String {
        let Self { width, height, body } = self;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" \
             width=\"{width:.0}\" height=\"{height:.0}\" \
             font-family=\"system-ui, 'Segoe UI', 'Noto Sans', 'DejaVu Sans', sans-serif\" \
             role=\"img\">\n<title>{}</title>\n{body}</svg>\n",
            escape(title)
        )
    }

    pub(super) fn line(&mut self, from: Point, to: Point, colour: &str, opacity: f64) {
        self.stroke(from, to, &format!("stroke=\"{colour}\" stroke-opacity=\"{opacity}\""));
    }

    pub(super) fn dashed(&mut self, from: Point, to: Point, colour: &str) {
        let style = format!("stroke=\"{colour}\" stroke-opacity=\"0.7\" stroke-dasharray=\"2 3\"");
        self.stroke(from, to, &style);
    }

    /// A heavy vertical line from a point down to `bottom`.
    pub(super) fn bar(&mut self, from: Point, bottom: f64, colour: &str) {
        self.stroke(from, (from.0, bottom), &format!("stroke=\"{colour}\" stroke-width=\"2\""));
    }

    /// A horizontal arrow to `to`. A way shorter than its head is the head alone.
    pub(super) fn arrow(&mut self, from: Point, to: f64, colour: &str) {
        let y = from.1;
        let neck = (to - 7.0).max(from.0);
        if neck > from.0 {
            self.stroke(from, (neck, y), &format!("stroke=\"{colour}\" stroke-width=\"1.5\""));
        }
        let (top, bottom) = (y - 4.0, y + 4.0);
        let head = format!("M{to:.1} {y:.1}L{:.1} {top:.1}L{:.1} {bottom:.1}Z", to - 8.0, to - 8.0);
        self.path(&head, colour, 1.0);
    }

    pub(super) fn path(&mut self, data: &str, colour: &str, opacity: f64) {
        self.add(format_args!("<path d=\"{data}\" fill=\"{colour}\" fill-opacity=\"{opacity}\"/>"));
    }

    pub(super) fn rect(&mut self, at: Point, width: f64, height: f64, colour: &str, opacity: f64) {
        let (x, y) = at;
        self.add(format_args!(
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"2\" \
             fill=\"{colour}\" fill-opacity=\"{opacity}\"/>"
        ));
    }

    /// A small diamond around a point, filled or hollow.
    pub(super) fn diamond(&mut self, at: Point, colour: &str, is_filled: bool) {
        let ((x, y), size) = (at, 4.0);
        let fill = if is_filled { colour } else { "none" };
        self.add(format_args!(
            "<path d=\"M{:.1} {y:.1}L{x:.1} {:.1}L{:.1} {y:.1}L{x:.1} {:.1}Z\" fill=\"{fill}\" \
             stroke=\"{colour}\" stroke-width=\"1.2\"/>",
            x - size,
            y - size,
            x + size,
            y + size
        ));
    }

    /// A warning triangle standing on a point.
    pub(super) fn triangle(&mut self, at: Point, colour: &str) {
        let (x, y) = at;
        let data = format!("M{x:.1} {:.1}L{:.1} {y:.1}L{:.1} {y:.1}Z", y - 9.0, x - 5.0, x + 5.0);
        self.path(&data, colour, 1.0);
    }

    /// A key of a telephone, its left edge at the point.
    pub(super) fn key(&mut self, at: Point, colour: &str, key: char) {
        let (x, y) = at;
        self.add(format_args!(
            "<rect x=\"{x:.1}\" y=\"{:.1}\" width=\"15\" height=\"18\" rx=\"4\" fill=\"none\" \
             stroke=\"{colour}\" stroke-width=\"1.3\"/>",
            y - 9.0
        ));
        self.text((x + 7.5, y + 4.0), Anchor::Middle, 11.0, colour, &key.to_string());
    }

    pub(super) fn text(&mut self, at: Point, anchor: Anchor, size: f64, colour: &str, text: &str) {
        let (x, y) = at;
        // In a text that runs to the left, the start is its right edge.
        let (direction, anchor) = match (runs_left(text), anchor) {
            (false, Anchor::Start) => ("", "start"),
            (false, Anchor::End) => ("", "end"),
            (true, Anchor::Start) => (" direction=\"rtl\"", "end"),
            (true, Anchor::End) => (" direction=\"rtl\"", "start"),
            (false, Anchor::Middle) => ("", "middle"),
            (true, Anchor::Middle) => (" direction=\"rtl\"", "middle"),
        };
        let text = escape(text);
        self.add(format_args!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" font-size=\"{size}\"{direction} \
             fill=\"{colour}\">{text}</text>"
        ));
    }

    fn stroke(&mut self, from: Point, to: Point, style: &str) {
        let ((x1, y1), (x2, y2)) = (from, to);
        self.add(format_args!("<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" {style}/>"));
    }

    fn add(&mut self, element: std::fmt::Arguments<'_>) {
        // Writing into a string cannot fail.
        let _ = writeln!(self.body, "{element}");
    }
}

/// Whether a text begins in a script written from right to left: Hebrew, Arabic and their neighbours.
fn runs_left(text: &str) -> bool {
    let first = text.chars().find(|letter| letter.is_alphabetic());
    first.is_some_and(|letter| matches!(letter, '\u{0590}'..='\u{08FF}' | '\u{FB1D}'..='\u{FDFF}'))
}

/// Makes any text safe between two tags: what a caller says may hold `<`, and a file's name control
/// characters, which XML has no way to write.
pub(super) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            letter if letter.is_control() => safe.push('\u{FFFD}'),
            letter => safe.push(letter),
        }
    }
    safe
}
