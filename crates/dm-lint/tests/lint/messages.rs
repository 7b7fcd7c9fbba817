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

/// The lamp, its brightness limited by this.
fn limited_by(limit: &str) -> Catalog {
    let range = r#"ValueType="Range"><MSFT:Value>[0-100]</MSFT:Value>"#;
    assert!(LAMP.contains(range));
    Catalog::new(vec![source("lamp.xml", &LAMP.replace(range, limit))])
}

#[test]
fn a_limit_that_is_not_checked_is_noted_once_for_a_node() {
    for (limit, said) in [
        (
            r#"ValueType="RegEx"><MSFT:Value>(?!0)\d+</MSFT:Value>"#,
            r"a pattern that cannot be read: (?!0)\d+",
        ),
        (r#"ValueType="XSD"><MSFT:Value>&lt;x/></MSFT:Value>"#, "limits of type XSD"),
        (r#"ValueType="ADMX">"#, "limits of type ADMX"),
        (r#"ValueType="JSON">"#, "limits of type JSON"),
        (r#"ValueType="Range"><MSFT:Value>low</MSFT:Value>"#, "ranges that cannot be read: low"),
    ] {
        let catalog = limited_by(limit);
        let findings = check(&catalog, &message(&[("Replace", B, "int", "5"); 3]));
        assert_eq!(findings.list.len(), 1, "{limit}");
        let finding = &findings.list[0];
        assert_eq!((finding.rule, finding.severity), (Rule::LimitNotChecked, Severity::Note));
        assert_eq!(finding.element, "SyncBody/Replace[1]/Item");
        assert_eq!(finding.what, format!("the value is not checked against {said}"));
        assert_eq!(finding.decider.as_ref().map(|decider| decider.uri.as_str()), Some(B));
        assert_eq!((findings.count(Severity::Note), findings.errors()), (1, 0));
    }
    let unlimited = limited_by(r#"ValueType="None">"#);
    assert_eq!(seen(&check(&unlimited, &message(&[("Replace", B, "int", "5")]))), []);
}

#[test]
fn names_octets_and_elements_are_noted_too_when_their_limit_is_not_checked() {
    let scene = "./Vendor/Acme/Lamp/Scenes/a";
    let text = LAMP.replace("[a-z]{1,8}", "(?!x)[a-z]{1,8}");
    let catalog = Catalog::new(vec![source("lamp.xml", &text)]);
    let note = |element: &str, uri: &str| {
        (Rule::LimitNotChecked, Severity::Note, element.to_owned(), uri.to_owned())
    };
    let found = check(&catalog, &message(&[("Add", scene, "node", ""), ("Get", scene, "", "")]));
    assert_eq!(seen(&found), [note("SyncBody/Add/Item", scene)]);
    assert!(found.list[0].what.starts_with("the name is not checked"), "{found:?}");

    for (format, data) in [("bin", "AAEC"), ("xml", "<a xmlns='urn:a'/>")] {
        let range = r#"ValueType="Range"><MSFT:Value>[0-100]"#;
        let text = LAMP.replace(range, r#"ValueType="XSD"><MSFT:Value>&lt;x/>"#);
        let text = text.replacen("<int/>", &format!("<{format}/>"), 1);
        let catalog = Catalog::new(vec![source("lamp.xml", &text)]);
        let text = message(&[("Replace", B, format, "DATA")]).replace("DATA", data);
        let found = seen(&check(&catalog, &text));
        assert_eq!(found, [note("SyncBody/Replace/Item", B)], "{format}");
    }
}

#[test]
fn notes_keep_no_error_from_being_listed_and_all_are_counted() {
    let text = message(&[
        ("Replace", B, "int", "5"),
        ("Get", "./DevInfo/Man", "", ""),
        ("Get", "./DevInfo/Mod", "", ""),
    ]);
    let document = dm_xml::parse(text.as_bytes(), &Limits::default()).unwrap();
    let mut options = Options::default();
    options.most = 1;
    let catalog = limited_by(r#"ValueType="ADMX">"#);
    let findings = check_message(document.root(), &catalog, &options).unwrap();
    let rules: Vec<Rule> = findings.list.iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, [Rule::LimitNotChecked, Rule::UnknownNode]);
    assert_eq!((findings.errors(), findings.more), (2, 1));
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
    let picture = "./Vendor/Acme/Lamp/Scenes/a/PICTURE"; // CS by the Lamp above it
    let add = [("Add", picture, "bin", "AAEC")];
    let at = "SyncBody/Add/Item";
    assert_eq!(found(&add), [error(Rule::CaseDiffers, at, picture)]);
    let silent = LAMP.replacen("<CaseSense><CS/></CaseSense>", "", 1);
    let not_said = Catalog::new(vec![source("lamp.xml", &silent)]);
    let expected = warning(Rule::CaseDiffers, at, picture);
    assert_eq!(seen(&check(&not_said, &message(&add))), [expected]);
    let cis = LAMP.replacen("<CaseSense><CS/></CaseSense>", "<CaseSense><CIS/></CaseSense>", 1);
    let any = Catalog::new(vec![source("lamp.xml", &cis)]);
    assert_eq!(seen(&check(&any, &message(&add))), []);
}
