//! Rows of figures beside what was asked, as a table, as Markdown, as JSON.

use std::fmt;

use serde_json::json;

/// How rows are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Columns for a terminal.
    Plain,
    /// A table for `docs/performance.md`.
    Markdown,
    /// One object a line.
    Json,
}

/// What a figure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// As many times the other.
    Times,
    /// Messages a second of processor time.
    PerSecond,
    /// Octets.
    Octets,
    /// Calls of the allocator.
    Allocations,
}

/// What a figure should be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Asked {
    /// This or more.
    AtLeast(f64),
    /// This or less.
    AtMost(f64),
}

/// One figure.
#[derive(Clone, Debug)]
pub struct Row<'r> {
    /// What was done, and to whom it is compared.
    pub what: &'r str,
    /// With which message.
    pub message: String,
    /// What it should be; nothing was asked of some.
    pub asked: Option<Asked>,
    /// What it is.
    pub measured: f64,
    /// What both numbers count.
    pub unit: Unit,
    /// Where the figure comes from.
    pub detail: String,
}

impl Row<'_> {
    /// Whether it is what was asked, if anything was.
    pub fn holds(&self) -> Option<bool> {
        self.asked.map(|asked| match asked {
            Asked::AtLeast(least) => self.measured >= least,
            Asked::AtMost(most) => self.measured <= most,
        })
    }

    fn verdict(&self) -> &'static str {
        match self.holds() {
            Some(true) => "holds",
            Some(false) => "falls short",
            None => "-",
        }
    }

    /// As it is shown: never rounded to what was asked when it falls short of that.
    fn shown(&self) -> f64 {
        let hundredths = self.measured * 100.0;
        match self.asked {
            Some(Asked::AtLeast(_)) => hundredths.floor() / 100.0,
            Some(Asked::AtMost(_)) => hundredths.ceil() / 100.0,
            None => self.measured,
        }
    }

    fn asked(&self) -> String {
        match self.asked {
            Some(Asked::AtLeast(least)) => format!("at least {}", Quantity(least, self.unit)),
            Some(Asked::AtMost(most)) => format!("at most {}", Quantity(most, self.unit)),
            None => "-".to_owned(),
        }
    }
}

/// A number with what it counts.
struct Quantity(f64, Unit);

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let &Self(number, unit) = self;
        match unit {
            Unit::Times => write!(f, "{}x", trimmed(number)),
            Unit::PerSecond => write!(f, "{}/s", grouped(number)),
            Unit::Octets => f.write_str(&grouped(number)),
            Unit::Allocations => write!(f, "{number:.0}"),
        }
    }
}

/// Two decimals, without zeros at the end.
fn trimmed(number: f64) -> String {
    let text = format!("{number:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A whole number with its thousands apart.
pub fn grouped(number: f64) -> String {
    let digits = format!("{:.0}", number.abs());
    let mut text = String::from(if number <= -0.5 { "-" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Prints the line above all rows.
pub fn heading(style: Style) {
    match style {
        Style::Plain => println!(
            "{:<49} {:<17} {:>20} {:>12}  {:<11}  from",
            "conversion", "message", "asked", "measured", "verdict"
        ),
        Style::Markdown => {
            println!("| Conversion | Message | Asked | Measured | Verdict | From |");
            println!("| --- | --- | --- | --- | --- | --- |");
        }
        Style::Json => {}
    }
}

/// Prints one row.
pub fn row(row: &Row<'_>, style: Style) {
    let (asked, measured) = (row.asked(), Quantity(row.shown(), row.unit).to_string());
    let (what, message, verdict, detail) = (row.what, &row.message, row.verdict(), &row.detail);
    match style {
        Style::Plain => {
            println!("{what:<49} {message:<17} {asked:>20} {measured:>12}  {verdict:<11}  {detail}")
        }
        Style::Markdown => {
            println!("| {what} | {message} | {asked} | {measured} | {verdict} | {detail} |");
        }
        Style::Json => println!("{}", as_json(row)),
    }
}

fn as_json(row: &Row<'_>) -> serde_json::Value {
    let (asked, bound) = match row.asked {
        Some(Asked::AtLeast(least)) => (Some(least), Some("at least")),
        Some(Asked::AtMost(most)) => (Some(most), Some("at most")),
        None => (None, None),
    };
    let unit = match row.unit {
        Unit::Times => "times",
        Unit::PerSecond => "per second",
        Unit::Octets => "octets",
        Unit::Allocations => "allocations",
    };
    json!({
        "conversion": row.what, "message": row.message, "bound": bound, "asked": asked,
        "measured": (row.measured * 1000.0).round() / 1000.0, "unit": unit,
        "holds": row.holds(), "from": row.detail,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(asked: Asked, measured: f64) -> Row<'static> {
        let (message, detail) = (String::new(), String::new());
        Row { what: "", message, asked: Some(asked), measured, unit: Unit::Times, detail }
    }

    #[test]
    fn a_figure_that_is_just_what_was_asked_holds() {
        assert_eq!(row(Asked::AtLeast(3.0), 3.0).holds(), Some(true));
        assert_eq!(row(Asked::AtLeast(3.0), 2.99).holds(), Some(false));
        assert_eq!(row(Asked::AtMost(11.0), 11.0).holds(), Some(true));
        assert_eq!(row(Asked::AtMost(11.0), 11.01).holds(), Some(false));
        assert_eq!(row(Asked::AtLeast(8.0), 7.998).shown(), 7.99);
        assert_eq!(row(Asked::AtMost(11.0), 11.002).shown(), 11.01);
        assert_eq!(Row { asked: None, ..row(Asked::AtMost(1.0), 2.0) }.holds(), None);
    }

    #[test]
    fn numbers_are_written_as_people_read_them() {
        assert_eq!(Quantity(1_500_000.0, Unit::PerSecond).to_string(), "1,500,000/s");
        assert_eq!(Quantity(3.0, Unit::Times).to_string(), "3x");
        assert_eq!(Quantity(10.057, Unit::Times).to_string(), "10.06x");
        assert_eq!(grouped(-1234.0), "-1,234");
        assert_eq!(grouped(999.0), "999");
    }
}
