//! 5.3: transport.

use conformance::{Message, alpha, command, stranger};
use dm_agent::Config;

use crate::agent::{Running, push_http, push_udp};

fn listen(keys: &str) -> Result<Config, String> {
    let text = format!(
        "device_id = \"d\"\nstate = \"s\"\n[[listen]]\naddress = \"127.0.0.1:0\"\n{keys}\n"
    );
    Config::parse("agent.toml".as_ref(), &text, [("", ""); 0]).map_err(|error| error.to_string())
}

#[tokio::test]
async fn r15_a_message_comes_over_any_transport() {
    let running = Running::start().await;
    let message = |n: u32| {
        let command = command::replace("1", "./Speed", &n.to_string());
        Message::new(alpha()).session(n).with(command).seal()
    };
    push_http(running.http(), message(2)).await;
    push_udp(running.udp(), message(3)).await;
    let left = running.stop().await;
    assert_eq!((left.entries(), left.speed()), (2, "3".to_owned()));
}

#[test]
fn r16_dm_sm_s_005_m_a_listener_names_its_security_or_the_agent_does_not_start() {
    for transport in ["http", "udp"] {
        for keys in [
            String::new(),
            "security = \"none\"".to_owned(),
            "security = \"source-list\"".to_owned(),
            "security = \"source-list\"\nfrom = []".to_owned(),
            "security = \"trust\"".to_owned(),
            "security = \"\"\ndanger_insecure = true".to_owned(),
        ] {
            let refused = listen(&format!("transport = \"{transport}\"\n{keys}")).unwrap_err();
            assert!(refused.contains("R16"), "{transport}, {keys:?}: {refused}");
        }
        let good = format!(
            "transport = \"{transport}\"\nsecurity = \"source-list\"\nfrom = [\"127.0.0.1\"]"
        );
        assert!(listen(&good).is_ok());
    }
}

#[test]
fn r16_doing_without_takes_a_word_that_says_so() {
    let keys = "transport = \"udp\"\nsecurity = \"none\"\ndanger_insecure = true";
    assert!(listen(keys).is_ok());
    assert!(listen("transport = \"udp\"\ndanger_insecure = true").is_err());
}

#[tokio::test]
async fn r16_security_of_a_transport_does_not_replace_the_signature() {
    let running = Running::start().await;
    let command = command::replace("1", "./Speed", "9");
    let forged = Message::new(stranger()).claiming(alpha().id).with(command);
    push_http(running.http(), forged.seal()).await;
    push_udp(running.udp(), forged.unsealed()).await;
    let left = running.stop().await;
    assert_eq!((left.entries(), left.speed()), (2, "1".to_owned()));
}
