use proptest::prelude::*;

use super::*;

#[test]
fn the_layout_is_as_written_down() {
    let mut node = Node::leaf(Format::Int, "text/plain", *b"-7");
    node.acl = Acl::parse("Get=*").unwrap();
    node.title = "T".to_owned();
    node.ver_no = 0x0102;
    node.t_stamp = Some(3);
    let octets = b"\x01\x06\x03\x01\x02\0\0\0\0\0\0\0\x03\x0Atext/plain\x05Get=*\x01T\x02-7";
    assert_eq!(node.encode(), octets);
    assert_eq!(Node::decode(octets), Ok(node));
    assert_eq!(Node::interior("").encode(), b"\x01\x07\0\0\0\0\0\0");
}

#[test]
fn other_octets_are_corrupt() {
    for octets in [
        &b""[..],
        b"\x02\x07\0\0\0\0\0\0",               // another version
        b"\x01\x0B\x01\0\0\0\0\0\0",           // no such format
        b"\x01\x07\x01\0\0\0\0\0\0",           // interior with a value
        b"\x01\x03\0\0\0\0\0\0",               // leaf without
        b"\x01\x07\x04\0\0\0\0\0",             // unknown flag
        b"\x01\x07\0\0\0\0\0",                 // cut off
        b"\x01\x07\0\0\0\0\0\0\0",             // something behind it
        b"\x01\x07\0\0\0\x80\0\0\0",           // a length in a longer form
        b"\x01\x07\0\0\0\xFF\xFF\xFF\xFF\x7F", // a length beyond 32 bits
        b"\x01\x07\0\0\0\xFF\xFF\xFF\xFF\x0F", // a length beyond the octets
        b"\x01\x07\0\0\0\x01\xFF\0\0",         // no UTF-8
        b"\x01\x07\0\0\0\0\x05Get=b\0\0",      // something behind an ACL
        b"\x01\x07\0\0\0\0\x07Get=b+a\0",      // an ACL in another order
        b"\x01\x07\0\0\0\0\x04Get=\0",         // a malformed ACL
    ] {
        assert!(Node::decode(octets).is_err(), "{octets:X?}");
    }
    assert_eq!(Node::decode(b"\x01\x07\0\0\0\0\x09"), Err(CorruptNode { offset: 7 }));
}

fn nodes() -> impl Strategy<Value = Node> {
    let formats = Format::ALL.into_iter().filter(|format| *format != Format::Node);
    let value = prop::collection::vec(any::<u8>(), 0..300);
    let leaf = (prop::sample::select(formats.collect::<Vec<_>>()), value)
        .prop_map(|(format, value)| Node { format, ..Node::leaf(format, "", value) });
    let acl = prop::sample::select(vec!["", "Get=*", "Add=a+b&Replace=ä"]);
    (
        prop_oneof![leaf, Just(Node::interior(""))],
        ".{0,140}",
        acl,
        ".*",
        any::<u16>(),
        any::<Option<u64>>(),
    )
        .prop_map(|(node, r#type, acl, title, ver_no, t_stamp)| Node {
            r#type: r#type.into(),
            acl: Acl::parse(acl).unwrap(),
            title,
            ver_no,
            t_stamp,
            ..node
        })
}

proptest! {
    #[test]
    fn nodes_read_back(node in nodes()) {
        prop_assert_eq!(Node::decode(&node.encode()), Ok(node));
    }

    #[test]
    fn octets_that_read_are_what_is_written(octets in prop::collection::vec(any::<u8>(), 0..64)) {
        if let Ok(node) = Node::decode(&octets) {
            prop_assert_eq!(node.encode(), octets);
        }
    }

    #[test]
    fn damaged_nodes_do_not_panic(node in nodes(), at in any::<prop::sample::Index>(), octet: u8) {
        let mut octets = node.encode();
        let at = at.index(octets.len());
        octets[at] = octet;
        if let Ok(node) = Node::decode(&octets) {
            prop_assert_eq!(node.encode(), octets);
        }
    }
}
