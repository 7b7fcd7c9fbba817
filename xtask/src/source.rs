//! Rust text as tokens, without comments, without what stands in quotes, without tests.
//!
//! No parser: as much of the lexical grammar as is needed to know what is code. A tool that
//! looks for names in code must not find them in prose, nor in a `#[cfg(test)]` module.

/// One word or sign of the code, and the line it stands on (from 1).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Token<'t> {
    /// An identifier, a number, `::`, or one other character.
    pub text: &'t str,
    /// Its line.
    pub line: usize,
}

/// The tokens of `text`: comments, strings, characters and lifetimes are left out.
pub fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut reader = Reader { text, at: 0, line: 1 };
    let mut found = Vec::new();
    while let Some(token) = reader.next_token() {
        if !token.text.is_empty() {
            found.push(token);
        }
    }
    found
}

/// The tokens without the items under `#[cfg(test)]` and the like. With them, the names of the
/// modules that are declared under it and stand in a file of their own.
pub fn without_tests<'t>(tokens: &[Token<'t>]) -> (Vec<Token<'t>>, Vec<String>) {
    let mut kept = Vec::new();
    let mut test_modules = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let rest = &tokens[at..];
        if starts_with(rest, &["#", "!", "[", "cfg", "(", "test", ")"]) {
            return (Vec::new(), test_modules);
        }
        if TEST_ATTRIBUTES.iter().any(|attribute| starts_with(rest, attribute)) {
            let item = &rest[..item_length(rest)];
            if let [.., word, name, end] = item
                && word.text == "mod"
                && end.text == ";"
            {
                test_modules.push(name.text.to_owned());
            }
            at += item.len();
        } else {
            kept.push(tokens[at]);
            at += 1;
        }
    }
    (kept, test_modules)
}

/// Whether the first tokens are these.
pub fn starts_with(tokens: &[Token<'_>], words: &[&str]) -> bool {
    tokens.len() >= words.len() && tokens.iter().zip(words).all(|(token, word)| token.text == *word)
}

/// How many tokens the item takes that begins with an attribute: to its `;` or its last brace.
fn item_length(tokens: &[Token<'_>]) -> usize {
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate() {
        match token.text {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" => depth = depth.saturating_sub(1),
            "}" => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return index + 1;
                }
            }
            ";" if depth == 0 => return index + 1,
            _ => {}
        }
    }
    tokens.len()
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    line: usize,
}

impl<'t> Reader<'t> {
    /// The next token; an empty one for something that was left out.
    fn next_token(&mut self) -> Option<Token<'t>> {
        let rest = &self.text[self.at..];
        let first = rest.chars().next()?;
        let line = self.line;
        let (length, visible) = if first.is_whitespace() {
            (first.len_utf8(), false)
        } else if rest.starts_with("//") {
            (rest.find('\n').unwrap_or(rest.len()), false)
        } else if rest.starts_with("/*") {
            (block_comment(rest), false)
        } else if let Some(length) = quoted(rest) {
            (length, false)
        } else if first == '\'' {
            (1 + word(&rest[1..]), false)
        } else if word(rest) > 0 {
            (word(rest), true)
        } else if rest.starts_with("::") {
            (2, true)
        } else {
            (first.len_utf8(), true)
        };
        let text = &rest[..length];
        self.at += length;
        self.line += text.matches('\n').count();
        Some(Token { text: if visible { text } else { "" }, line })
    }
}

/// The length of the string or character at the start, if there is one.
fn quoted(rest: &str) -> Option<usize> {
    let prefix = word(rest);
    let body = &rest[prefix..];
    let hashes = body.len() - body.trim_start_matches('#').len();
    match &rest[..prefix] {
        "r" | "br" | "cr" if body[hashes..].starts_with('"') => {
            let end = format!("\"{}", "#".repeat(hashes));
            let inside = prefix + hashes + 1;
            Some(rest[inside..].find(&end).map_or(rest.len(), |found| inside + found + end.len()))
        }
        "" | "b" | "c" if body.starts_with('"') => Some(prefix + escaped(body, '"')),
        "" | "b" if body.starts_with('\'') => {
            let mut inside = body.chars().skip(1);
            let (one, two) = (inside.next()?, inside.next());
            (one == '\\' || two == Some('\'')).then(|| prefix + escaped(body, '\''))
        }
        _ => None,
    }
}

/// The length up to and with the closing quote; a backslash hides what follows it.
fn escaped(body: &str, quote: char) -> usize {
    let mut characters = body.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        if character == '\\' {
            characters.next();
        } else if character == quote {
            return at + 1;
        }
    }
    body.len()
}

fn block_comment(rest: &str) -> usize {
    let (mut at, mut depth) = (2, 1);
    while depth > 0 {
        let Some(next) = rest[at..].find(['/', '*']) else { return rest.len() };
        at += next;
        let (step, change) = match &rest.as_bytes()[at..] {
            [b'/', b'*', ..] => (2, 1),
            [b'*', b'/', ..] => (2, -1),
            _ => (1, 0),
        };
        at += step;
        depth += change;
    }
    at
}

fn word(rest: &str) -> usize {
    rest.find(|character: char| !character.is_alphanumeric() && character != '_')
        .unwrap_or(rest.len())
}

const TEST_ATTRIBUTES: &[&[&str]] = &[
    &["#", "[", "cfg", "(", "test", ")", "]"],
    &["#", "[", "cfg", "(", "all", "(", "test", ","],
    &["#", "[", "test", "]"],
];

#[cfg(test)]
mod tests;
