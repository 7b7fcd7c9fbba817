use alloc::vec::Vec;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::tables::SYNCML_1_2;

/// What a rule is told.
#[derive(Clone, Copy, Debug)]
enum Told {
    Path(&'static [(&'static str, &'static str)]),
    Start(&'static str, &'static str),
    Leaf(&'static str, &'static str, &'static str),
    End,
}

/// Where elements matter.
const PATHS: [&[(&str, &str)]; 4] = [
    &[(DDF, "Node"), (DDF, "RTProperties"), (DDF, "Format")],
    &[(SYNCML_1_2, "Replace"), (SYNCML_1_2, "Item"), (SYNCML_1_2, "Meta")],
    &[(SYNCML_1_2, "Replace"), (SYNCML_1_2, "Meta"), (METINF, "MetInf")],
    &[(METINF, "MetInf"), (METINF, "Format")],
];

/// Elements that matter, in every namespace that matters, more often where they belong.
fn element() -> impl Strategy<Value = (&'static str, &'static str)> {
    let usual = select(&[
        (SYNCML_1_2, "Replace"),
        (SYNCML_1_2, "Item"),
        (SYNCML_1_2, "Meta"),
        (SYNCML_1_2, "Data"),
        (METINF, "MetInf"),
        (METINF, "Format"),
        (METINF, "Type"),
        (DDF, "Node"),
        (DDF, "RTProperties"),
        (DDF, "Format"),
        (DDF, "bin"),
        (DDF, "Value"),
    ]);
    let namespaces = select(&[SYNCML_1_2, METINF, DDF, "urn:other"]);
    let odd = (namespaces, element_name()).prop_map(|(namespace, local)| (namespace, local));
    prop_oneof![4 => usual, 1 => odd]
}

fn element_name() -> impl Strategy<Value = &'static str> {
    select(&["Item", "Meta", "Data", "MetInf", "Format", "Type", "RTProperties", "bin", "Value"])
}

fn told() -> impl Strategy<Value = Told> {
    let text = select(&["bin", "chr", "application/vnd.syncml.dmtnds+wbxml", "x"]);
    prop_oneof![
        1 => select(&PATHS).prop_map(Told::Path),
        3 => element().prop_map(|(namespace, local)| Told::Start(namespace, local)),
        3 => (element(), text).prop_map(|((namespace, local), text)| Told::Leaf(namespace, local, text)),
        2 => Just(Told::End),
    ]
}

fn is_octets_in(rule: &MetaRule, local: &'static str) -> Vec<bool> {
    [SYNCML_1_2, DDF]
        .map(|namespace| {
            let mut rule = rule.clone();
            rule.start(namespace, local);
            rule.is_octets()
        })
        .to_vec()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_leaf_is_its_start_its_text_and_its_end(told in vec(told(), 1..24)) {
        let (mut at_once, mut in_turn) = (MetaRule::default(), MetaRule::default());
        for told in told {
            match told {
                Told::Path(path) => {
                    for (namespace, local) in path {
                        at_once.start(namespace, local);
                        in_turn.start(namespace, local);
                    }
                }
                Told::Start(namespace, local) => {
                    at_once.start(namespace, local);
                    in_turn.start(namespace, local);
                }
                Told::Leaf(namespace, local, text) => {
                    let is_octets = at_once.leaf(namespace, local, text);
                    in_turn.start(namespace, local);
                    in_turn.text(text);
                    prop_assert_eq!(is_octets, in_turn.is_octets());
                    in_turn.end();
                }
                Told::End => {
                    at_once.end();
                    in_turn.end();
                }
            }
            prop_assert_eq!(at_once.is_octets(), in_turn.is_octets());
            for local in ["Data", "Value"] {
                prop_assert_eq!(is_octets_in(&at_once, local), is_octets_in(&in_turn, local));
            }
        }
    }
}
