//! Ends of lines, normalised before anything is parsed. [XML 1.0 §2.11]

/// The text with one line feed for each end of a line. Readers that do this on the way get it
/// wrong: roxmltree 0.21 keeps a carriage return that stands before a reference.
#[must_use]
pub fn normalized(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

#[cfg(test)]
mod tests {
    #[test]
    fn each_end_of_a_line_is_one_line_feed() {
        assert_eq!(super::normalized("a\r\nb\rc\nd\r\r\n&#13;"), "a\nb\nc\nd\n\n&#13;");
    }
}
