use std::collections::BTreeSet;

use dm_wbxml::{CodePage, Vocabulary};

use super::*;

const DOCS: &str = include_str!("../../../../docs/code-pages.md");

/// The rows of the table under this heading of the docs.
fn rows(heading: &str) -> impl Iterator<Item = Vec<&'static str>> {
    let section =
        DOCS.split("\n## ").find_map(|part| part.strip_prefix(heading)?.strip_prefix('\n'));
    let lines = section.expect("the docs have the heading").lines();
    lines
        .filter(|line| line.starts_with("| "))
        .skip(2)
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
}

type Tokens = BTreeSet<(u8, u8, String)>;

/// Page, token and name of all rows that name this version.
fn in_docs(heading: &str, version: &str) -> Tokens {
    let of_version = rows(heading).filter(|row| row[3].split(' ').any(|found| found == version));
    let hex = |text: &str| u8::from_str_radix(text, 16).expect("a number");
    of_version.map(|row| (hex(row[0]), hex(row[1]), row[2].to_owned())).collect()
}

fn in_code(pages: &[CodePage]) -> Tokens {
    let tokens = |page: &CodePage| {
        let number = page.number();
        page.tokens().map(|(token, name)| (number, token, name.to_owned())).collect::<Vec<_>>()
    };
    pages.iter().flat_map(tokens).collect()
}

#[test]
fn the_tables_in_the_docs_are_those_of_the_code() {
    let of = |headings: &[&str], version| -> Tokens {
        headings.iter().flat_map(|heading| in_docs(heading, version)).collect()
    };
    for (version, syncml, met_inf, dev_inf) in [
        ("1.0", &SYNCML_OLD_1_0, &METINF_1_0, &DEVINF_1_0),
        ("1.1", &SYNCML_OLD_1_1, &METINF_1_1, &DEVINF_1_1),
        ("1.2", &SYNCML, &METINF_1_2, &DEVINF_1_2),
    ] {
        let mut message = of(&["SyncML", "MetInf"], version);
        message.extend(in_docs("DM DDF", "1.2"));
        assert_eq!(in_code(syncml.pages), message, "SyncML {version}");
        assert_eq!(in_code(met_inf.pages), in_docs("MetInf", version), "MetInf {version}");
        assert_eq!(in_code(dev_inf.pages), in_docs("DevInf", version), "DevInf {version}");
    }
}

#[test]
fn the_public_identifiers_in_the_docs_are_those_of_the_code() {
    let number = |vocabulary: &Vocabulary| match vocabulary.number {
        0 => "-".to_owned(),
        number => format!("{number:04X}"),
    };
    let in_code: BTreeSet<_> =
        ALL.iter().map(|found| (number(found), found.text.to_owned())).collect();
    let of_syncml = rows("Public identifiers").filter(|row| !row[1].contains("WAPFORUM"));
    let in_docs = of_syncml.map(|row| (row[0].to_owned(), row[1].to_owned())).collect();
    assert_eq!(in_code, in_docs);
}

#[test]
fn the_root_of_each_document_has_a_token_in_its_namespace() {
    for row in rows("Public identifiers").filter(|row| !row[1].contains("WAPFORUM")) {
        let vocabulary = ALL.iter().find(|found| found.text == row[1]).expect("is in the code");
        assert!(vocabulary.token(row[3], row[2]).is_some(), "{row:?}");
    }
}

/// Tokens at the ends and around gaps, taken from the published tables.
#[test]
fn tokens_are_those_of_the_published_tables() {
    for (namespace, local, expected) in [
        (SYNCML_1_2, "Add", (0, 0x05)),
        (SYNCML_1_2, "TargetRef", (0, 0x2F)),
        (SYNCML_1_2, "VerDTD", (0, 0x31)),
        (SYNCML_1_2, "MoreData", (0, 0x34)),
        (SYNCML_1_2, "Correlator", (0, 0x3C)),
        (METINF, "Anchor", (1, 0x05)),
        (METINF, "EMI", (1, 0x06)),
        (METINF, "FieldLevel", (1, 0x16)),
        (dm_tnds::tables::NAMESPACE, "MgmtTree", (2, 0x20)),
        (dm_tnds::tables::NAMESPACE, "Node", (2, 0x24)),
        (dm_tnds::tables::NAMESPACE, "node", (2, 0x25)),
        (dm_tnds::tables::NAMESPACE, "ZeroOrOne", (2, 0x3C)),
    ] {
        assert_eq!(SYNCML.token(namespace, local), Some(expected), "{local}");
    }
    assert_eq!(SYNCML_OLD_1_1.token(SYNCML_1_1, "Field"), None);
    assert_eq!(SYNCML_OLD_1_0.token(SYNCML_1_0, "NumberOfChanges"), None);
    assert_eq!(DEVINF_1_2.token(DEVINF, "MaxSize"), DEVINF_1_1.token(DEVINF, "Size"));
    assert_eq!(DEVINF_1_2.token(DEVINF, "Size"), None);
    assert_eq!(DEVINF_1_0.token(DEVINF, "UTC"), None);
}

/// What a message may not hold has no language there, by number or by text.
#[test]
fn a_message_knows_neither_dev_inf_nor_met_inf_nor_provisioning() {
    let messages = ["SyncML", "DM-DDF"];
    for row in rows("Public identifiers") {
        let known = messages.iter().any(|name| row[1].contains(name));
        let found = LANGUAGES.by_text(row[1]).map(|vocabulary| vocabulary.text);
        assert_eq!(found, known.then_some(row[1]), "{row:?}");
        if let Ok(number) = u32::from_str_radix(row[0], 16) {
            assert_eq!(LANGUAGES.by_number(number).is_some(), known, "{row:?}");
        }
    }
}
