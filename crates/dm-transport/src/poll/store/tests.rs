use std::time::Duration;

use super::*;

struct Rig {
    folder: tempfile::TempDir,
    came: Arc<Mutex<Vec<(String, u64)>>>,
}

impl Rig {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder"), came: Arc::default() }
    }

    fn open(&self) -> Store {
        let came = self.came.clone();
        let came = move |device: &str, message: Message| {
            came.lock().expect("a lock").push((device.to_owned(), message.seq));
        };
        Store::open(&self.folder.path().join("m.redb"), 3, Box::new(came)).expect("a store")
    }
}

fn put(device: &str, id: &str, until: u64) -> Put {
    let id = PushId::new(id).expect("an id");
    Put { device: device.into(), octets: id.as_str().as_bytes().into(), id, until }
}

#[tokio::test]
async fn what_was_taken_is_there_after_a_restart_and_numbers_rise() {
    let rig = Rig::new();
    let store = rig.open();
    let first = store.put(put("a", "one", u64::MAX)).await.unwrap();
    let second = store.put(put("a", "two", u64::MAX)).await.unwrap();
    assert!(first < second && store.next() == second + 1);
    assert_eq!(store.put(put("a", "one", u64::MAX)).await.unwrap(), first, "it is there already");
    drop(store);
    let store = rig.open();
    let message = store.behind("a", 0, 9).unwrap().unwrap();
    assert_eq!((message.seq, &message.octets[..]), (first, &b"one"[..]));
    assert_eq!(store.behind("a", first, 9).unwrap().unwrap().seq, second);
    assert_eq!(store.behind("a", second, 9).unwrap(), None);
    assert_eq!(store.behind("b", 0, 9).unwrap(), None);
    let third = store.put(put("b", "one", u64::MAX)).await.unwrap();
    assert!(third > second);
    let came = rig.came.lock().unwrap().clone();
    assert_eq!(came, [("a".into(), first), ("a".into(), second), ("b".into(), third)]);
}

#[tokio::test]
async fn what_is_removed_is_gone_and_its_place_is_free() {
    let rig = Rig::new();
    let store = rig.open();
    let mut seqs = Vec::new();
    for id in ["one", "two", "three"] {
        seqs.push(store.put(put("a", id, 5)).await.unwrap());
    }
    assert!(matches!(store.put(put("a", "four", 5)).await, Err(NotPut::Full)));
    assert!(store.put(put("b", "four", 5)).await.is_ok(), "the mailbox of another");
    let had = store.up_to("a", seqs[1]).unwrap();
    assert_eq!(had.iter().map(|(seq, _)| *seq).collect::<Vec<_>>(), seqs[..2]);
    assert!(store.remove(vec![("a".into(), seqs[0]), ("a".into(), seqs[0])]).await);
    assert!(
        store.put(put("a", "one", 5)).await.unwrap() > seqs[2],
        "one that was given up to there"
    );
    assert_eq!(store.over(5, 9).unwrap().len(), 4);
}

#[tokio::test]
async fn what_is_over_is_not_given_and_is_found() {
    let rig = Rig::new();
    let store = rig.open();
    let first = store.put(put("a", "one", 1_000)).await.unwrap();
    let second = store.put(put("a", "two", u64::MAX)).await.unwrap();
    assert_eq!(store.behind("a", 0, 999).unwrap().unwrap().seq, first);
    assert_eq!(store.behind("a", 0, 1_000).unwrap().unwrap().seq, second);
    assert_eq!(store.over(999, 9).unwrap(), []);
    let over = store.over(1_000, 9).unwrap();
    assert_eq!(over, [("a".into(), first, PushId::new("one").unwrap())]);
}

#[tokio::test]
async fn a_sender_that_gives_up_leaves_one_message_and_not_two() {
    let rig = Rig::new();
    let store = rig.open();
    for _ in 0..5 {
        let sending = store.put(put("a", "one", u64::MAX));
        let _ = tokio::time::timeout(Duration::ZERO, sending).await;
    }
    store.put(put("a", "one", u64::MAX)).await.unwrap();
    assert_eq!(store.up_to("a", u64::MAX).unwrap().len(), 1);
}
