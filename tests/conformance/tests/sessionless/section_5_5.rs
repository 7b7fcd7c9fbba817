//! 5.5: processing of a sessionless message in the client.

use conformance::tnds::{self, Shape, nap};
use conformance::{Device, Message, NOW, alpha, command, encode, forge, gamma, seal_text};
use dm_client::{Outcome, Refusal, Stage, Ui};
use dm_mo::DmAcc;
use dm_wbxml::Version;

use crate::agent::{Running, push_http, push_udp};

fn message(commands: &[String]) -> Vec<u8> {
    Message::new(alpha()).with(commands.concat()).seal()
}

#[test]
fn r18_dm_sm_c_001_m_commands_have_the_outcome_that_a_session_would_report() {
    let mut device = Device::new();
    let statuses = device.statuses(&message(&[
        command::replace("1", "./Vendor/Speed", "2"),
        command::add("2", "./Vendor/New", "x"),
        command::add("3", "./Vendor/New", "x"),
        command::delete("4", "./Vendor/Mode"),
        command::delete("5", "./Vendor/Mode"),
        command::copy("6", "./Vendor/Speed", "./Vendor/Copy"),
        command::get("7", "./Vendor/Speed"),
        command::exec("8", "./Vendor/Reboot"),
        command::exec("9", "./Vendor/Speed"),
        command::replace("10", "./Vendor", "x"),
        command::replace("11", "./Vendor/Gamma/Value", "x"),
        command::replace("12", "./Vendor/Constant", "x"),
        command::delete("13", "./Vendor/Fixed"),
        command::add("14", "./Vendor/Speed/Below", "x"),
        command::alert("15", "1100"),
        command::alert("16", "1222"),
    ]));
    let expected = [200, 200, 418, 200, 404, 200, 200, 202, 405, 405, 425, 405, 405, 405, 200, 406];
    assert_eq!(statuses, expected);
    assert_eq!(device.text("./Vendor/Copy").as_deref(), Some("2"));
}

#[test]
fn r18_an_atomic_is_done_as_a_whole_or_not_at_all() {
    let atomic = |second: &str| {
        let commands = [
            command::replace("2", "./Vendor/Speed", "2"),
            command::replace("3", second, "2"),
            command::delete("4", "./Vendor/Mode"),
        ];
        message(&[command::group("Atomic", "1", &commands)])
    };
    let mut device = Device::new();
    let before = device.tree().clone();
    assert_eq!(device.statuses(&atomic("./Vendor/Missing")), [216, 404, 215, 507]);
    assert_eq!(*device.tree(), before);
    assert_eq!(device.statuses(&atomic("./Vendor/Anyone")), [200, 200, 200, 200]);
    assert!(!device.has("./Vendor/Mode"));
}

#[test]
fn r18_a_sequence_keeps_its_order_and_ends_where_the_user_says_no() {
    let sequence = |alert: &str| {
        let commands = [
            command::add("2", "./Vendor/A", "1"),
            command::alert("3", alert),
            command::copy("4", "./Vendor/A", "./Vendor/B"),
        ];
        message(&[command::group("Sequence", "1", &commands), command::get("5", "./Vendor/A")])
    };
    let mut yes = Device::new().set(|settings| settings.ui = Ui::Yes);
    assert_eq!(yes.statuses(&sequence("1101")), [200, 200, 200, 200, 200]);
    let mut no = Device::new().set(|settings| settings.ui = Ui::No);
    assert_eq!(no.statuses(&sequence("1101")), [200, 214, 215, 200, 200]);
    assert!(no.has("./Vendor/A") && !no.has("./Vendor/B"));
    let mut absent = Device::new();
    assert_eq!(absent.statuses(&sequence("1101")), [200, 406, 200, 200, 200]);
}

#[test]
fn r18_the_clock_stamps_what_changes() {
    let mut device = Device::new();
    device.accept(&message(&[command::replace("1", "./Vendor/Speed", "2")]));
    let node = device.tree().get(&conformance::device::at("./Vendor/Speed")).unwrap();
    assert_eq!((node.t_stamp, node.ver_no), (Some(NOW), 1));
}

/// The type of `receive` is the argument: what comes of a message is an `Outcome`, which has no
/// octets to send. This test only makes sure that nobody adds a variant that has.
#[test]
fn r19_an_outcome_is_accepted_or_refused_and_holds_no_answer() {
    let mut device = Device::new();
    for octets in [message(&[command::get("1", "./Vendor/Speed")]), b"garbage".to_vec()] {
        match device.receive(&octets) {
            Outcome::Accepted(accepted) => assert!(accepted.execs.is_empty()),
            Outcome::Refused(_) => {}
        }
    }
}

#[tokio::test]
async fn r19_a_good_message_a_forgery_and_garbage_get_the_same_octets_back() {
    let running = Running::start().await;
    let good = Message::new(alpha()).with(command::replace("1", "./Speed", "7"));
    let forged = forge::edited(&good, "<Data>7</Data>", "<Data>8</Data>");
    let asks = Message::new(alpha()).session(2).with(command::get("1", "./Speed")).seal();
    let mut answers = Vec::new();
    for octets in [good.seal(), forged, asks, good.unsealed(), b"garbage".to_vec()] {
        answers.push(push_http(running.http(), octets.clone()).await);
        assert!(!push_udp(running.udp(), octets).await, "over UDP nothing comes back");
    }
    let neutral = "HTTP/1.1 202 Accepted\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    for answer in answers {
        assert_eq!(String::from_utf8(answer).unwrap(), neutral);
    }
    let left = running.stop().await;
    assert_eq!(left.speed(), "7");
    assert_eq!(left.entries(), 10, "each has its journal entry and nothing else");
}

#[test]
fn r19_nothing_in_a_message_makes_the_client_answer() {
    // RespURI, Get, Alerts of all kinds, Results and Status asked for: only statuses remain.
    let results = "<Results><CmdID>1</CmdID></Results><Status><CmdID>2</CmdID></Status>".to_owned();
    let commands: Vec<String> = (1200..1230)
        .map(|code| command::alert(&code.to_string(), &code.to_string()))
        .chain([command::get("7", "./DevInfo/DevId"), results])
        .collect();
    let mut device = Device::new();
    let before = device.tree().clone();
    let accepted = device.accept(&message(&commands));
    assert_eq!(accepted.commands.len(), 31, "Results and Status are tolerated and nothing more");
    assert!(accepted.execs.is_empty());
    assert_eq!(*device.tree(), before);
}

#[test]
fn r21_nothing_of_a_body_is_looked_at_before_the_signature_holds() {
    // Bodies that no model accepts are refused for the signature: nobody has read them.
    for commands in [
        "<Replace/>".to_owned(),
        "<Nonsense xmlns=\"urn:x\"/>".to_owned(),
        command::alert("1", "1101") + &command::alert("1", "1101"),
        tnds::command("Add", "1", "./Inbox", "<MgmtTree xmlns=\"urn:x\"/>", Shape::Text),
        "<Add><CmdID>1</CmdID><Item><Meta><Type xmlns=\"syncml:metinf\">\
         application/vnd.syncml.dmtnds+wbxml</Type></Meta><Data>AAAA</Data></Item></Add>"
            .to_owned(),
    ] {
        let message = Message::new(alpha()).with(&commands);
        let mut device = Device::new();
        let broken = forge::edited(&message, "<SessionID>1<", "<SessionID>2<");
        assert_eq!(device.refuse(&broken), Refusal::DigestMismatch, "{commands}");
        let by_gamma = seal_text(&message.text(), gamma());
        let stolen = forge::swapped(&by_gamma, "gamma 1", "alpha 1");
        let refusal = device.refuse(&encode(&stolen, Version::default()));
        assert_eq!(refusal.stage(), Stage::Signature, "{commands}");
        assert_eq!(device.refuse(&message.unsealed()).stage(), Stage::Structure);
        assert!(device.journal().iter().all(|entry| entry.commands.is_empty()));
    }
}

#[test]
fn r22_dm_sm_c_004_m_no_account_with_the_server_id_refuses_the_message() {
    let mut device = Device::with_accounts(&[("Gamma", gamma())]);
    let octets = message(&[command::replace("1", "./Vendor/Speed", "2")]);
    assert_eq!(device.refuse(&octets), Refusal::NoAccount(alpha().id.into()));
}

#[test]
fn r22_dm_sm_c_004_m_two_accounts_with_one_server_id_refuse_the_message() {
    // Wherever the second one stands, and whether its keys are the same.
    let octets = message(&[command::replace("1", "./Vendor/Speed", "2")]);
    for (path, pins) in [("DMAcc", vec![alpha().pin()]), ("Elsewhere/Deep", vec![])] {
        let mut second = DmAcc::object("Second", alpha().id, &pins);
        second.path = Some(path.into());
        let first = DmAcc::object("First", alpha().id, &[alpha().pin()]);
        let mut device = Device::with_objects(vec![first, second]);
        let refusal = device.refuse(&octets);
        let server_id = alpha().id.into();
        assert_eq!(refusal, Refusal::SeveralAccounts { server_id, count: 2 });
        assert!(refusal.clause().contains("R22"));
    }
}

#[test]
fn r23_dm_sm_c_005_m_rights_are_those_of_the_account_that_matched() {
    let mut device = Device::new();
    let both = |server| {
        Message::new(server)
            .with(command::replace("1", "./Vendor/Speed", "2"))
            .with(command::replace("2", "./Vendor/Gamma/Value", "2"))
            .with(command::replace("3", "./Vendor/Anyone", "2"))
            .seal()
    };
    assert_eq!(device.statuses(&both(alpha())), [200, 425, 200], "`*` holds for everybody");
    assert_eq!(device.statuses(&both(gamma())), [425, 200, 200]);
}

#[test]
fn r23_dm_sm_c_005_m_nothing_else_in_the_header_lends_a_right() {
    // Cred, LocName, RespURI and KeyName may say "gamma": the ServerID of Source counts.
    let message = Message::new(alpha()).with(command::replace("1", "./Vendor/Gamma/Value", "2"));
    let text = forge::swapped(
        &message.text(),
        "</LocURI></Source>",
        "</LocURI><LocName>gamma</LocName></Source><RespURI>gamma</RespURI>\
         <Cred><Data>gamma</Data></Cred>",
    );
    let mut device = Device::new();
    let octets = encode(&seal_text(&text, alpha()), Version::default());
    assert_eq!(device.statuses(&octets), [425]);
}

#[test]
fn r23_dm_sm_c_005_m_a_server_id_is_no_prefix_of_a_right() {
    // An ACL of "dm.alpha.example2" or "dm.alpha.exampl" is somebody else's.
    let mut account = nap("X", "x.example");
    account.node_name = Some("Other".into());
    for acl in ["Replace=dm.alpha.example2", "Replace=dm.alpha.exampl", "Replace=DM.alpha.example"]
    {
        let node = tnds::with_acl(account.clone(), acl);
        let mut device =
            Device::with_objects(vec![DmAcc::object("Alpha", alpha().id, &[alpha().pin()]), node]);
        let octets = message(&[command::replace("1", "./Other/Addr", "y.example")]);
        assert_eq!(device.statuses(&octets), [425], "{acl}");
    }
}
