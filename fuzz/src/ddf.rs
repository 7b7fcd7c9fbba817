//! Device descriptions: strict and lenient reading agree, and a description is a tree.

use dm_tnds::ddf::Ddf;
use dm_xml::Limits;

/// Any octets as XML text.
///
/// # Panics
/// When what the strict reader takes the lenient one does not take as the same without a
/// deviation, the strict one takes what deviates, or the nodes are no tree.
pub fn check(octets: &[u8]) {
    let Ok(document) = dm_xml::parse(octets, &Limits::default()) else { return };
    let (strict, lenient) = (Ddf::read(document.root()), Ddf::read_lenient(document.root()));
    match (&strict, &lenient) {
        (Ok(strict), Ok((lenient, deviations))) => {
            assert_eq!(strict, lenient);
            assert_eq!(deviations, &[], "the strict reader lets nothing pass");
        }
        (Ok(_), Err(error)) => panic!("only the strict reader takes it: {error}"),
        (Err(_), _) => {}
    }
    let Ok((ddf, deviations)) = lenient else { return };
    for deviation in &deviations {
        assert!(deviation.node.is_none_or(|node| node.index() < ddf.len()));
    }
    assert_eq!(ddf.nodes().count(), ddf.len());
    let roots = ddf.nodes().filter(|(_, node)| node.parent.is_none()).map(|(id, _)| id);
    assert!(roots.eq(ddf.roots()));
    for (id, node) in ddf.nodes() {
        assert!(node.parent.is_none_or(|parent| parent < id), "parents come first");
        for &child in &node.children {
            assert_eq!(ddf.node(child).parent, Some(id));
        }
        if id.index() < 64 {
            assert!(!ddf.uri(id).is_empty() || node.name.is_empty());
        }
    }
}
