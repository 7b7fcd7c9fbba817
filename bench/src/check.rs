//! Our harness of a peer against somebody else's: do both find the same rates?

use std::io;
use std::path::Path;

use crate::peer::Operation;
use crate::report::{Style, grouped};
use crate::targets::PeerRate;

/// Prints each rate of the peer beside the one in this table: tab-separated, with the columns
/// section, operation, message, octets, median rate.
///
/// # Errors
/// When the table cannot be read.
pub fn print(rates: &[PeerRate], table: &Path, style: Style) -> io::Result<()> {
    let table = std::fs::read_to_string(table)?;
    if style == Style::Plain {
        println!("\nlibwbxml by our harness and by another one, messages a second");
    }
    for rate in rates {
        let Some(other) = find(&table, rate.operation, &rate.message) else { continue };
        let (name, ratio) = (rate.operation.word(), rate.per_second / other);
        match style {
            Style::Json => println!(
                "{}",
                serde_json::json!({
                    "check": name, "message": rate.message, "ours": rate.per_second.round(),
                    "other": other.round(), "ratio": (ratio * 1000.0).round() / 1000.0,
                })
            ),
            Style::Plain => println!(
                "  {name:<14} {:<17} {:>12} {:>12} {ratio:>7.2}",
                rate.message,
                grouped(rate.per_second),
                grouped(other),
            ),
            Style::Markdown => {}
        }
    }
    Ok(())
}

/// The rate of this operation with this message.
fn find(table: &str, operation: Operation, message: &str) -> Option<f64> {
    let name = match operation {
        Operation::Encode => "xml2wbxml(no-strtbl)",
        Operation::EncodeWithTable => "xml2wbxml(strtbl)",
        Operation::Decode => "wbxml2xml(no-strtbl)",
    };
    table.lines().find_map(|line| {
        let columns: Vec<&str> = line.split('\t').collect();
        let [_, what, of, _, rate, ..] = columns[..] else { return None };
        if what == name && of == message { rate.parse().ok() } else { None }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_found_by_operation_and_message() {
        let table = "# head\nlibwbxml\txml2wbxml(strtbl)\tsmall\t595\t8.5\t8.1\n\
                     libwbxml\txml2wbxml(no-strtbl)\tsmall\t595\t9.5\t9.1\n";
        assert_eq!(find(table, Operation::Encode, "small"), Some(9.5));
        assert_eq!(find(table, Operation::EncodeWithTable, "small"), Some(8.5));
        assert_eq!(find(table, Operation::Decode, "small"), None);
        assert_eq!(find(table, Operation::Encode, "large"), None);
    }
}
