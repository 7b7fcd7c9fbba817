//! The fleet: what is imported is there, again changes nothing, and what is wrong is told and stops nothing.

use std::fmt::Write as _;
use std::path::Path;

use dm_api::Query;
use dm_store::{After, Bad, Lines, LinesError, Store, StoreError};

fn store(folder: &Path) -> Store {
    Store::open(&folder.join("fleet.db")).expect("a new store")
}

fn csv(store: &Store, text: &str) -> dm_store::Import {
    let lines = Lines::csv(text.as_bytes()).expect("a first line");
    store.import(lines, |_| {}).expect("an import")
}

fn json(store: &Store, text: &str) -> dm_store::Import {
    store.import(Lines::json(text.as_bytes()), |_| {}).expect("an import")
}

fn query(text: &str) -> Query {
    text.parse().expect("a query")
}

#[test]
fn the_same_lines_again_change_nothing_and_others_say_what_they_change() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let text = "id,zone,tags,addresses.sms,attributes.model,capabilities.largest_message\n\
        m1,Europe/Helsinki,meter north,tel:+3581,x1,2000\nm2,,meter,tel:+3582,x2,\n";
    let first = csv(&store, text);
    assert_eq!((first.lines, first.new, first.same, first.failed), (2, 2, 0, 0), "{first:?}");
    let again = csv(&store, text);
    assert_eq!((again.new, again.changed, again.same), (0, 0, 2));
    let device = store.device(&"m1".parse().unwrap()).unwrap().expect("it is there");
    assert_eq!(device.capabilities.largest_message, Some(2_000));
    assert_eq!((device.tags.len(), device.zone.as_deref()), (2, Some("Europe/Helsinki")));
    // A column that is not there leaves what is known; a field that is empty takes it away.
    let third = csv(&store, "id,zone,attributes.model\nm1,,x1\nm2,Asia/Kathmandu,x3\n");
    assert_eq!((third.changed, third.same), (2, 0));
    let changes: Vec<_> =
        third.changes.iter().map(|(what, count)| (what.as_str(), *count)).collect();
    assert_eq!(changes, [("attributes.model", 1), ("zone", 2)]);
    assert_eq!(store.count(&query("tag:meter route:sms -zone:*")).unwrap(), 1);
}

#[test]
fn json_and_csv_say_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    csv(
        &store,
        "id,tags,groups,addresses.sms,attributes.model\n\"m,1\",a b,g,tel:+1,\"x \"\"1\"\"\"\n",
    );
    let same = json(
        &store,
        "\n{\"id\":\"m,1\",\"tags\":[\"b\",\"a\"],\"groups\":[\"g\"],\"addresses\":{\"sms\":\"tel:+1\"},\
         \"attributes\":{\"model\":\"x \\\"1\\\"\"}}\n",
    );
    assert_eq!((same.lines, same.same), (1, 1), "{same:?}");
    let gone = json(&store, r#"{"id":"m,1","attributes":{"model":null}}"#);
    assert_eq!(gone.changes.keys().collect::<Vec<_>>(), ["attributes.model"], "{gone:?}");
}

#[test]
fn what_is_wrong_is_told_by_its_line_and_the_rest_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let long = "x".repeat(2 << 20);
    let text = format!(
        "{{\"id\":\"a\"}}\n{{\"id\":\n{{\"zone\":\"UTC\"}}\n{{\"id\":\"b\",\"colour\":\"red\"}}\n\
         {{\"id\":\" c\"}}\n{{\"id\":\"{long}\"}}\n{{\"id\":\"d\",\"tags\":\"meter\"}}\n{{\"id\":\"e\"}}"
    );
    let import = json(&store, &text);
    assert_eq!((import.lines, import.new, import.failed), (8, 2, 6), "{:?}", import.errors);
    let lines: Vec<u64> = import.errors.iter().map(|error| error.line).collect();
    assert_eq!(lines, [2, 3, 4, 5, 6, 7]);
    assert_eq!((&import.errors[1].why, &import.errors[4].why), (&Bad::NoId, &Bad::Long));
    assert!(import.errors[2].why.to_string().contains("unknown field `colour`"));
    let import = csv(&store, "id,zone\nf,UTC\ng\nh,UTC,more\n,UTC\n\u{7}x,UTC\n");
    let lines: Vec<u64> = import.errors.iter().map(|error| error.line).collect();
    assert_eq!((import.new, lines), (1, vec![3, 4, 5, 6]), "{:?}", import.errors);
}

#[test]
fn a_first_line_that_is_wrong_is_refused_as_a_whole() {
    let refused = |text: &'static str| Lines::csv(text.as_bytes()).err().expect("refused");
    assert!(matches!(refused("id,colour\n"), LinesError::Column(name) if name == "colour"));
    assert!(matches!(refused("id,addresses.a b\n"), LinesError::Column(_)));
    assert!(matches!(refused("zone\n"), LinesError::NoId));
    assert!(matches!(refused(""), LinesError::NoId));
    assert!(matches!(refused("id,zone,zone\n"), LinesError::Twice(name) if name == "zone"));
}

#[test]
fn a_million_errors_give_a_report_that_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let import = csv(&store, &format!("id,zone\n{}", ",UTC\n".repeat(100_000)));
    assert_eq!((import.failed, import.errors.len()), (100_000, 100));
}

#[test]
fn pages_hold_each_device_once_also_while_others_come() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let mut text = "id,tags\n".to_owned();
    for n in 0..2_500 {
        writeln!(text, "m{n},{}", if n % 2 == 0 { "even" } else { "odd" }).expect("a line");
    }
    csv(&store, &text);
    let (mut seen, mut after) = (Vec::new(), Some(After::default()));
    while let Some(at) = after {
        let page = store.devices(&query("tag:even"), at, 100).unwrap();
        seen.extend(page.devices.iter().map(|device| device.id.to_string()));
        after = page.next;
        if seen.len() == 300 {
            store.remove(vec!["m0".parse().unwrap(), "nobody".parse().unwrap()]).unwrap();
            csv(&store, "id,tags\nnew,even\n");
        }
    }
    let wanted: Vec<_> =
        (0..1_250).map(|n| format!("m{}", 2 * n)).chain(["new".to_owned()]).collect();
    assert_eq!(seen, wanted);
}

#[test]
fn one_server_has_the_file_and_a_newer_one_is_not_undone() {
    let folder = tempfile::tempdir().unwrap();
    let first = store(folder.path());
    csv(&first, "id\nm1\n");
    let path = folder.path().join("fleet.db");
    assert!(matches!(Store::open(&path), Err(StoreError::InUse(_))));
    drop(first);
    assert_eq!(store(folder.path()).count(&Query::default()).unwrap(), 1);
    let set = |pragma: &str, value: i64| {
        let connection = rusqlite::Connection::open(&path).expect("the file");
        connection.pragma_update(None, pragma, value).expect("it is set");
    };
    set("user_version", 999);
    let newer = Store::open(&path).expect_err("refused");
    assert!(matches!(newer, StoreError::Newer { found: 999, .. }));
    assert!(newer.to_string().contains("as new as the one that wrote it"), "{newer}");
    set("application_id", 7);
    assert!(matches!(Store::open(&path), Err(StoreError::NotAStore(_))));
    std::fs::write(
        &path,
        "no database at all, but long enough for its head, at least a hundred octets".repeat(9),
    )
    .unwrap();
    assert!(matches!(Store::open(&path), Err(StoreError::Sqlite(_))));
}
