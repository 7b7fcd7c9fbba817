//! What an agent does after a message: programs, files, Exec, a session of its own.

use std::path::Path;
use std::time::{Duration, Instant};

use dm_client::EffectResult;
use serde_json::{Value, json};

use super::device::{Device, LISTENERS};
use super::message::{OPERATOR, sealed, sealed_body};
use super::process::{Process, program, run};

/// An effect that runs a script of the shell.
fn shell(name: &str, trigger: &str, script: &str, rest: &str) -> String {
    format!(
        "[[effect]]\nname = \"{name}\"\n{trigger}\nrun = [\"/bin/sh\", \"-c\", {script:?}]\n{rest}\n"
    )
}

/// A device with effects, whose scripts find this file's path in place of OUT.
fn device(effects: &dyn Fn(&str) -> String) -> Device {
    let device = Device::new();
    let out = device.path("out").to_str().expect("UTF-8").to_owned();
    device.configure(&(effects(&out) + LISTENERS));
    device
}

fn lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).expect("written");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn stop(agent: Process) {
    assert_eq!(agent.signal("TERM").code(), Some(0));
}

#[test]
fn a_program_runs_after_a_message_that_changed_its_nodes_and_is_told_what_they_hold() {
    let device = device(&|out| {
        shell("meter", "on = [\"./Meter\"]", &format!("cat >> {out}; echo heard"), "")
            + &shell("other", "on = [\"./Met\", \"./NAP\"]", &format!("echo wrong >> {out}"), "")
    });
    let mut agent = device.start();
    agent.push(&sealed(7));
    agent.wait_for("effect done", 1);
    stop(agent);
    let [told] = &lines(&device.path("out"))[..] else { panic!("not one run") };
    let node = |name: &str| json!({"uri": format!("./Meter/{name}"), "change": "replaced", "format": "chr", "value": "7"});
    assert_eq!(told["changed"], json!([node("Left"), node("Right")]));
    assert_eq!((&told["effect"], &told["server_id"]), (&json!("meter"), &json!(OPERATOR)));
    assert!(told["time"].is_u64() && told["is_cut"] == json!(false), "{told}");
    let [entry] = &device.effects()[..] else { panic!("not one entry") };
    assert_eq!(
        (entry.effect.as_str(), entry.result, entry.attempt),
        ("meter", EffectResult::Done, 1)
    );
    assert_eq!((entry.what.as_deref(), entry.server_id.as_str()), (Some("heard"), OPERATOR));
    stop(device.start());
    assert_eq!(lines(&device.path("out")).len(), 1, "it was settled");
}

#[test]
fn a_program_that_fails_comes_again_and_the_journal_says_so() {
    let script = |out: &str| {
        format!("echo {{}} >> {out}; [ $(wc -l < {out}) -ge 3 ] || {{ echo no; exit 4; }}")
    };
    let device =
        device(&|out| shell("meter", "on = [\"./Meter\"]", &script(out), "retry = \"20 ms\""));
    let mut agent = device.start();
    agent.push(&sealed(1));
    agent.wait_for("effect done", 1);
    stop(agent);
    let entries = device.effects();
    let results: Vec<_> = entries.iter().map(|entry| (entry.result, entry.attempt)).collect();
    assert_eq!(
        results,
        [(EffectResult::Failed, 1), (EffectResult::Failed, 2), (EffectResult::Done, 3)]
    );
    assert_eq!(entries[0].what.as_deref(), Some("exit status: 4: no"));
    assert_eq!(device.kept().left, "1", "the tree stays");
}

#[test]
fn a_program_that_hangs_is_killed_and_given_up_while_messages_go_on() {
    let rest = "timeout = \"300 ms\"\nattempts = 2\nretry = \"10 ms\"";
    let device = device(&|_| shell("meter", "on = [\"./Meter/Left\"]", "sleep 50", rest));
    let mut agent = device.start();
    let start = Instant::now();
    agent.push(&sealed(1));
    agent.wait_for(" accepted from=", 1);
    let others = sealed_body(2, &alert("1100"));
    agent.push(&others);
    agent.wait_for(" accepted from=", 2);
    assert!(start.elapsed() < Duration::from_secs(20));
    assert!(!agent.log().contains("effect given up"), "the second message has waited");
    agent.wait_for("effect given up", 1);
    stop(agent);
    let entries = device.effects();
    let results: Vec<_> = entries.iter().map(|entry| entry.result).collect();
    assert_eq!(results, [EffectResult::Failed, EffectResult::GivenUp]);
    let what = entries[1].what.as_deref();
    assert_eq!(what, Some("killed: it had not ended after 300 ms"));
}

#[test]
fn what_a_killed_agent_owes_is_done_after_the_next_start() {
    // The first run waits for a file that is not there: the agent dies with the effect open.
    let script = |out: &str| format!("[ -e {out}.go ] || exec sleep 5; cat >> {out}");
    let device = device(&|out| shell("meter", "on = [\"./Meter\"]", &script(out), ""));
    let mut agent = device.start();
    agent.push(&sealed(5));
    agent.wait_for(" accepted from=", 1);
    agent.kill();
    assert!(!device.path("out").exists() && device.effects().is_empty());
    std::fs::write(device.path("out.go"), "").expect("written");
    let mut agent = device.start();
    agent.wait_for("effect done", 1);
    stop(agent);
    let [told] = &lines(&device.path("out"))[..] else { panic!("not one run") };
    assert_eq!(told["changed"][0]["value"], json!("5"));
}

#[test]
fn messages_that_come_while_a_program_runs_are_told_in_one_run() {
    let script = |out: &str| format!("cat >> {out}; while [ ! -e {out}.go ]; do sleep 0.05; done");
    let device = device(&|out| shell("meter", "on = [\"./Meter\"]", &script(out), ""));
    let mut agent = device.start();
    (1..=4).for_each(|number| agent.push(&sealed(number)));
    agent.wait_for(" accepted from=", 4);
    std::fs::write(device.path("out.go"), "").expect("written");
    agent.wait_for("effect done", 2);
    stop(agent);
    let told = lines(&device.path("out"));
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!(told[1]["changed"][0]["value"], json!("4"), "the tree is the truth");
}

fn exec(cmd_id: u8, node: &str, data: &str) -> String {
    format!(
        "<Exec><CmdID>{cmd_id}</CmdID><Correlator>c-{cmd_id}</Correlator><Item><Target><LocURI>\
         ./Meter/{node}</LocURI></Target><Data>{data}</Data></Item></Exec>"
    )
}

fn alert(code: &str) -> String {
    format!(
        "<Alert><CmdID>8</CmdID><Data>{code}</Data><Item><Data>https://evil.example/</Data></Item>\
         </Alert>"
    )
}

#[test]
fn each_exec_of_its_node_runs_the_program_and_others_are_refused() {
    let device =
        device(&|out| shell("left", "exec = \"./Meter/Left\"", &format!("cat >> {out}"), ""));
    let mut agent = device.start();
    let body = exec(1, "Left", "a") + &exec(2, "Right", "b") + &exec(3, "Left", "c");
    agent.push(&sealed_body(1, &body));
    agent.wait_for("effect done", 2);
    assert!(agent.log().contains("commands=3 failed=1"), "{}", agent.log());
    stop(agent);
    let told: Vec<_> = lines(&device.path("out")).iter().map(|it| it["exec"].clone()).collect();
    let expected = |data: &str, correlator: &str| json!({"uri": "./Meter/Left", "data": data, "correlator": correlator});
    assert_eq!(told, [expected("a", "c-1"), expected("c", "c-3")]);
    let correlators: Vec<_> = device.effects().into_iter().map(|it| it.correlator).collect();
    assert_eq!(correlators, [Some("c-1".to_owned()), Some("c-3".to_owned())]);
}

#[test]
fn r20_an_alert_sets_a_session_going_with_the_account_and_nothing_of_the_message() {
    let device = device(&|out| shell("dm", "session = true", &format!("cat >> {out}"), ""));
    let mut agent = device.start();
    let answer = agent.post(&sealed_body(1, &alert("1201")));
    assert_eq!(answer, 202, "the transport's own, and nothing else");
    agent.wait_for("effect done", 1);
    stop(agent);
    let [told] = &lines(&device.path("out"))[..] else { panic!("not one run") };
    let address =
        json!({"addr": "https://dm.operator.example/", "addr_type": "URI", "ports": [443]});
    assert_eq!(told["session"], json!({"uri": "./DMAcc/op", "addresses": [address]}));
    assert!(!told.to_string().contains("evil"), "{told}");
}

#[test]
fn r20_without_a_program_for_sessions_the_alert_is_not_supported() {
    let device = device(&|out| shell("meter", "on = [\"./Meter\"]", &format!("cat >> {out}"), ""));
    let mut agent = device.start();
    agent.push(&sealed_body(1, &alert("1200")));
    agent.wait_for("commands=1 failed=1", 1);
    stop(agent);
    assert!(!device.path("out").exists() && device.effects().is_empty());
}

#[test]
fn a_file_follows_the_values_of_nodes() {
    let device = device(&|out| {
        format!(
            "[[effect]]\nname = \"conf\"\non = [\"./Meter/Left\"]\nfile = {out:?}\n\
             template = \"left = {{./Meter/Left}}\\n\"\nmode = \"0640\"\n\
             [[effect]]\nname = \"none\"\non = [\"./Meter\"]\nfile = \"{out}2\"\nattempts = 1\n\
             template = \"{{./Meter/None}}\"\n"
        )
    });
    let mut agent = device.start();
    agent.wait_for("effect done", 1);
    let file = || std::fs::read_to_string(device.path("out")).expect("written");
    assert_eq!(file(), "left = 0\n", "what the maker gave it");
    agent.push(&sealed(9));
    agent.wait_for("effect done", 2);
    agent.wait_for("effect given up", 1);
    stop(agent);
    assert_eq!(file(), "left = 9\n");
    let servers: Vec<_> = device.effects().into_iter().map(|it| it.server_id).collect();
    assert_eq!(servers, ["", OPERATOR, OPERATOR]);
    assert!(!device.path("out2").exists());
    let what: Vec<_> = device.effects().into_iter().filter_map(|it| it.what).collect();
    assert!(what.iter().any(|what| what.contains("./Meter/None")), "{what:?}");
}

#[test]
fn an_effect_that_cannot_be_is_said_before_the_start() {
    let device = device(&|_| shell("meter", "on = [\"./Meter\"]", "", "user = \"no such user\""));
    let path = device.config_path();
    for command in ["check", "run"] {
        let (code, _, err) = run(&mut program(&[command, "--config", &path]));
        assert_eq!(code, 1, "{err}");
        assert!(err.contains("\"meter\"") && err.contains("\"no such user\""), "{err}");
    }
}
