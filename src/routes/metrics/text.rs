//! Writes the text format: a family's head, then its samples.

use std::fmt::Write;

/// What a family's numbers mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It only grows.
    Counter,
    /// It goes up and down.
    Gauge,
    /// Counts below bounds.
    Histogram,
}

/// A page of metrics being written.
#[derive(Debug, Default)]
pub(super) struct Text {
    page: String,
    /// The family whose samples come now.
    family: String,
}

/// Writing to a `String` cannot fail.
macro_rules! line {
    ($page:expr, $($part:tt)*) => {{ let _ = writeln!($page, $($part)*); }};
}

impl Text {
    /// Begins a family.
    pub(super) fn family(&mut self, name: &str, kind: Kind, help: &str) {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        name.clone_into(&mut self.family);
        line!(self.page, "# HELP {name} {help}");
        line!(self.page, "# TYPE {name} {kind}");
    }

    /// A sample of the family; `suffix` is such as `_sum`.
    pub(super) fn sample(&mut self, suffix: &str, labels: &[(&str, &str)], value: f64) {
        let written: Vec<String> =
            labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
        let labels = if written.is_empty() { String::new() } else { format!("{{{}}}", written.join(",")) };
        line!(self.page, "{}{suffix}{labels} {value}", self.family);
    }

    /// A family of one sample.
    pub(super) fn one(&mut self, name: &str, kind: Kind, help: &str, value: f64) {
        self.family(name, kind, help);
        self.sample("", &[], value);
    }

    /// A histogram of the family: counts up to each bound in seconds (`None` is everything), their sum in seconds.
    pub(super) fn histogram(
        &mut self,
        labels: &[(&str, &str)],
        cumulative: &[(Option<f64>, u64)],
        sum_s: f64,
    ) {
        for (bound, count) in cumulative {
            let bound = bound.map_or_else(|| "+Inf".to_owned(), |bound| bound.to_string());
            let labels: Vec<_> = labels.iter().copied().chain([("le", bound.as_str())]).collect();
            self.sample("_bucket", &labels, *count as f64);
        }
        self.sample("_sum", labels, sum_s);
        let count = cumulative.last().map_or(0, |(_, count)| *count);
        self.sample("_count", labels, count as f64);
    }

    /// The page.
    pub(super) fn finish(self) -> String {
        self.page
    }
}

/// A label's value as the format wants it.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_is_written_with_its_sum_and_count() {
        let mut text = Text::default();
        text.family("x_seconds", Kind::Histogram, "Time.");
        text.histogram(&[("engine", "a\"b")], &[(Some(0.05), 1), (None, 3)], 1.5);
        assert_eq!(
            text.finish(),
            "# HELP x_seconds Time.\n# TYPE x_seconds histogram\n\
             x_seconds_bucket{engine=\"a\\\"b\",le=\"0.05\"} 1\n\
             x_seconds_bucket{engine=\"a\\\"b\",le=\"+Inf\"} 3\n\
             x_seconds_sum{engine=\"a\\\"b\"} 1.5\nx_seconds_count{engine=\"a\\\"b\"} 3\n"
        );
    }
}
