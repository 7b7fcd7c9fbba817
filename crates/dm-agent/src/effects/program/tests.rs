use std::time::Instant;

use rustix::thread::{CapabilitySet, capabilities, set_capabilities};

use super::*;
use crate::effects::left_out;

fn shell(script: &str, timeout: u64) -> Program {
    let argv = ["/bin/sh", "-c", script].map(str::to_owned).to_vec();
    Program { argv, timeout: Duration::from_millis(timeout), user: None }
}

#[tokio::test]
async fn a_program_gets_its_input_and_nothing_of_the_environment_but_the_path() {
    let own = "cat; env | grep -v '^PWD\\|^SHLVL\\|^_=' | cut -d= -f1; pwd";
    let said = run(&shell(own, 9_000), None, b"in\n").await;
    assert_eq!(said.unwrap(), "in\nPATH\n/");
}

#[tokio::test]
async fn a_failure_says_the_status_and_what_was_said() {
    let said = run(&shell("echo out; echo err >&2; exit 3", 9_000), None, b"").await.unwrap_err();
    let said = said.to_string();
    assert!(said.starts_with("exit status: 3: ") && said.contains("out") && said.contains("err"));
    let none = Program { argv: vec!["/no/such".into()], ..shell("", 9) };
    let said = run(&none, None, b"").await.unwrap_err().to_string();
    assert!(said.starts_with("/no/such cannot be started: "), "{said}");
}

#[tokio::test]
async fn only_the_first_of_much_output_is_kept_and_the_rest_does_not_stop_it() {
    let much = shell("head -c 300000 /dev/zero | tr '\\0' x; echo >&2 done", 9_000);
    assert_eq!(run(&much, None, b"").await.unwrap().len(), KEPT);
    let input = vec![b'x'; 1 << 20];
    assert_eq!(run(&shell("echo deaf", 9_000), None, &input).await.unwrap(), "deaf");
}

#[tokio::test]
async fn one_that_hangs_is_killed_with_what_it_started() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pid");
    let script = format!("sleep 77 & echo $! > {}; echo waiting; wait", file.display());
    let start = Instant::now();
    let said = run(&shell(&script, 400), None, b"").await.unwrap_err().to_string();
    assert_eq!(said, "killed: it had not ended after 400 ms: waiting");
    assert!(start.elapsed() < Duration::from_secs(5));
    let child = std::fs::read_to_string(&file).unwrap();
    let status = format!("/proc/{}/status", child.trim());
    for _ in 0..300 {
        match std::fs::read_to_string(&status) {
            Ok(text) if !text.contains("State:\tZ") => {
                std::thread::sleep(Duration::from_millis(10))
            }
            _ => return,
        }
    }
    panic!("what it started lives on");
}

#[tokio::test]
async fn what_is_left_running_does_not_hold_it() {
    let start = Instant::now();
    let said = run(&shell("sleep 4 & echo done", 9_000), None, b"").await.unwrap();
    assert_eq!(said, "done");
    assert!(start.elapsed() < Duration::from_secs(3), "it was waited for");
}

#[tokio::test]
async fn one_that_leaves_its_group_is_killed_all_the_same() {
    let script = "setpgrp(0, getpgrp(getppid)); $| = 1; print qq(away\\n); sleep 9";
    let argv = ["/usr/bin/perl", "-e", script].map(str::to_owned).to_vec();
    let start = Instant::now();
    let program = Program { argv, ..shell("", 1_000) };
    let said = run(&program, None, b"").await.unwrap_err().to_string();
    assert_eq!(said, "killed: it had not ended after 1000 ms: away");
    assert!(start.elapsed() < Duration::from_secs(5), "it was waited for");
}

#[tokio::test]
async fn one_that_cannot_be_killed_is_said_to_go_on_and_not_waited_for() {
    if !rustix::process::geteuid().is_root() {
        left_out::skipped("only root can start what it may not kill");
        return;
    }
    let mut sets = capabilities(None).unwrap();
    sets.effective.remove(CapabilitySet::KILL);
    set_capabilities(None, sets).unwrap(); // of this thread
    let (nobody, start) = (Ids { uid: 65_534, gid: 65_534 }, Instant::now());
    let said = run(&shell("exec sleep 4", 300), Some(nobody), b"").await.unwrap_err().to_string();
    assert_eq!(said, "it had not ended after 300 ms and cannot be killed: it goes on");
    assert!(start.elapsed() < Duration::from_secs(3), "it was waited for");
}
