//! `example.toml` shows every key that the configuration knows.

use super::{BASE, fault};

const EXAMPLE: &str = include_str!("../../../example.toml");

/// The tables, and how each begins in a file; those of one line stand among the keys of the file.
const TABLES: [(&str, &str); 12] = [
    ("", ""),
    ("", "[accounts.a]"),
    ("", "[[effect]]"),
    ("bootstrap", "[bootstrap]"),
    ("danger", "[danger]"),
    ("device_keys", "[device_keys]"),
    ("limits", "[limits]"),
    ("listen", "[[listen]]"),
    ("sms", "[[sms]]"),
    ("spool", "[[spool]]"),
    ("tree", "[tree]"),
    ("tree.policy", "[tree.policy]"),
];

/// Tables that share keys: no refusal lists what they take, so the code is asked.
const SHARING: [(&str, &str); 4] = [
    ("mqtt", include_str!("../mqtt.rs")),
    ("poll", include_str!("../poll.rs")),
    ("report", include_str!("../report.rs")),
    ("sip", include_str!("../sip.rs")),
];

/// The fields of the table of the file in a source.
fn fields(source: &str) -> Vec<&str> {
    let table = source.split_once("Table {").map_or("", |(_, rest)| rest);
    let (table, _) = table.split_once("\n}").unwrap_or_default();
    let lines = table.lines().filter_map(|line| line.trim().split_once(": "));
    lines.map(|(name, _)| name).filter(|name| *name != "server").collect()
}

/// Whether a text shows a key.
fn shows(text: &str, key: &str) -> bool {
    let forms = [format!("{key} ="), format!("{key}={{"), format!("`{key}`")];
    forms.iter().any(|form| text.contains(form))
}

/// The keys that a table takes, in the words of the refusal of another.
fn known(header: &str) -> Vec<String> {
    let said = fault(&format!("{BASE}{header}\nno_such_key = 1\n"));
    let (_, expected) = said.split_once("expected ").unwrap_or_else(|| panic!("{header}: {said}"));
    let expected = expected.split(" (in `").next().unwrap_or_default();
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
    let tables: Vec<_> =
        TABLES.iter().map(|(name, _)| *name).chain(SHARING.map(|(name, _)| name)).collect();
    for (table, header) in TABLES {
        let shown = shown(table);
        for key in known(header) {
            let is_table = tables.contains(&&*key) || tables.contains(&&*format!("{table}.{key}"));
            let is_there =
                is_table || shows(&shown, &key) || EXAMPLE.contains(&format!("[{table}.{key}]"));
            assert!(is_there, "{key} of the table {header:?} is not in example.toml");
        }
    }
    for (table, source) in SHARING {
        let (fields, shown) = (fields(source), shown(table));
        assert!(!fields.is_empty(), "{table}");
        for key in fields {
            assert!(shows(&shown, key), "{key} of {table} is not in example.toml");
        }
    }
    let shared = fields(include_str!("../server.rs"));
    assert!(shared.contains(&"bearer_file"), "{shared:?}");
    shared.iter().for_each(|key| assert!(shows(EXAMPLE, key), "{key} is not in example.toml"));
}

#[test]
fn no_table_of_the_configuration_is_forgotten() {
    let headers = TABLES.iter().map(|(_, header)| header.trim_matches(['[', ']']));
    let tables: Vec<_> = headers.chain(SHARING.map(|(name, _)| name)).collect();
    for key in known("") {
        let is_value = EXAMPLE
            .lines()
            .any(|line| line.trim_start_matches(['#', ' ']).starts_with(&format!("{key} = ")));
        let is_table = tables.iter().any(|table| table.split('.').next() == Some(&key));
        assert!(is_value || is_table, "{key}");
    }
}
