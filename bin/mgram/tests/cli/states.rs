//! State folders that are none, that are damaged, or that somebody holds.

use dm_agent::persist::RedbStore;

use super::bench::{Bench, provision};

const NONE: &[&str] = &["is not a state folder", "mgram provision"];

fn uses(state: &str) -> [Vec<&str>; 4] {
    [
        vec!["open", "set.wbxml", state],
        vec!["open", "set.wbxml", state, "--dry-run"],
        vec!["tree", state],
        vec!["journal", state],
    ]
}

#[test]
fn what_is_no_state_folder_is_said() {
    let bench = Bench::ready();
    for folder in ["empty", "garbage", "blank"] {
        std::fs::create_dir(bench.file(folder)).expect("made");
    }
    bench.write("garbage/state.redb", [0xa5; 70_000]);
    bench.write("blank/state.redb", "");
    for state in ["none", "empty", "garbage", "blank", "set.xml", "st/state.redb"] {
        for arguments in uses(state) {
            bench.fails(2, &arguments, &[NONE, &[state]].concat());
        }
    }
    let words = ["is not a state folder", "choose a folder that is empty"];
    for state in ["garbage", "blank", "set.xml"] {
        bench.fails(2, &provision(state, "op", &[]), &words);
    }
}

#[test]
fn a_state_file_that_was_cut_off_or_changed_is_damaged() {
    let bench = Bench::ready();
    let whole = bench.read("st/state.redb");
    let words = ["the state in st is damaged", "put a copy back, or provision the device anew"];
    for length in [200, 4_096, whole.len() / 2, whole.len() - 4_096] {
        bench.write("st/state.redb", &whole[..length]);
        for arguments in uses("st") {
            bench.fails(1, &arguments, &words);
        }
        bench.fails(1, &provision("st", "pa", &[]), &words);
    }
    let mut found = 0;
    for at in (0..whole.len()).step_by(1_999) {
        let mut changed = whole.clone();
        changed[at..(at + 60).min(whole.len())].fill(0x5a);
        bench.write("st/state.redb", changed);
        let said = bench.run(&["tree", "st"]);
        match said.code {
            0 => {} // a page that nothing uses
            code @ (1 | 2) => {
                said.is_one_clear_error(code, &["tree", "st"], &["st"]);
                found += 1;
            }
            _ => panic!("octet {at}: {said:?}"),
        }
    }
    assert!(found > 3, "{found}");
}

#[test]
fn a_state_folder_in_use_is_left_alone() {
    let bench = Bench::ready();
    let held = RedbStore::open(&bench.file("st")).expect("free");
    let words = ["st is in use by another process", "stop the agent"];
    for arguments in uses("st") {
        bench.fails(1, &arguments, &words);
    }
    bench.fails(1, &provision("st", "pa", &[]), &words);
    drop(held);
    bench.done(&["open", "set.wbxml", "st"]);
}

#[test]
fn a_state_without_a_device_is_said() {
    let bench = Bench::ready();
    drop(RedbStore::create(&bench.file("new")).expect("made"));
    bench.fails(1, &["tree", "new"], &["no ./DevInfo/DevId", "new", "mgram provision"]);
    bench.done(&provision("new", "op", &[]));
    bench.done(&["tree", "new"]);
}

#[test]
fn a_node_that_is_not_there_is_said() {
    let bench = Bench::ready();
    bench.fails(1, &["tree", "st", "./None"], &["no such node", "./None", "mgram tree st"]);
    for uri in ["./a//b", "", "./a/"] {
        bench.fails(2, &["tree", "st", uri], &["empty segment", "write it like ./A/B"]);
    }
}

#[test]
fn a_configuration_that_does_not_fit_is_said() {
    let bench = Bench::ready();
    let open = |config| ["open", "set.wbxml", "st", "--config", config];
    bench.write("other.toml", "device_id = \"urn:imei:9\"\nstate = \"x\"\n");
    bench.fails(1, &open("other.toml"), &["urn:imei:9", "st", "correct"]);
    bench.write("bad.toml", "device_id = \"d\"\nstat = \"x\"\n");
    bench.fails(2, &open("bad.toml"), &["bad.toml:2:1: unknown field `stat`"]);
    bench.write("uri.toml", "device_id = \"d\"\nstate = \"x\"\n[tree]\npermanent = [\"./a//b\"]\n");
    bench.fails(2, &open("uri.toml"), &["tree.permanent", "./a//b", "uri.toml"]);
    bench.fails(2, &open("none.toml"), &["there is no such file", "none.toml"]);
}

#[test]
fn a_state_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Bench::ready();
    let mode = |name: &str| {
        let metadata = std::fs::metadata(bench.file(name)).expect("provisioned");
        metadata.permissions().mode() & 0o777
    };
    bench.done(&provision("new", "op", &[]));
    assert_eq!((mode("new"), mode("new/state.redb")), (0o700, 0o600));
    assert_eq!((mode("op/key.pem"), mode("op/cert.pem")), (0o600, 0o644));
}
