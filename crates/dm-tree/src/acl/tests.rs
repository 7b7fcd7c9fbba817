use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use proptest::prelude::*;

use super::*;

fn parsed(text: &str) -> String {
    Acl::parse(text).unwrap().to_string()
}

#[test]
fn commands_and_ids_are_sorted_and_united() {
    assert_eq!(parsed("Replace=b+a&Add=z"), "Add=z&Replace=a+b");
    assert_eq!(
        parsed("Get=ServerA&Replace=ServerA&Get=ServerB"),
        "Get=ServerA+ServerB&Replace=ServerA"
    );
    assert_eq!(parsed("Get=a+a"), "Get=a");
    assert_eq!(parsed(""), "");
}

#[test]
fn a_wildcard_swallows_the_ids_of_its_entry_only() {
    assert_eq!(parsed("Get=a+*+b&Replace=a"), "Get=*&Replace=a");
    assert_eq!(parsed("Get=*&Get=a"), "Get=*");
    assert_eq!(parsed("Get=a&Get=*"), "Get=*");
}

#[test]
fn malformed_lists_are_refused() {
    use AclError::{Command, Entry, Id};
    for (text, error) in [
        ("Replace", Entry),
        ("&", Entry),
        ("Get=a&", Entry),
        ("&Get=a", Entry),
        ("Copy=*", Command),
        ("get=*", Command),
        (" Get=*", Command),
        ("=a", Command),
        ("Get=", Id),
        ("Get=a+", Id),
        ("Get=+a", Id),
        ("Get=a++b", Id),
        ("Get=a*", Id),
        ("Get=**", Id),
        ("Get=a=b", Id),
        ("Replace=a b", Id),
        ("Get=a\u{A0}", Id),
        ("Get=a\u{7F}", Id),
    ] {
        assert_eq!(Acl::parse(text), Err(error), "{text:?}");
    }
}

#[test]
fn rights_are_exact() {
    let acl = Acl::parse("Add=srv.a&Exec=*&Get=srv.a+srv.b").unwrap();
    assert!(acl.allows("srv.a", AclCommand::Add));
    assert!(acl.allows("anybody", AclCommand::Exec));
    for (server, command) in [
        ("srv.b", AclCommand::Add),
        ("SRV.A", AclCommand::Add),
        ("srv", AclCommand::Get),
        ("srv.a+srv.b", AclCommand::Get),
        ("", AclCommand::Get),
        ("srv.a", AclCommand::Delete),
        ("srv.a", AclCommand::Replace),
    ] {
        assert!(!acl.allows(server, command), "{server} {command}");
    }
    assert!(acl.allows_all(AclCommand::Exec) && !acl.allows_all(AclCommand::Get));
    // A server that calls itself `*` is granted nothing but what everybody has.
    assert!(!acl.allows("*", AclCommand::Get));
}

#[test]
fn a_grant_names_one_server() {
    let acl = Acl::granting("a", &[AclCommand::Replace, AclCommand::Add]).unwrap();
    assert_eq!(acl.to_string(), "Add=a&Replace=a");
    assert_eq!(Acl::granting("a+b", &[AclCommand::Add]), Err(AclError::Id));
    assert_eq!(acl.entries().map(|(_, ids)| ids.count()).collect::<Vec<_>>(), [1, 1]);
}

proptest! {
    #[test]
    fn text_reads_back(entries in prop::collection::vec(
        (0..5usize, prop::collection::vec("\\*|[a-z:/.é€-]{1,6}", 1..4)), 0..6))
    {
        let text: Vec<_> = entries
            .iter()
            .map(|(n, ids)| format!("{}={}", AclCommand::ALL[*n], ids.join("+")))
            .collect();
        let acl = Acl::parse(&text.join("&")).unwrap();
        prop_assert_eq!(Acl::parse(&acl.to_string()), Ok(acl.clone()));
        for (n, ids) in &entries {
            for id in ids {
                prop_assert!(acl.allows(id, AclCommand::ALL[*n]));
            }
        }
    }

    #[test]
    fn no_text_panics(text in "[A-Za-z=&*+ ]{0,40}") {
        let _ = Acl::parse(&text);
    }
}
