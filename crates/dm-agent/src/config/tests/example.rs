//! `example.toml` shows every key that the configuration knows.

use super::{BASE, fault};

const EXAMPLE: &str = include_str!("../../../example.toml");

/// The tables, and how each begins in a file; those of one line stand among the keys of the file.
const TABLES: [(&str, &str); 15] = [
    ("", ""),
    ("", "[accounts.a]"),
    ("", "[[effect]]"),
    ("bootstrap", "[bootstrap]"),
    ("danger", "[danger]"),
    ("device_keys", "[device_keys]"),
    ("limits", "[limits]"),
    ("listen", "[[listen]]"),
    ("mqtt", "[[mqtt]]"),
    ("poll", "[[poll]]"),
    ("sip", "[[sip]]"),
    ("sms", "[[sms]]"),
    ("spool", "[[spool]]"),
    ("tree", "[tree]"),
    ("tree.policy", "[tree.policy]"),
];

/// The keys that a table takes, in the words of the refusal of another.
fn known(header: &str) -> Vec<String> {
    let said = fault(&format!("{BASE}{header}\nno_such_key = 1\n"));
    let (_, expected) = said.split_once("expected ").unwrap_or_else(|| panic!("{header}: {said}"));
    let expected = expected.split(" in `").next().unwrap_or_default();
    let keys: Vec<_> = expected.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    assert!(said.contains("no_such_key") && !keys.is_empty(), "{header}: {said}");
    keys
}

/// The paragraphs with a header of the table, and those behind them up to another header.
fn shown(table: &str) -> String {
    let mut at = "";
    let mut shown = String::new();
    for paragraph in EXAMPLE.split("\n\n") {
        let lines = paragraph.lines().map(|line| line.trim_start_matches(['#', ':', ' ']));
        let mut headers = lines.filter_map(|line| line.strip_prefix('[')?.strip_suffix(']'));
        if let Some(name) = headers.next() {
            at = name.trim_matches(['[', ']']);
        }
        if at == table {
            shown = shown + paragraph + "\n";
        }
    }
    shown
}

#[test]
fn the_example_shows_every_key() {
    let tables: Vec<_> = TABLES.iter().map(|(name, _)| *name).collect();
    for (table, header) in TABLES {
        let shown = shown(table);
        for key in known(header) {
            let is_table = tables.contains(&&*key) || tables.contains(&&*format!("{table}.{key}"));
            let is_there = is_table
                || [format!("{key} ="), format!("{key}={{"), format!("`{key}`")]
                    .iter()
                    .any(|form| shown.contains(form))
                || EXAMPLE.contains(&format!("[{table}.{key}]"));
            assert!(is_there, "{key} of the table {header:?} is not in example.toml");
        }
    }
}

#[test]
fn no_table_of_the_configuration_is_forgotten() {
    let tables: Vec<_> = TABLES.iter().map(|(_, header)| header.trim_matches(['[', ']'])).collect();
    for key in known("") {
        let is_value = EXAMPLE
            .lines()
            .any(|line| line.trim_start_matches(['#', ' ']).starts_with(&format!("{key} = ")));
        let is_table = tables.iter().any(|table| table.split('.').next() == Some(&key));
        assert!(is_value || is_table, "{key}");
    }
}
