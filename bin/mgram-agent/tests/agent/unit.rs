//! The unit of systemd: what it says holds together, and how much it leaves open.

use std::path::Path;
use std::process::Command;

use super::peer::all_here;
use super::process::run;

/// systemd's own opinion, where it is here: no warning, and hardly any exposure.
#[test]
fn the_unit_is_verified_and_hardened() {
    if !all_here(&["systemd-analyze"]) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let packaging = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packaging");
    let unit = std::fs::read_to_string(packaging.join("mgram-agent.service")).expect("the unit");
    assert!(
        unit.contains("ExecStart=/usr/bin/mgram-agent run --config /etc/marconigram/agent.toml\n")
    );
    let path = folder.path().join("mgram-agent.service");
    let here = unit.replace("/usr/bin/mgram-agent", env!("CARGO_BIN_EXE_mgram-agent"));
    std::fs::write(&path, here).expect("written");
    let analyze = |arguments: &[&str]| {
        run(Command::new("systemd-analyze").args(arguments).arg(&path).env("SYSTEMD_COLORS", "0"))
    };
    let (code, out, err) = analyze(&["verify", "--man=no"]);
    let said: Vec<_> = err.lines().filter(|line| line.contains("mgram-agent.service")).collect();
    assert!(code == 0 && said.is_empty(), "{out}{err}");
    // From 0, nothing is open, to 100; 15 is "OK" by its own words.
    let (code, out, err) = analyze(&["security", "--offline=true", "--threshold=15"]);
    assert_eq!(code, 0, "{out}{err}");
}
