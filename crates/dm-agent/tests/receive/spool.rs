//! Messages from a folder.

use std::path::Path;
use std::time::Duration;

use dm_agent::receive::{Origin, Refusal, Transport};
use tempfile::TempDir;

use crate::rig::Rig;

fn own() -> u32 {
    std::os::unix::fs::MetadataExt::uid(
        &std::fs::metadata("/proc/self").expect("as the test has it"),
    )
}

async fn start(folder: &Path, limits: &str, keys: &str) -> Rig {
    let spool =
        format!("[[spool]]\nfolder = {folder:?}\nsecurity = \"owner\"\nowners = [{}]\n", own());
    Rig::start_with(limits, "127.0.0.1", &(spool + keys)).await
}

/// Writes it under another name, and gives it its own then.
fn put(folder: &TempDir, name: &str, octets: &[u8]) {
    let path = folder.path().join(name);
    std::fs::write(path.with_extension("part"), octets).expect("as the test has it");
    std::fs::rename(path.with_extension("part"), path).expect("as the test has it");
}

async fn until(what: &str, is_so: impl Fn() -> bool) {
    for _ in 0..500 {
        if is_so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("not so: {what}");
}

fn names(folder: &TempDir) -> Vec<String> {
    let entries = std::fs::read_dir(folder.path()).expect("as the test has it");
    entries.map(|it| it.expect("an entry").file_name().into_string().expect("text")).collect()
}

async fn empty(folder: &TempDir) {
    until("no file is left", || names(folder).is_empty()).await;
}

#[tokio::test]
async fn a_file_is_taken_as_it_comes_and_removed_once_it_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    put(&folder, "old.wbxml", b"\x02old");
    let mut rig = start(folder.path(), "", "").await;
    let delivery = rig.next().await;
    assert_eq!((&delivery.octets[..], delivery.transport), (&b"\x02old"[..], Transport::Spool));
    assert_eq!(delivery.from, Origin::File(folder.path().join("old.wbxml")));
    empty(&folder).await;

    put(&folder, "renamed.wbxml", b"\x02renamed");
    let mut delivery = rig.deliveries.recv().await.unwrap();
    assert_eq!(delivery.octets, b"\x02renamed");
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(names(&folder), [".taking-0-renamed.wbxml"], "it is not kept yet");
    delivery.acknowledge();
    empty(&folder).await;

    std::fs::write(folder.path().join("written.wbxml"), "Anc=\n").unwrap();
    assert_eq!(rig.next().await.octets, b"\x02w");
    empty(&folder).await;
}

#[tokio::test]
async fn a_file_that_takes_the_name_of_one_that_is_being_kept_is_taken_too() {
    let folder = tempfile::tempdir().unwrap();
    let mut rig = start(folder.path(), "", "").await;
    put(&folder, "a.wbxml", b"\x02one");
    let mut first = rig.deliveries.recv().await.unwrap();
    assert_eq!(first.octets, b"\x02one");
    put(&folder, "a.wbxml", b"\x02two");
    first.acknowledge();
    assert_eq!(rig.next().await.octets, b"\x02two");
    empty(&folder).await;
}

#[tokio::test]
async fn what_was_being_kept_at_the_last_stop_is_taken_at_the_start_beside_its_namesake() {
    let folder = tempfile::tempdir().unwrap();
    put(&folder, ".taking-0-a.wbxml", b"\x02one");
    put(&folder, "a.wbxml", b"\x02two");
    let mut rig = start(folder.path(), "", "keep = true\n").await;
    let mut taken = [rig.next().await, rig.next().await].map(|delivery| delivery.octets);
    taken.sort();
    assert_eq!(taken, [b"\x02one", b"\x02two"]);
    let done = folder.path().join("done/a.wbxml");
    until("both are done", || std::fs::read(&done).is_ok_and(|octets| octets == b"\x02two")).await;
    assert_eq!(names(&folder), ["done"]);
}

#[tokio::test]
async fn more_files_than_are_remembered_are_all_taken_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..1100 {
        put(&folder, &format!("{number}.wbxml"), b"\x02x");
        put(&folder, &format!("{number}-empty.wbxml"), b"");
    }
    let mut rig = start(folder.path(), "", "").await;
    for _ in 0..1100 {
        rig.next().await;
    }
}

#[tokio::test]
async fn a_link_in_place_of_a_folder_leads_nowhere() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::os::unix::fs::symlink(other.path(), folder.path().join("refused")).unwrap();
    let mut rig = start(folder.path(), "", "").await;
    put(&folder, "a.wbxml", b"<SyncML/>");
    rig.refused(Refusal::Malformed, 1).await;
    put(&folder, "b.wbxml", b"\x02b");
    assert_eq!(rig.next().await.octets, b"\x02b");
    assert_eq!(names(&other), [""; 0]);
}

#[tokio::test]
async fn a_file_that_is_written_slowly_is_taken_whole() {
    use std::io::Write;
    let folder = tempfile::tempdir().unwrap();
    let mut rig = start(folder.path(), "", "").await;
    let mut file = std::fs::File::create(folder.path().join("slow.wbxml")).unwrap();
    for part in [b"\x02a", b"bc", b"de"] {
        file.write_all(part).unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(rig.deliveries.try_recv().is_err());
    drop(file);
    assert_eq!(rig.next().await.octets, b"\x02abcde");
}

#[tokio::test]
async fn what_can_be_no_message_is_put_aside_and_other_files_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mut rig = start(folder.path(), "message = \"64 B\"", "keep = true\n").await;
    put(&folder, "large.wbxml", &[2; 65]);
    put(&folder, "text.wbxml", b"<SyncML/>");
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("l.part")).unwrap();
    std::fs::rename(folder.path().join("l.part"), folder.path().join("link.wbxml")).unwrap();
    put(&folder, ".hidden.wbxml", b"\x02hidden");
    put(&folder, "notes.txt", b"\x02notes");
    put(&folder, "good.wbxml", b"\x02good");
    assert_eq!(rig.next().await.octets, b"\x02good");
    for at in ["done/good.wbxml", "refused/large.wbxml", "refused/text.wbxml", "refused/link.wbxml"]
    {
        until(at, || folder.path().join(at).symlink_metadata().is_ok()).await;
    }
    assert!(
        folder.path().join(".hidden.wbxml").exists() && folder.path().join("notes.txt").exists()
    );
    rig.refused(Refusal::TooLarge, 1).await;
    rig.refused(Refusal::Malformed, 1).await;
    rig.refused(Refusal::Source, 1).await;
    assert_eq!(rig.receivers.tally().accepted(), 1);
}

#[tokio::test]
async fn a_file_waits_while_there_is_no_room_and_when_it_cannot_be_kept() {
    let folder = tempfile::tempdir().unwrap();
    let mut rig = start(folder.path(), "", "").await;
    put(&folder, "a.wbxml", b"\x02a");
    drop(rig.deliveries.recv().await.unwrap());
    rig.refused(Refusal::NotKept, 1).await;
    assert_eq!(names(&folder), [".taking-0-a.wbxml"]);
    assert_eq!(rig.next().await.octets, b"\x02a");
    empty(&folder).await;
}

#[tokio::test]
async fn a_folder_that_goes_is_waited_for() {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("spool");
    std::fs::create_dir(&path).unwrap();
    let mut rig = start(&path, "", "").await;
    std::fs::remove_dir(&path).unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    std::fs::create_dir(&path).unwrap();
    std::fs::write(path.join("a.wbxml"), b"\x02a").unwrap();
    assert_eq!(rig.next().await.octets, b"\x02a");
}

#[tokio::test]
async fn too_many_files_at_once_are_taken_at_the_rate() {
    let folder = tempfile::tempdir().unwrap();
    let mut rig = start(folder.path(), "rate = \"10/s\"\nburst = 1", "").await;
    let start = std::time::Instant::now();
    for number in 0..4 {
        put(&folder, &format!("{number}.wbxml"), b"\x02x");
    }
    for _ in 0..4 {
        rig.next().await;
    }
    assert!(start.elapsed() >= Duration::from_millis(300), "{:?}", start.elapsed());
    rig.refused(Refusal::Rate, 0).await;
}
