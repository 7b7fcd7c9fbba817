//! The writing of a keyfile: groups, keys, and values with their escapes. (GKeyFile)

/// A keyfile in the making.
#[derive(Default)]
pub(super) struct Sections(String);

impl Sections {
    /// Begins a group.
    pub fn begin(&mut self, name: &str) {
        if !self.0.is_empty() {
            self.0.push('\n');
        }
        self.0.push('[');
        self.0.push_str(name);
        self.0.push_str("]\n");
    }

    /// A key with its value.
    pub fn set(&mut self, key: &str, value: &str) {
        self.0.push_str(key);
        self.0.push('=');
        self.0.push_str(&escaped(value));
        self.0.push('\n');
    }

    /// A key with a value that needs no escapes.
    pub fn set_plain(&mut self, key: &str, value: &str) {
        self.0.push_str(key);
        self.0.push('=');
        self.0.push_str(value);
        self.0.push('\n');
    }

    pub fn finish(self) -> String {
        self.0
    }
}

/// A value as it is written: a backslash doubled, spaces at its ends as `\s`. It has no control
/// characters.
fn escaped(value: &str) -> String {
    let inner = value.trim_matches(' ');
    let begin = value.len() - value.trim_start_matches(' ').len();
    let end = value.len() - begin - inner.len();
    "\\s".repeat(begin) + &inner.replace('\\', "\\\\") + &"\\s".repeat(end)
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn a_value_is_read_back_as_it_was() {
        for (value, written) in [
            ("", ""),
            ("a b", "a b"),
            (" a  ", "\\sa\\s\\s"),
            ("  ", "\\s\\s"),
            ("\\s\\", "\\\\s\\\\"),
            ("#x;=[y]", "#x;=[y]"),
        ] {
            assert_eq!(escaped(value), written, "{value:?}");
        }
    }
}
