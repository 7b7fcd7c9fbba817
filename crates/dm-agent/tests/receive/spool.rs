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

async fn gone(folder: &TempDir, name: &str) {
    for _ in 0..500 {
        if !folder.path().join(name).exists() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{name} is still there");
}

#[tokio::test]
async fn a_file_is_taken_as_it_comes_and_removed_once_it_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    put(&folder, "old.wbxml", b"\x02old");
    let mut rig = start(folder.path(), "", "").await;
    let delivery = rig.next().await;
    assert_eq!((&delivery.octets[..], delivery.transport), (&b"\x02old"[..], Transport::Spool));
    assert_eq!(delivery.from, Origin::File(folder.path().join("old.wbxml")));
    gone(&folder, "old.wbxml").await;

    put(&folder, "renamed.wbxml", b"\x02renamed");
    let mut delivery = rig.deliveries.recv().await.unwrap();
    assert_eq!(delivery.octets, b"\x02renamed");
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(folder.path().join("renamed.wbxml").exists(), "it is not kept yet");
    delivery.acknowledge();
    gone(&folder, "renamed.wbxml").await;

    std::fs::write(folder.path().join("written.wbxml"), "Anc=\n").unwrap();
    assert_eq!(rig.next().await.octets, b"\x02w");
    gone(&folder, "written.wbxml").await;
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
    gone(&folder, "good.wbxml").await;
    assert!(folder.path().join("done/good.wbxml").exists());
    for name in ["large.wbxml", "text.wbxml", "link.wbxml"] {
        gone(&folder, name).await;
        assert!(folder.path().join("refused").join(name).symlink_metadata().is_ok(), "{name}");
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
    assert!(folder.path().join("a.wbxml").exists());
    assert_eq!(rig.next().await.octets, b"\x02a");
    gone(&folder, "a.wbxml").await;
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
