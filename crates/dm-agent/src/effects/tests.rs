//! The runner on a real state: what is too much, what nobody follows any more.

use std::path::Path;

use dm_client::{ChangeKind, Changed, Consequence, EffectResult, Exec, JournalEntry};
use dm_mo::DevInfo;
use dm_tree::Changes;
use dm_tree::store::{Commit, Store};

use super::*;
use crate::bootstrap::Bootstrap;
use crate::persist::RedbStore;
use crate::run::{AgentClient, open};

const FOLLOWED: &str = "[[effect]]\nname = \"nap\"\non = [\"./NAP\"]\nrun = [\"/bin/true\"]\n";

fn config(state: &Path, effects: &str) -> Config {
    let text = format!("device_id = \"d\"\nstate = {state:?}\n{effects}");
    Config::parse("agent.toml".as_ref(), &text, [("", ""); 0]).unwrap()
}

/// A state in which this many messages have changed `./NAP/A`, and nothing came of it yet.
fn state(count: u64) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let [man, r#mod, dm_v, lang] = ["m", "n", "1.3", "en"].map(str::to_owned);
    let dev_info = DevInfo { dev_id: "d".into(), man, r#mod, dm_v, lang };
    Bootstrap::open(folder.path(), &dev_info).unwrap().commit().unwrap();
    let changed = vec![Changed { uri: "./NAP/A".into(), change: ChangeKind::Added }];
    let of = |number| Consequence {
        number,
        server_id: format!("srv.{number}"),
        changed: changed.clone(),
        ..Consequence::default()
    };
    write(folder.path(), (1..=count).map(of));
    folder
}

fn write(state: &Path, consequences: impl Iterator<Item = Consequence>) {
    let record =
        |it: Consequence| (format!("effect/{:020}", it.number), serde_json::to_vec(&it).unwrap());
    let records: Vec<_> = consequences.map(record).collect();
    let records: Vec<_> =
        records.iter().map(|(key, octets)| (key.as_str(), Some(octets.as_slice()))).collect();
    let changes = &Changes::default();
    let mut store = RedbStore::open(state).unwrap();
    store.commit(&Commit { changes, records: &records, journal: b"", durable: true }).unwrap();
}

fn results(client: &AgentClient) -> Vec<(EffectResult, String)> {
    let journal = client.store().journal().unwrap();
    let effect = |octets: &Vec<u8>| match JournalEntry::decode(octets)? {
        JournalEntry::Effect(entry) => Some((entry.result, entry.server_id)),
        JournalEntry::Message(_) => None,
    };
    journal.iter().filter_map(effect).collect()
}

#[tokio::test]
async fn of_too_many_the_oldest_are_given_up_and_one_run_does_for_the_rest() {
    let folder = state(1_026);
    let config = config(folder.path(), FOLLOWED);
    let mut client = open(&config).unwrap();
    let mut runner = Runner::new(&config, tokio::runtime::Handle::current()).unwrap();
    runner.resume(&mut client).unwrap();
    let given_up = |server: &str| (EffectResult::GivenUp, server.to_owned());
    assert_eq!(results(&client), [given_up("srv.1"), given_up("srv.2")]);
    assert_eq!(client.consequences().unwrap().len(), 1_024);
    let turn = runner.next().await.unwrap();
    runner.take(&mut client, turn).unwrap();
    assert_eq!(results(&client)[2..], [(EffectResult::Done, "srv.1026".to_owned())]);
    assert_eq!(client.consequences().unwrap(), []);
}

#[tokio::test]
async fn of_too_many_octets_the_oldest_give_way_but_never_the_last() {
    let folder = state(0);
    let exec = |octets| Exec { uri: "./Boot".into(), data: "x".repeat(octets), correlator: None };
    write(
        folder.path(),
        (1..=4).map(|number| Consequence {
            number,
            server_id: format!("srv.{number}"),
            execs: vec![exec(if number < 4 { 300_000 } else { 800_000 })],
            ..Consequence::default()
        }),
    );
    let effect = "[[effect]]\nname = \"boot\"\nexec = \"./Boot\"\nrun = [\"/bin/true\"]\n";
    let config = config(folder.path(), effect);
    let mut client = open(&config).unwrap();
    let mut runner = Runner::new(&config, tokio::runtime::Handle::current()).unwrap();
    runner.resume(&mut client).unwrap();
    let given_up = |server: &str| (EffectResult::GivenUp, server.to_owned());
    assert_eq!(results(&client), ["srv.1", "srv.2", "srv.3"].map(given_up));
    assert_eq!(client.consequences().unwrap().len(), 1);
}

#[tokio::test]
async fn what_nothing_follows_any_more_is_forgotten() {
    let folder = state(3);
    for (effects, left) in [(FOLLOWED, 3), (&FOLLOWED.replace("NAP", "Proxy"), 0)] {
        let config = config(folder.path(), effects);
        let mut client = open(&config).unwrap();
        let mut runner = Runner::new(&config, tokio::runtime::Handle::current()).unwrap();
        runner.resume(&mut client).unwrap();
        assert_eq!(client.consequences().unwrap().len(), left, "{effects}");
        assert_eq!(results(&client), []);
    }
}

#[tokio::test]
async fn of_two_effects_each_is_settled_by_itself() {
    let folder = state(1);
    let failing = FOLLOWED.replace("nap", "other").replace("/bin/true", "/bin/false");
    let config = config(folder.path(), &format!("{FOLLOWED}{failing}attempts = 1\n"));
    let mut client = open(&config).unwrap();
    let mut runner = Runner::new(&config, tokio::runtime::Handle::current()).unwrap();
    runner.resume(&mut client).unwrap();
    for left in [1, 0] {
        let turn = runner.next().await.unwrap();
        runner.take(&mut client, turn).unwrap();
        assert_eq!(client.consequences().unwrap().len(), left);
    }
    let mut results: Vec<_> = results(&client).into_iter().map(|(result, _)| result).collect();
    results.sort_by_key(|result| *result == EffectResult::GivenUp);
    assert_eq!(results, [EffectResult::Done, EffectResult::GivenUp]);
}

#[tokio::test]
async fn what_is_settled_before_a_restart_does_not_run_again() {
    let folder = state(1);
    let other = FOLLOWED.replace("nap", "other");
    let config = config(folder.path(), &format!("{FOLLOWED}{other}"));
    let mut client = open(&config).unwrap();
    let all = |_: &Consequence| ["nap", "other"].map(str::to_owned).into();
    client.settle(None, &[(1, "nap".to_owned())], all).unwrap();
    let mut runner = Runner::new(&config, tokio::runtime::Handle::current()).unwrap();
    runner.resume(&mut client).unwrap();
    let moment = std::time::Duration::from_millis(500);
    while let Ok(Some(turn)) = tokio::time::timeout(moment, runner.next()).await {
        runner.take(&mut client, turn).unwrap();
    }
    let journal = client.store().journal().unwrap();
    let names: Vec<_> = journal
        .iter()
        .filter_map(|octets| match JournalEntry::decode(octets)? {
            JournalEntry::Effect(entry) => Some(entry.effect),
            JournalEntry::Message(_) => None,
        })
        .collect();
    assert_eq!(names, ["other"]);
}

#[test]
fn a_stopping_agent_waits_for_all_programs_together_no_longer_than_for_one() {
    let reactor = tokio::runtime::Runtime::new().unwrap();
    let folder = state(1);
    let sleeping = |name: &str, seconds: &str| {
        let run = format!("\"/bin/sleep\", \"{seconds}\"");
        FOLLOWED.replace("\"nap\"", name).replace("\"/bin/true\"", &run)
    };
    let config = config(folder.path(), &(sleeping("\"a\"", "2") + &sleeping("\"b\"", "4.5")));
    let mut client = open(&config).unwrap();
    let mut runner = Runner::new(&config, reactor.handle().clone()).unwrap();
    let start = std::time::Instant::now();
    runner.resume(&mut client).unwrap();
    runner.finish(&mut client).unwrap();
    assert_eq!(results(&client).len(), 1, "the first has ended");
    let seconds = start.elapsed().as_secs_f64();
    assert!((2.9..4.2).contains(&seconds), "{seconds}");
}

mod at_the_start;
