//! Descriptions against themselves and against each other.

use dm_lint::{Catalog, Options, Rule, Severity, check_descriptions};

use super::bench::{LAMP, lamp, source};

fn rules(catalog: &Catalog) -> Vec<(Rule, Severity, String)> {
    let findings = check_descriptions(catalog, &Options::default());
    findings.list.into_iter().map(|f| (f.rule, f.severity, f.element)).collect()
}

#[test]
fn a_sound_description_has_no_findings() {
    assert_eq!(rules(&lamp()), []);
    assert_eq!(check_descriptions(&lamp(), &Options::default()).checked, 7);
}

#[test]
fn what_a_description_says_against_itself_is_found() {
    let (note, warning, error) = (Severity::Note, Severity::Warning, Severity::Error);
    for (old, new, rule, severity, element) in [
        (
            "<DefaultValue>50<",
            "<DefaultValue>500<",
            Rule::DefaultNotAllowed,
            warning,
            "Node/Node[1]",
        ),
        (
            r#"ValueType="Range""#,
            r#"ValueType="ADMX""#,
            Rule::LimitNotChecked,
            note,
            "Node/Node[1]",
        ),
        ("[0-100]", "[low-high]", Rule::ConstraintNotRead, warning, "Node/Node[1]"),
        (
            "<AccessType><Exec/></AccessType>",
            "<AccessType/>",
            Rule::NoAccess,
            warning,
            "Node/Node[2]",
        ),
        (
            "<Get/><Replace/></AccessType>\n        <DefaultV",
            "<Delete/></AccessType>\n        <DefaultV",
            Rule::Permanent,
            warning,
            "Node/Node[1]",
        ),
        ("<NodeName>Reset<", "<NodeName>Brightness<", Rule::SiblingsAlike, error, "Node/Node[2]"),
        ("<NodeName>Reset<", "<NodeName>brightness<", Rule::CaseDiffers, warning, "Node/Node[2]"),
        (
            "<NodeName/>",
            "<NodeName>Fixed</NodeName>",
            Rule::InteriorWithValue,
            error,
            "Node/Node[3]/Node",
        ),
        (
            "<DFFormat><node/></DFFormat>\n        <Occurrence><One/>",
            "<DFFormat><int/></DFFormat>\n        <Occurrence><One/>",
            Rule::LeafHasChildren,
            error,
            "Node/Node[3]",
        ),
        ("<ZeroOrN>2</ZeroOrN>", "<ZeroOrN/>", Rule::Deviation, warning, "Node/Node[3]/Node"),
    ] {
        assert!(LAMP.contains(old), "{old}");
        let catalog = Catalog::new(vec![source("x", &LAMP.replacen(old, new, 1))]);
        assert_eq!(rules(&catalog), [(rule, severity, element.into())], "{new}");
    }
}

#[test]
fn a_second_description_of_a_node_is_found() {
    let catalog = Catalog::new(vec![source("one", LAMP), source("two", LAMP)]);
    let found = rules(&catalog);
    assert_eq!(found.len(), 7);
    assert_eq!(found[0], (Rule::DescribedTwice, Severity::Warning, "Node".into()));
}
