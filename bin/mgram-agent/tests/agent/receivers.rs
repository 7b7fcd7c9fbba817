//! Messages that come by other ways than a listener, from the transport to the tree.

use std::os::unix::fs::MetadataExt;

use super::device::Device;
use super::message::sealed;

#[test]
fn a_file_in_the_spool_folder_is_carried_out_and_goes() {
    let folder = tempfile::tempdir().expect("a folder");
    let owner = std::fs::metadata(folder.path()).expect("there").uid();
    let first = folder.path().join("first.wbxml");
    std::fs::write(&first, sealed(1)).expect("written");
    let device = Device::new();
    device.configure(&format!(
        "[[spool]]\nfolder = {:?}\nsecurity = \"owner\"\nowners = [{owner}]\n",
        folder.path()
    ));
    let mut agent = device.start();
    agent.wait_for(" accepted from=spool", 1);
    std::fs::write(folder.path().join("second.part"), sealed(2)).expect("written");
    std::fs::rename(folder.path().join("second.part"), folder.path().join("second.wbxml"))
        .expect("renamed");
    agent.wait_for(" accepted from=spool", 2);
    assert_eq!(agent.signal("TERM").code(), Some(0));
    let kept = device.kept();
    assert_eq!((kept.left.as_str(), kept.accepted, kept.refused), ("2", 2, 0));
    assert!(!first.exists());
}
