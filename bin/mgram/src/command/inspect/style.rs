//! Colours and columns: those of a terminal, or plain.

use std::io::IsTerminal;

use crate::report::plain;

/// How output looks.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Whether somebody reads it on a terminal.
    pub is_terminal: bool,
    /// Whether colours are used.
    pub is_coloured: bool,
    /// Columns.
    pub width: usize,
    /// Lines of a screen.
    pub height: usize,
}

/// What a text is, which decides its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    Bad,
    Dim,
    Good,
    Mark,
    Plain,
    Quote,
    Tag,
    Title,
}

impl Ink {
    fn code(self) -> &'static str {
        match self {
            Self::Bad => "31",
            Self::Dim => "2",
            Self::Good => "32",
            Self::Mark => "36",
            Self::Plain => "0",
            Self::Quote => "33",
            Self::Tag => "34",
            Self::Title => "1",
        }
    }
}

impl Style {
    /// That of standard output. `NO_COLOR` and a dumb terminal are respected.
    pub fn of_stdout() -> Self {
        let is_terminal = std::io::stdout().is_terminal();
        let size = terminal_size::terminal_size().filter(|_| is_terminal);
        let (width, height) = size.map_or((100, 40), |(width, height)| (width.0, height.0));
        let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        Self {
            is_terminal,
            is_coloured: is_terminal && !is_dumb && !is_set("NO_COLOR"),
            width: usize::from(width).clamp(40, 240),
            height: usize::from(height).max(4),
        }
    }

    /// A text in its colour. It must be harmless already.
    pub fn ink(self, ink: Ink, text: &str) -> String {
        if !self.is_coloured || ink == Ink::Plain || text.is_empty() {
            return text.to_owned();
        }
        format!("\x1b[{}m{text}\x1b[0m", ink.code())
    }
}

/// A text from outside, harmless, in at most so many columns. What is cut ends in an ellipsis, and a
/// text in quotes says how long it is.
pub fn fit(text: &str, width: usize) -> String {
    // Escapes make a text longer, never shorter: more than this cannot be shown.
    let begun: String = text.chars().take(width + 1).collect();
    let shown = plain(&begun);
    if shown.chars().count() <= width {
        return shown;
    }
    let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let length = inner.map(|inner| format!("\u{2026}\" ({} characters)", inner.chars().count()));
    let tail = length.filter(|tail| tail.chars().count() + 4 <= width);
    let tail = tail.unwrap_or_else(|| "\u{2026}".to_owned());
    let room = width.saturating_sub(tail.chars().count());
    shown.chars().take(room).collect::<String>() + &tail
}

#[cfg(test)]
mod tests {
    use super::fit;

    #[test]
    fn what_is_cut_says_so() {
        assert_eq!(fit("<LocURI>", 8), "<LocURI>");
        assert_eq!(fit("<LocURI>!", 8), "<LocURI\u{2026}");
        assert_eq!(
            fit("\"0123456789012345678901234567890\"", 24),
            "\"01234\u{2026}\" (31 characters)"
        );
        assert_eq!(fit("\"0123456789\"", 9), "\"0123456\u{2026}");
    }

    #[test]
    fn what_is_cut_is_harmless_too() {
        assert_eq!(fit("a\u{1b}[2Jb", 40), "a\\u{1b}[2Jb");
        assert!(!fit("\u{9b}\u{9b}\u{9b}", 2).contains('\u{9b}'));
    }
}
