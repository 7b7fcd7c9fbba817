//! Power is cut while messages are being carried out.
//!
//! Each message replaces two values in one Atomic. Whatever moment the process is killed at, the
//! two must be the same afterwards: before a message, or after it, never between.

use std::time::Duration;

use dm_crypto::{AwsLc, SigningKey};
use dm_syncml::wbxml;
use dm_transport::Address;
use dm_tree::Uri;
use dm_wbxml::Version;
use dm_xml::Limits;

use super::scenes::tree_of;
use super::story::Story;
use super::world::{KEY_NAME, OPERATOR, World};
use crate::document::read_secret;
use crate::fault::Fault;

/// Messages sent; the device is killed before it has dealt with all.
const MESSAGES: u64 = 60;

/// Plays the scene on the fourth device.
pub fn play(world: &mut World, story: &Story) -> Result<(), Fault> {
    story.scene("A power cut in the middle of the work");
    story.tell(&format!(
        "{MESSAGES} messages go to device-4; each replaces Left and Right in one Atomic. SIGKILL comes in between."
    ));
    let pem = read_secret(world.folder.join("operator/key.pem").as_path())?;
    let key = SigningKey::from_pem(&pem).map_err(Fault::refused)?;
    let agent = &mut world.agents[3];
    let address: Address = agent.address("udp").parse().map_err(Fault::refused)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(Fault::refused)?;
    let dealt_with_before = agent.dealt_with();
    for number in 1..=MESSAGES {
        let octets = message(&key, &agent.device_id, number)?;
        let sent = dm_transport::send(&octets, &address, Duration::from_secs(5));
        runtime.block_on(sent).map_err(Fault::refused)?;
        if agent.dealt_with() >= dealt_with_before + 5 {
            break; // it is in full swing
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    agent.kill();
    let (left, right) = pair(agent)?;
    story.tell(&format!("After the cut: Left = {left}, Right = {right}."));
    story.check(
        "device-4's tree is whole: Left and Right agree, and work had begun",
        left == right && left != "0",
    );
    agent.start()?;
    let octets = message(&key, &agent.device_id, MESSAGES + 1)?;
    let address: Address = agent.address("http").parse().map_err(Fault::refused)?;
    let sent = dm_transport::send(&octets, &address, Duration::from_secs(5));
    runtime.block_on(sent).map_err(Fault::refused)?;
    agent.wait_for(1)?;
    agent.stop()?;
    let (left, right) = pair(agent)?;
    let expected = (MESSAGES + 1).to_string();
    story.check(
        "device-4 came back and carried out the next message",
        left == expected && right == expected,
    );
    Ok(())
}

/// A sealed message that sets both values to this number, which is also its counter.
fn message(key: &SigningKey, device_id: &str, number: u64) -> Result<Vec<u8>, Fault> {
    let item = |cmd_id: u64, name: &str| {
        format!(
            "<Replace><CmdID>{cmd_id}</CmdID><Item><Target><LocURI>./Meter/{name}</LocURI></Target>\
             <Data>{number}</Data></Item></Replace>"
        )
    };
    let text = format!(
        "<SyncML xmlns=\"SYNCML:SYNCML1.2\"><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto>\
         <SessionID>1</SessionID><MsgID>1</MsgID><Target><LocURI>{device_id}</LocURI></Target>\
         <Source><LocURI>{OPERATOR}</LocURI></Source>\
         <Meta><EMI xmlns=\"syncml:metinf\">c={number}</EMI></Meta></SyncHdr>\
         <SyncBody><Atomic><CmdID>1</CmdID>{}{}</Atomic><Final/></SyncBody></SyncML>",
        item(2, "Left"),
        item(3, "Right"),
    );
    let document = dm_xml::parse(text.as_bytes(), &Limits::default()).map_err(Fault::refused)?;
    let sealed = dm_seal::seal(document, KEY_NAME, key, &AwsLc).map_err(Fault::refused)?;
    wbxml::encode(&sealed, Version::V1_2).map_err(Fault::refused)
}

/// Left and Right, as they are on the disk.
fn pair(agent: &super::agent::Agent) -> Result<(String, String), Fault> {
    let tree = tree_of(agent)?;
    let value = |uri: &str| {
        let node = Uri::parse(uri).ok().and_then(|uri| tree.get(&uri));
        node.and_then(|node| node.as_text()).unwrap_or("missing").to_owned()
    };
    Ok((value("./Meter/Left"), value("./Meter/Right")))
}
