//! Each rule of commands: what keeps it, what breaks it.

use dm_lint::{Catalog, Options, Rule, Severity, check_message};
use dm_xml::Limits;

use super::bench::{LAMP, Line, check, error, found, lamp, message, seen, source, warning};

const B: &str = "./Vendor/Acme/Lamp/Brightness";

#[test]
fn a_message_as_described_has_no_findings() {
    let scene = "./Vendor/Acme/Lamp/Scenes/evening";
    let color = "./Vendor/Acme/Lamp/Scenes/evening/Color";
    let picture = "./Vendor/Acme/Lamp/Scenes/evening/Picture";
    let lines = [
        ("Replace", B, "int", "100"),
        ("Get", B, "", ""),
        ("Get", "./Vendor/Acme/Lamp?list=Struct", "", ""),
        ("Exec", "./Vendor/Acme/Lamp/Reset", "", ""),
        ("Add", scene, "node", ""),
        ("Add", color, "chr", "Warm"),
        ("Add", picture, "b64", "AAEC"),
        ("Replace", color, "", "cold"),
        ("Delete", scene, "", ""),
        ("Add", scene, "node", ""),
        ("Replace", "./Vendor/Acme/Lamp/Scenes/evening?prop=Name", "", "night"),
        ("Get", "./Vendor", "", ""),
    ];
    assert_eq!(found(&lines), []);
}

#[test]
fn what_breaks_a_rule_is_found_where_it_stands() {
    let errors: &[(Rule, Line<'_>)] = &[
        (Rule::BadUri, ("Get", "./Vendor//Lamp", "", "")),
        (Rule::BadUri, ("Get", "", "", "")),
        (Rule::BadUri, ("Delete", "./Vendor/Acme/Lamp?prop=ACL", "", "")),
        (Rule::BadValue, ("Replace", B, "int", "many")),
        (Rule::BadValue, ("Add", "./Vendor/Acme/Lamp/Scenes/a/Picture", "bin", "no base64!")),
        (Rule::CaseDiffers, ("Replace", "./Vendor/Acme/Lamp/brightness", "int", "1")),
        (Rule::LeafHasChildren, ("Get", "./Vendor/Acme/Lamp/Brightness/Now", "", "")),
        (Rule::MissingRight, ("Add", B, "int", "1")),
        (Rule::MissingRight, ("Delete", B, "", "")),
        (Rule::MissingRight, ("Exec", B, "", "")),
        (Rule::MissingRight, ("Get", "./Vendor/Acme/Lamp/Reset", "", "")),
        (Rule::MissingRight, ("Replace", "./Vendor/Acme/Lamp?prop=Name", "", "x")),
        (Rule::NameNotAllowed, ("Add", "./Vendor/Acme/Lamp/Scenes/Nr1", "node", "")),
        (Rule::UnknownNode, ("Replace", "./Vendor/Acme/Lamp/Volume", "int", "1")),
        (Rule::UnknownNode, ("Get", "./Vendor/Acme/Lamp/Scenes/a/Shade/X", "", "")),
        (Rule::UnknownNode, ("Get", "./DevInfo/Man", "", "")),
        (Rule::ValueNotAllowed, ("Replace", B, "int", "101")),
        (Rule::ValueNotAllowed, ("Add", "./Vendor/Acme/Lamp/Scenes/a/Color", "chr", "blue")),
        (Rule::ValueOnInterior, ("Add", "./Vendor/Acme/Lamp/Scenes/a", "node", "x")),
        (Rule::WrongFormat, ("Replace", B, "chr", "1")),
        (Rule::WrongFormat, ("Replace", B, "integer", "1")),
        (Rule::WrongFormat, ("Add", "./Vendor/Acme/Lamp/Scenes/a", "", "")),
    ];
    for (rule, line) in errors {
        let fine = ("Get", B, "", "");
        let all = found(&[fine, *line, fine]);
        let verb = if line.0 == "Get" { "Get[2]" } else { line.0 };
        assert_eq!(all.len(), 1, "{line:?}: {all:?}");
        assert_eq!((all[0].0, all[0].1), (*rule, Severity::Error), "{line:?}");
        assert_eq!(all[0].2, format!("SyncBody/{verb}/Item"), "{line:?}");
    }
}

#[test]
fn the_finding_names_who_decided_and_what_to_do() {
    let findings =
        check(&lamp(), &message(&[("Replace", "./Vendor/Acme/Lamp/Scenes/a/Colour", "", "x")]));
    let finding = &findings.list[0];
    assert_eq!(finding.rule.clause(), "TND 1.2 §9");
    assert_eq!(finding.uri, "./Vendor/Acme/Lamp/Scenes/a/Colour");
    let decider = finding.decider.as_ref().unwrap();
    assert_eq!(
        (decider.source.as_str(), decider.uri.as_str()),
        ("lamp.xml", "./Vendor/Acme/Lamp/Scenes/*")
    );
    assert_eq!(finding.remedy, "was Color meant?");
}

#[test]
fn a_missing_format_is_a_warning_on_a_leaf() {
    let found = found(&[("Replace", B, "", "5")]);
    assert_eq!(found, [warning(Rule::WrongFormat, "SyncBody/Replace/Item", B)]);
}

#[test]
fn a_node_is_made_once_and_so_often_as_it_may_be() {
    let scene = |name: &str| format!("./Vendor/Acme/Lamp/Scenes/{name}");
    let (a, b, c) = (scene("a"), scene("b"), scene("c"));
    fn add(uri: &str) -> Line<'_> {
        ("Add", uri, "node", "")
    }
    let many = Rule::MoreThanOne;
    assert_eq!(found(&[add(&a), add(&b), add(&c)]), [error(many, "SyncBody/Add[3]/Item", &c)]);
    assert_eq!(found(&[add(&a), add(&a)]), [error(many, "SyncBody/Add[2]/Item", &a)]);
    assert_eq!(found(&[add(&a), add(&b), ("Delete", &a, "", ""), add(&c)]), []);
    let color = scene("a/Color");
    let made_on_the_way = found(&[("Add", &color, "chr", "warm"), add(&a)]);
    assert_eq!(made_on_the_way, [error(many, "SyncBody/Add[2]/Item", &a)]);
    assert_eq!(found(&[("Replace", B, "int", "1"), ("Replace", B, "int", "2")]), []);
}

#[test]
fn commands_in_groups_and_meta_of_commands_count() {
    let text = "<SyncML xmlns='SYNCML:SYNCML1.2'><SyncBody><Atomic><CmdID>1</CmdID><Replace><CmdID>2</CmdID>
      <Meta><Format xmlns='syncml:metinf'>int</Format></Meta>
      <Item><Target><LocURI>./Vendor/Acme/Lamp/Brightness</LocURI></Target><Data>1</Data></Item>
      <Item><Target><LocURI>./Vendor/Acme/Lamp/Brightness</LocURI></Target><Data>200</Data></Item>
      </Replace></Atomic></SyncBody></SyncML>";
    let found = seen(&check(&lamp(), text));
    assert_eq!(found, [error(Rule::ValueNotAllowed, "SyncBody/Atomic/Replace/Item[2]", B)]);
}

#[test]
fn types_and_copies_are_checked() {
    let text = "<SyncML xmlns='SYNCML:SYNCML1.2'><SyncBody><Add><CmdID>1</CmdID><Item>
      <Target><LocURI>./Vendor/Acme/Lamp/Scenes/a/Picture</LocURI></Target>
      <Meta><Format xmlns='syncml:metinf'>bin</Format><Type xmlns='syncml:metinf'>image/gif</Type></Meta>
      <Data>AAEC</Data></Item></Add><Copy><CmdID>2</CmdID><Item>
      <Target><LocURI>./Vendor/Acme/Lamp/Brightness</LocURI></Target>
      <Source><LocURI>./Vendor/Acme/Lamp/Reset</LocURI></Source></Item></Copy></SyncBody></SyncML>";
    let found = seen(&check(&lamp(), text));
    let picture = "./Vendor/Acme/Lamp/Scenes/a/Picture";
    let reset = "./Vendor/Acme/Lamp/Reset";
    assert_eq!(
        found,
        [
            warning(Rule::WrongType, "SyncBody/Add/Item", picture),
            error(Rule::MissingRight, "SyncBody/Copy/Item/Source", reset),
        ]
    );
}

#[test]
fn an_encrypted_value_is_said_to_be_unchecked() {
    let text = "<SyncML xmlns='SYNCML:SYNCML1.2'><SyncBody><Replace><CmdID>1</CmdID><Item>
      <Target><LocURI>./Vendor/Acme/Lamp/Brightness</LocURI></Target>
      <Meta><Format xmlns='syncml:metinf'>int</Format></Meta>
      <Data><EncryptedData xmlns='http://www.w3.org/2001/04/xmlenc#'/></Data></Item></Replace>
      </SyncBody></SyncML>";
    let found = seen(&check(&lamp(), text));
    assert_eq!(found, [warning(Rule::NotChecked, "SyncBody/Replace/Item", B)]);
}

#[test]
fn what_stands_outside_can_be_a_warning_and_findings_are_bounded() {
    let lines = [("Get", "./DevInfo/Man", "", ""); 5];
    let text = message(&lines);
    let document = dm_xml::parse(text.as_bytes(), &Limits::default()).unwrap();
    let mut options = Options::default();
    options.undescribed = Severity::Warning;
    options.most = 2;
    let findings = check_message(document.root(), &lamp(), &options).unwrap();
    assert_eq!((findings.errors(), findings.list.len(), findings.more), (0, 2, 3));
}

#[test]
fn the_device_part_of_windows_paths_may_be_left_out() {
    let here = "<Path>./Vendor/Acme</Path>";
    for (path, uri) in [
        ("./Device/Vendor/MSFT", "./Vendor/MSFT/Lamp/Brightness"),
        ("./Vendor/MSFT", "./Device/Vendor/MSFT/Lamp/Brightness"),
    ] {
        let text = LAMP.replace(here, &format!("<Path>{path}</Path>"));
        let catalog = Catalog::new(vec![source("lamp.xml", &text)]);
        assert_eq!(seen(&check(&catalog, &message(&[("Replace", uri, "int", "1")]))), []);
        let user = uri.replace("./Device", ".").replace("./Vendor", "./User/Vendor");
        assert_eq!(seen(&check(&catalog, &message(&[("Replace", &user, "int", "1")]))).len(), 1);
    }
}

#[test]
fn case_counts_as_case_sense_says() {
    let uri = "./Vendor/Acme/Lamp/Scenes/a/COLOR";
    assert_eq!(found(&[("Add", uri, "chr", "COLD")]), []);
    let uri = "./Vendor/Acme/Lamp/Scenes/a/PICTURE"; // CaseSense is not said
    let expected = warning(Rule::CaseDiffers, "SyncBody/Add/Item", uri);
    assert_eq!(found(&[("Add", uri, "bin", "AAEC")]), [expected]);
}
