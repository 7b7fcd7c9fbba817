use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dm_tree::store::Store;
use dm_wbxml::Version;

use super::*;
use crate::bootstrap::document::tests::{Device, account, good, nap, proven, secrets, wbxml};
use crate::bootstrap::mac::Sec;
use crate::persist::RedbStore;

const OBJECT: &str = "application/vnd.syncml.dmtnds+wbxml";

/// A message of these commands, as WBXML.
fn message(commands: &str) -> Vec<u8> {
    let text = format!(
        "<SyncML xmlns='SYNCML:SYNCML1.2'><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto>\
         <SessionID>1</SessionID><MsgID>1</MsgID><Target><LocURI>any</LocURI></Target><Source>\
         <LocURI>dm.example</LocURI></Source></SyncHdr><SyncBody>{commands}<Final/></SyncBody>\
         </SyncML>"
    );
    let document = dm_xml::parse(text.as_bytes(), &Limits::default()).unwrap();
    dm_syncml::wbxml::encode(&document, Version::V1_2).unwrap()
}

fn command(name: &str, cmd_id: u32, target: &str, r#type: &str, data: &str) -> String {
    format!(
        "<{name}><CmdID>{cmd_id}</CmdID><Item><Target><LocURI>{target}</LocURI></Target><Meta>\
         <Format xmlns='syncml:metinf'>bin</Format><Type xmlns='syncml:metinf'>{type}</Type></Meta>\
         <Data>{data}</Data></Item></{name}>"
    )
}

fn add(cmd_id: u32, target: &str, object: &[u8]) -> String {
    command("Add", cmd_id, target, OBJECT, &STANDARD.encode(object))
}

#[test]
fn the_objects_of_a_message_go_where_those_of_a_document_go() {
    let (nap, account) = (wbxml(vec![nap()]), wbxml(vec![account("dm.example")]));
    let xml = "<MgmtTree xmlns='syncml:dmddf1.2'><VerDTD>1.2</VerDTD></MgmtTree>";
    let as_xml = command("Add", 3, "./Inbox", "application/vnd.syncml.dmtnds+xml", xml)
        .replace("bin</Format>", "xml</Format>");
    for commands in [
        add(1, "./Inbox", &good()),
        add(1, "./", &good()).replace("Add>", "Replace>"),
        // The account refers to the network, and they need not be one object.
        format!("{}{}", add(1, "./Inbox", &nap), add(2, "./Inbox", &account)),
        format!("<Atomic><CmdID>9</CmdID>{}</Atomic>", add(1, "./Inbox", &good())),
        format!("{}{as_xml}", add(1, "./Inbox", &good())).replace(xml, &xml.replace('<', "&lt;")),
    ] {
        let (by_file, by_push) = (Device::new(""), Device::new(""));
        let message = message(&commands);
        by_file.file(&message).unwrap();
        let push = proven(Sec::NetwPin, &secrets(), &message);
        assert_eq!(by_push.push(&push).unwrap().server_ids, ["dm.example"], "{commands}");
        for device in [by_file, by_push] {
            let reference = device.text("./DMAcc/a/PrefConRef");
            assert_eq!(reference.as_deref(), Some("./NAP/Internet"), "{commands}");
        }
    }
}

#[test]
fn what_a_document_cannot_say_refuses_the_message_as_a_whole() {
    let exec = "<Exec><CmdID>2</CmdID><Item><Target><LocURI>./A</LocURI></Target></Item></Exec>";
    let delete = exec.replace("Exec", "Delete");
    let in_group = format!("<Sequence><CmdID>3</CmdID>{exec}</Sequence>");
    let cases = [
        (exec.to_owned(), "command 2: Exec"),
        (delete, "command 2: Delete"),
        (in_group, "command 2: Exec"),
        ("<Alert><CmdID>2</CmdID><Data>1200</Data></Alert>".to_owned(), "command 2: Alert"),
        (add(2, "./DMAcc", &good()), "command 2: Add to \"./DMAcc\""),
        (add(2, "./Inbox/x", &good()), "command 2: Add to \"./Inbox/x\""),
        (command("Add", 2, "./Inbox", "text/plain", "AA=="), "no whole object"),
        (add(2, "./Inbox", b"\x02"), "command 2: the object is not readable"),
        (add(2, "./Inbox", &good()).replace("</Data>", "</Data><MoreData/>"), "no whole object"),
        (add(1, "./Inbox", &good()), "CmdID"),
    ];
    for (second, wanted) in cases {
        let device = Device::new("");
        let octets = message(&format!("{}{second}", add(1, "./Inbox", &good())));
        let refused = device.file(&octets).unwrap_err();
        assert!(matches!(refused, Refused::Unreadable(_)), "{refused:?}");
        assert!(refused.to_string().contains(wanted), "{refused} {wanted}");
        let store = RedbStore::open(&device.config.state).unwrap();
        assert_eq!(store.nodes().unwrap().len(), 0, "{wanted}");
    }
    assert!(matches!(Device::new("").file(&message("")), Err(Refused::NoAccount(_))));
}
