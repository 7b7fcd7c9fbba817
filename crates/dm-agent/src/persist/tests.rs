use dm_tree::{Changes, Rules, Transaction, Tree};

use super::*;

mod disk;
mod power_loss;
mod rig;
mod window;

/// A folder in which one node and one journal entry are kept.
fn state() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut store = RedbStore::create(folder.path()).unwrap();
    let (mut tree, rules) = (Tree::new(), Rules::default());
    let mut transaction = Transaction::local(&mut tree, &rules);
    transaction.add(Uri::parse("./A").unwrap(), Node::text("1")).unwrap();
    let changes = transaction.commit(None);
    let records: &[(&str, Option<&[u8]>)] = &[("key", Some(b"7"))];
    store.commit(&Commit { changes: &changes, records, journal: b"one", durable: true }).unwrap();
    folder
}

fn fault(folder: &Path) -> String {
    RedbStore::open(folder).unwrap_err().to_string()
}

#[test]
fn what_is_kept_is_there_again() {
    let folder = state();
    for _ in 0..2 {
        let store = RedbStore::create(folder.path()).unwrap();
        let nodes = store.nodes().unwrap();
        assert_eq!((nodes.len(), nodes[0].0.as_str()), (1, "./A"));
        assert_eq!(store.record("key").unwrap().as_deref(), Some(&b"7"[..]));
        assert_eq!(store.record("other").unwrap(), None);
        assert_eq!(store.numbered_journal().unwrap(), [(1, b"one".to_vec())]);
    }
    let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().flatten().collect();
    assert_eq!(files.len(), 1, "{files:?}");
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_state_is_its_owners_alone() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("new");
    drop(RedbStore::create(&state).unwrap());
    assert_eq!((mode(&state), mode(&state.join(FILE))), (0o700, 0o600));
    // One that an earlier version left open to all is closed when it is used.
    let file = state.join(FILE);
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    drop(RedbStore::open(&state).unwrap());
    assert_eq!(mode(&file), 0o600);
}

#[test]
fn an_empty_store_has_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = RedbStore::create(&folder.path().join("a/b")).unwrap();
    assert!(store.nodes().unwrap().is_empty() && store.journal().unwrap().is_empty());
    assert_eq!(store.record("key").unwrap(), None);
}

#[test]
fn a_folder_is_held_by_one_process_at_a_time() {
    let folder = state();
    let held = RedbStore::open(folder.path()).unwrap();
    for again in [RedbStore::open(folder.path()), RedbStore::create(folder.path())] {
        assert!(matches!(again, Err(PersistError::InUse(_))), "{again:?}");
    }
    drop(held);
    RedbStore::open(folder.path()).unwrap();
}

#[test]
fn what_is_no_state_folder_is_said_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let inside = |name: &str| folder.path().join(name);
    std::fs::create_dir(inside("empty")).unwrap();
    std::fs::create_dir(inside("garbage")).unwrap();
    std::fs::write(inside("garbage").join(FILE), [7; 9_000]).unwrap();
    std::fs::create_dir(inside("nothing")).unwrap();
    std::fs::write(inside("nothing").join(FILE), []).unwrap();
    std::fs::write(inside("file"), b"x").unwrap();
    for name in ["missing", "empty", "garbage", "nothing", "file"] {
        assert!(fault(&inside(name)).ends_with("it has no readable state.redb"), "{name}");
    }
    assert!(!inside("missing").exists() && !inside("empty").join(FILE).exists());
    assert_eq!(std::fs::read(inside("garbage").join(FILE)).unwrap(), [7; 9_000]);
    assert!(RedbStore::create(&inside("garbage")).is_err());
    assert!(RedbStore::create(&inside("file")).is_err());
}

#[test]
fn a_file_that_was_cut_off_is_damaged_or_no_state() {
    let folder = state();
    let whole = std::fs::read(folder.path().join(FILE)).unwrap();
    let step = whole.len() / 40;
    for length in (0..300).step_by(17).chain((300..whole.len()).step_by(step)) {
        std::fs::write(folder.path().join(FILE), &whole[..length]).unwrap();
        let error = RedbStore::open(folder.path()).unwrap_err();
        let said = matches!(error, PersistError::NotAState(_) | PersistError::Damaged { .. });
        assert!(said, "{length}: {error:?}");
    }
}

#[test]
fn a_file_that_was_changed_is_never_believed() {
    let folder = state();
    let whole = std::fs::read(folder.path().join(FILE)).unwrap();
    let contents = rig::contents(&RedbStore::open(folder.path()).unwrap());
    let mut damaged = 0;
    for at in (0..whole.len()).step_by(37) {
        let mut changed = whole.clone();
        changed[at] ^= 0x41;
        match rig::try_open(&disk::Disk::of(changed)) {
            Ok(store) => assert!(rig::contents(&store) == contents, "octet {at}"), // nobody uses it
            Err(PersistError::Damaged { .. } | PersistError::NotAState(_)) => damaged += 1,
            Err(error) => panic!("octet {at}: {error}"),
        }
    }
    assert!(damaged > 10, "{damaged}");
}

#[test]
fn the_journal_forgets_its_oldest_entries() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = RedbStore::create(folder.path()).unwrap();
    let changes = Changes::default();
    for number in 0..JOURNAL_ENTRIES + 5 {
        let journal = &number.to_be_bytes();
        store.commit(&Commit { changes: &changes, records: &[], journal, durable: false }).unwrap();
    }
    drop(store); // in order: what was not durable is kept
    let journal = RedbStore::open(folder.path()).unwrap().numbered_journal().unwrap();
    assert_eq!(journal.len() as u64, JOURNAL_ENTRIES);
    assert_eq!(journal[0], (6, 5_u64.to_be_bytes().to_vec()));
}

#[test]
fn a_node_that_cannot_be_read_is_named() {
    let folder = state();
    let store = RedbStore::open(folder.path()).unwrap();
    let transaction = store.reader.database.begin_write().unwrap();
    transaction.open_table(NODES).unwrap().insert("./A", &b"?"[..]).unwrap();
    transaction.commit().unwrap();
    let error = store.nodes().unwrap_err().to_string();
    assert!(error.starts_with("the node ./A in ") && error.contains("is damaged"), "{error}");
}

/// A flood of refusals: entries of the same length, none of them durable by itself.
#[test]
fn a_flood_of_refusals_does_not_make_the_file_grow() {
    let folder = state();
    let mut store = RedbStore::open(folder.path()).unwrap();
    let size = || std::fs::metadata(folder.path().join(FILE)).unwrap().len();
    let mut flood = |entries: u32| {
        let (changes, entry) = (Changes::default(), [b'x'; 400]);
        for _ in 0..entries {
            let commit =
                Commit { changes: &changes, records: &[], journal: &entry, durable: false };
            store.commit(&commit).unwrap();
        }
        size()
    };
    let full = flood(2_000); // the journal has its thousand entries, and has begun to drop them
    assert!(flood(6_000) <= full * 2, "{full}, then {}", size());
}

#[test]
fn a_damaged_file_is_put_aside_and_a_good_one_never_is() {
    let folder = state();
    let file = folder.path().join(FILE);
    assert_eq!(RedbStore::put_damaged_aside(folder.path()).unwrap(), None);
    let whole = std::fs::read(&file).unwrap();
    for (number, damaged) in [(1, &whole[..whole.len() / 2]), (2, &[7; 9_000][..])] {
        std::fs::write(&file, damaged).unwrap();
        assert!(RedbStore::create(folder.path()).is_err(), "never made anew by itself");
        let aside = RedbStore::put_damaged_aside(folder.path()).unwrap().unwrap();
        assert_eq!(aside, folder.path().join(format!("{FILE}.damaged-{number}")));
        assert_eq!((std::fs::read(&aside).unwrap(), file.exists()), (damaged.to_vec(), false));
        assert_eq!(RedbStore::put_damaged_aside(folder.path()).unwrap(), None, "none is there");
    }
    let held = RedbStore::create(folder.path()).unwrap();
    let again = RedbStore::put_damaged_aside(folder.path());
    assert!(matches!(again, Err(PersistError::InUse(_))), "{again:?}");
    drop(held);
    assert!(file.exists());
}
