//! `mgram lint`: documents against descriptions, and these themselves.

use super::bench::Bench;

const LAMP: &str = include_str!("../../../../crates/dm-lint/tests/lint/lamp.xml");
const DOCS: &str = include_str!("../../../../docs/lint.md");

/// The block of the documentation in this language.
fn block(language: &str) -> &'static str {
    let begin = format!("```{language}\n");
    let rest = DOCS.split_once(&begin).expect("a block").1;
    rest.split_once("```").expect("its end").0
}

fn bench() -> Bench {
    let bench = Bench::empty();
    bench.write("lamp.xml", LAMP);
    bench.write("set.xml", block("xml"));
    bench
}

#[test]
fn the_example_of_the_documentation_is_what_is_printed() {
    let bench = bench();
    let said = bench.run(&["lint", "set.xml", "--ddf", "lamp.xml"]);
    assert_eq!((said.code, said.err.as_str(), said.out.as_str()), (1, "", block("text")));
}

#[test]
fn each_finding_is_a_line_of_json_and_the_counts_are_the_last() {
    let said = bench().run(&["--json", "lint", "set.xml", "--ddf", "lamp.xml"]);
    let lines: Vec<serde_json::Value> =
        said.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[0]["rule"], "ValueNotAllowed");
    assert_eq!(lines[0]["element"], "SyncBody/Replace/Item[1]");
    assert_eq!(lines[1]["ddf_path"], "./Vendor/Acme/Lamp");
    assert_eq!((&lines[2]["errors"], &lines[2]["warnings"]), (&2.into(), &0.into()));
}

#[test]
fn messages_as_wbxml_and_folders_of_descriptions_are_read() {
    let bench = bench();
    std::fs::create_dir(bench.file("all")).expect("a folder");
    bench.write("all/lamp.ddf", LAMP);
    bench.write("all/notes.txt", "no description");
    bench.write("all/set.xml", block("xml"));
    bench.done(&["encode", "set.xml", "-o", "set.wbxml"]);
    let said = bench.run(&["lint", "set.wbxml", "--ddf", "all"]);
    assert_eq!(said.code, 1);
    assert!(said.out.contains("UnknownNode"), "{}", said.out);
    assert!(said.out.contains("passed over, its root is no MgmtTree: all/set.xml"), "{}", said.out);
    let good = block("xml").replace("120", "100").replace("Brigthness", "Brightness");
    bench.write("good.xml", good);
    bench.done(&["lint", "good.xml", "--ddf", "all"]);
    bench.done(&["lint", "--ddf", "lamp.xml"]);
}

#[test]
fn nodes_outside_are_errors_unless_the_descriptions_are_partial() {
    let bench = bench();
    bench.write("other.xml", block("xml").replace("./Vendor/Acme/Lamp", "./Other"));
    assert_eq!(bench.run(&["lint", "other.xml", "--ddf", "lamp.xml"]).code, 1);
    let out = bench.done(&["lint", "other.xml", "--ddf", "lamp.xml", "--partial"]);
    assert!(out.contains("0 errors, 2 warnings"), "{out}");
}

#[test]
fn what_is_not_checked_is_a_note_and_no_failure() {
    let bench = bench();
    bench.write(
        "lamp.xml",
        LAMP.replace(r#""Range"><MSFT:Value>[0-100]</MSFT:Value>"#, r#""ADMX">"#),
    );
    bench.write("good.xml", block("xml").replace("Brigthness", "Brightness"));
    let out = bench.done(&["lint", "good.xml", "--ddf", "lamp.xml"]);
    let note = "note: the value is not checked against limits of type ADMX [LimitNotChecked]\n";
    assert_eq!(out.matches(note).count(), 1, "{out}");
    assert!(out.contains("\n  described: lamp.xml, ./Vendor/Acme/Lamp/Brightness\n"), "{out}");
    assert!(out.contains("\n0 errors, 0 warnings, 1 note; "), "{out}");
    let out = bench.done(&["--json", "lint", "good.xml", "--ddf", "lamp.xml"]);
    let lines: Vec<serde_json::Value> =
        out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!((&lines[0]["severity"], &lines[1]["notes"]), (&"note".into(), &1.into()));
}

#[test]
fn what_cannot_be_read_is_one_clear_error() {
    let bench = bench();
    std::fs::create_dir(bench.file("empty")).expect("a folder");
    bench.write("broken.xml", LAMP.replace("<int/>", "<integer/>"));
    bench.write("object.xml", super::bench::HOME);
    bench.fails(2, &["lint", "set.xml", "--ddf", "none.xml"], &["none.xml", "no such file"]);
    bench.fails(2, &["lint", "set.xml", "--ddf", "empty"], &["no description"]);
    bench.fails(2, &["lint", "set.xml", "--ddf", "set.xml"], &["no device description"]);
    bench.fails(2, &["lint", "set.xml", "--ddf", "object.xml"], &["an object, not a description"]);
    bench.fails(2, &["lint", "set.xml", "--ddf", "broken.xml"], &["unknown format", "DDF 1.2"]);
    bench.fails(2, &["lint", "lamp.xml", "--ddf", "lamp.xml"], &["a description, not an object"]);
}
