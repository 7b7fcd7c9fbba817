use std::path::Path;

use dm_mo::DevInfo;

use super::*;
use crate::bootstrap::Bootstrap;
use crate::persist::FILE;

fn provisioned() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let [man, r#mod, dm_v, lang] = ["m", "n", "1.3", "en"].map(str::to_owned);
    let dev_info = DevInfo { dev_id: "urn:imei:1".into(), man, r#mod, dm_v, lang };
    Bootstrap::open(folder.path(), &dev_info).unwrap().commit().unwrap();
    folder
}

fn config(state: &Path, rest: &str) -> Config {
    let text = format!("device_id = \"urn:imei:1\"\nstate = {state:?}\n{rest}");
    Config::parse("agent.toml".as_ref(), &text, [("", ""); 0]).unwrap()
}

#[test]
fn the_device_of_the_configuration_is_opened() {
    let folder = provisioned();
    let client = open(&config(folder.path(), "")).unwrap();
    assert_eq!(device_id(&client).as_deref(), Some("urn:imei:1"));
}

#[test]
fn another_device_is_refused_and_named() {
    let folder = provisioned();
    let mut config = config(folder.path(), "");
    config.device_id = "urn:imei:2".into();
    let error = open(&config).err().unwrap();
    let said = error.to_string();
    assert!(said.contains("\"urn:imei:2\"") && said.contains("\"urn:imei:1\""), "{said}");
    assert!(said.ends_with("correct `device_id` or `state`") && error.remedy().is_none(), "{said}");
}

#[test]
fn each_failure_to_open_says_what_to_do() {
    let folder = provisioned();
    let remedy = |state: &Path, rest: &str| {
        let error = open(&config(state, rest)).err().unwrap();
        error.remedy().map(str::to_owned).unwrap_or_else(|| error.to_string())
    };
    let held = RedbStore::open(folder.path()).unwrap();
    assert!(remedy(folder.path(), "").starts_with("stop the other process"));
    drop(held);
    assert!(remedy(&folder.path().join("none"), "").starts_with("make it with `mgram provision`"));
    let said = remedy(folder.path(), "[tree]\npermanent = [\"./a//b\"]");
    assert!(said.contains("is not a node URI, like"), "{said}");
    let file = folder.path().join(FILE);
    let whole = std::fs::read(&file).unwrap();
    std::fs::write(&file, &whole[..5_000]).unwrap();
    assert!(remedy(folder.path(), "").starts_with("put a copy back"));
}

#[tokio::test]
async fn an_agent_holds_its_state_until_it_has_stopped() {
    let folder = provisioned();
    let config = config(folder.path(), "");
    let agent = Agent::start(&config).await.unwrap();
    assert!(agent.local_addrs().is_empty());
    let second = Agent::start(&config).await.err().unwrap();
    assert!(matches!(second, RunError::Persist(PersistError::InUse(_))), "{second}");
    agent.stop().await.unwrap();
    Agent::start(&config).await.unwrap().stop().await.unwrap();
}

const UDP: &str = "[[listen]]\ntransport = \"udp\"\naddress = \"127.0.0.1:0\"\n\
                   security = \"source-list\"\nfrom = [\"127.0.0.1\"]\n";

#[tokio::test]
async fn a_receiver_that_ends_by_itself_is_a_failure_and_the_state_is_closed() {
    let folder = provisioned();
    let config = config(folder.path(), UDP);
    let mut agent = Agent::start(&config).await.unwrap();
    let early = tokio::time::timeout(std::time::Duration::from_millis(50), agent.failed()).await;
    assert!(early.is_err(), "all is well");
    agent.receivers.spawn(async { panic!("as the test has it") });
    let failed = agent.failed().await.unwrap_err();
    assert!(matches!(failed, RunError::Ended("a receiver")), "{failed}");
    agent.stop().await.unwrap();
    Agent::start(&config).await.unwrap().stop().await.unwrap();
}

#[tokio::test]
async fn a_client_that_hears_nothing_more_is_a_failure_while_there_are_receivers() {
    let folder = provisioned();
    for (rest, is_failure) in [(UDP, true), ("", false)] {
        let mut agent = Agent::start(&config(folder.path(), rest)).await.unwrap();
        // As when the thread before it has panicked.
        let worker = agent.worker.replace(tokio::spawn(async { Ok(()) }));
        assert_eq!(agent.failed().await.is_err(), is_failure);
        agent.stop().await.unwrap();
        worker.unwrap().await.unwrap().unwrap();
    }
}
