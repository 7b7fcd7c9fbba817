//! Files that may be taken, and others.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::*;

fn own() -> u32 {
    rustix::process::geteuid().as_raw()
}

fn read_as(path: &Path, security: &SpoolSecurity) -> Look {
    let folder = File::open(path.parent().unwrap()).unwrap();
    read(&folder.into(), path.file_name().unwrap(), security, 9).unwrap()
}

fn look(path: &Path) -> Look {
    read_as(path, &SpoolSecurity::Owner(vec![own()]))
}

fn look_at(octets: &[u8]) -> Look {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.wbxml");
    std::fs::write(&path, octets).unwrap();
    look(&path)
}

#[test]
fn octets_are_taken_as_they_are_and_text_as_base64() {
    for octets in [&b"\x02\xA4\x01\x6A\x00"[..], b"AqQBagA=", b"AqQBagA", b"AqQ\r\nBagA=\n"] {
        assert!(
            matches!(look_at(octets), Look::Message(octets) if octets == b"\x02\xA4\x01\x6A\x00")
        );
    }
    for octets in [&b"<SyncML/>"[..], b"AqQBag-_", b"A"] {
        assert!(matches!(look_at(octets), Look::Refused(Refusal::Malformed, _)));
    }
    assert!(matches!(look_at(b""), Look::Empty));
    assert!(matches!(look_at(&[2; 100]), Look::Refused(Refusal::TooLarge, _)));
}

#[test]
fn the_codes_of_a_message_are_joined_and_taken_when_all_are_there() {
    let lines = dm_push::qr::split(b"\x02\xA4\x01\x6A\x00", 2).unwrap();
    assert_eq!(lines.len(), 3);
    let text = format!("QR-Code:{}\r\n{}\n\n{}\n", lines[2], lines[0], lines[1]);
    let look = look_at(text.as_bytes());
    assert!(matches!(look, Look::Message(octets) if octets == b"\x02\xA4\x01\x6A\x00"));
    let left_out = format!("{}\n{}\n", lines[2], lines[0]);
    let look = look_at(left_out.as_bytes());
    assert!(matches!(look, Look::Refused(Refusal::Malformed, _)));
    let many = text.repeat(50);
    assert!(matches!(look_at(many.as_bytes()), Look::Refused(Refusal::TooLarge, _)));
}

#[test]
fn links_pipes_folders_and_files_of_others_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("a.wbxml"), b"\x02").unwrap();
    std::os::unix::fs::symlink(path("a.wbxml"), path("link.wbxml")).unwrap();
    std::fs::create_dir(path("folder.wbxml")).unwrap();
    let mode = Mode::from_raw_mode(0o600);
    rustix::fs::mknodat(rustix::fs::CWD, path("pipe.wbxml"), rustix::fs::FileType::Fifo, mode, 0)
        .unwrap();
    for name in ["link.wbxml", "folder.wbxml", "pipe.wbxml"] {
        assert!(matches!(look(&path(name)), Look::Refused(Refusal::Source, _)), "{name}");
    }
    let other = SpoolSecurity::Owner(vec![own() + 1]);
    let looked = read_as(&path("a.wbxml"), &other);
    assert!(matches!(looked, Look::Refused(Refusal::Source, _)));
    assert!(matches!(look(&path("a.wbxml")), Look::Message(_)));
    std::fs::set_permissions(path("a.wbxml"), PermissionsExt::from_mode(0o666)).unwrap();
    assert!(matches!(look(&path("a.wbxml")), Look::Refused(Refusal::Source, _)));
    let looked = read_as(&path("a.wbxml"), &SpoolSecurity::DangerInsecure);
    assert!(matches!(looked, Look::Message(_)));
}
