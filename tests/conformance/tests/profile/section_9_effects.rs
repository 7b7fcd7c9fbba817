//! What a message sets going is remembered with it until it is settled, if something on the device
//! follows it. [profile §7, §9], R20

use std::collections::BTreeSet;

use conformance::{Device, Message, alpha, command};
use dm_client::{Consequence, EffectEntry, EffectResult, Effects};
use dm_tree::store::Store;

fn message(session: u32, commands: &[String]) -> Vec<u8> {
    Message::new(alpha()).session(session).with(commands.concat()).seal()
}

/// A device on which something follows `./Vendor/Speed`, an Exec and sessions.
fn device() -> Device {
    Device::new().set(|settings| {
        settings.effects = Effects {
            on: ["./Vendor/Speed".to_owned()].into(),
            exec: ["./Vendor/Reboot".to_owned()].into(),
            session: true,
        };
    })
}

fn speed(session: u32) -> Vec<u8> {
    message(session, &[command::replace("1", "./Vendor/Speed", &format!("1{session}"))])
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn only_what_something_follows_is_remembered() {
    let mut device = device();
    let other = command::replace("1", "./Vendor/Mode", "2");
    assert_eq!(device.accept(&message(1, std::slice::from_ref(&other))).consequence, None);
    let both = [other, command::replace("2", "./Vendor/Speed", "2")];
    assert_eq!(device.accept(&message(2, &both)).consequence, Some(1));
    let [consequence] = &device.client().consequences().unwrap()[..] else { panic!("not one") };
    let changed: Vec<_> = consequence.changed.iter().map(|changed| changed.uri.as_str()).collect();
    assert_eq!(changed, ["./Vendor/Speed"]);
    assert!(consequence.touches("./Vendor") && !consequence.touches("./Vendor/Mode"));

    let mut nobody = Device::new();
    assert_eq!(nobody.accept(&speed(1)).consequence, None);
    assert_eq!(nobody.client().consequences().unwrap(), []);
}

#[test]
fn nothing_is_remembered_of_a_dry_run() {
    let mut device = device();
    let outcome = device.try_out(&speed(1));
    assert_eq!(outcome.accepted().unwrap().consequence, None);
    assert_eq!(device.client().consequences().unwrap(), []);
    assert_eq!(device.accept(&speed(1)).consequence, Some(1));
}

#[test]
fn a_consequence_stays_through_restarts_until_all_of_it_is_settled() {
    let mut device = device();
    device.accept(&speed(1));
    device.accept(&speed(2));
    let entry = EffectEntry {
        time: None,
        effect: "a".to_owned(),
        result: EffectResult::Done,
        server_id: alpha().id.to_owned(),
        attempt: 1,
        what: None,
        correlator: None,
    };
    let all = |_: &Consequence| names(&["a", "b"]);
    let both = [(1, "a".to_owned()), (2, "a".to_owned()), (7, "a".to_owned())];
    device.client().settle(Some(&entry), &both, all).unwrap();
    let mut device = device.restarted();
    let left = device.client().consequences().unwrap();
    assert_eq!(left.len(), 2);
    assert!(left.iter().all(|consequence| consequence.settled == names(&["a"])));
    device.client().settle(None, &[(1, "b".to_owned())], all).unwrap();
    let left = device.client().consequences().unwrap();
    assert_eq!(left.iter().map(|it| it.number).collect::<Vec<_>>(), [2]);
    assert_eq!(device.accept(&speed(3)).consequence, Some(3), "no number comes twice");
    let journal = device.client().store().journal().unwrap();
    assert_eq!(journal.len(), 4, "three messages and one effect");
}

#[test]
fn r20_an_alert_asks_for_a_session_where_something_opens_one() {
    for code in ["1200", "1201"] {
        let alert = message(1, &[command::alert("1", code)]);
        let accepted = device().accept(&alert);
        assert_eq!(accepted.commands[0].status.code(), 202);
        assert!(accepted.session && accepted.consequence.is_some());
        let accepted = Device::new().accept(&alert);
        assert_eq!(accepted.commands[0].status.code(), 406);
        assert!(!accepted.session);
    }
    for code in ["1202", "1222", "1223", "1226"] {
        let accepted = device().accept(&message(1, &[command::alert("1", code)]));
        assert_eq!((accepted.commands[0].status.code(), accepted.session), (406, false), "{code}");
    }
}

#[test]
fn r20_an_alert_in_an_atomic_that_is_rolled_back_asks_for_nothing() {
    let atomic = |value: &str| {
        let commands = [command::alert("2", "1201"), command::replace("3", value, "2")];
        message(1, &[command::group("Atomic", "1", &commands)])
    };
    assert!(device().accept(&atomic("./Vendor/Speed")).session);
    let accepted = device().accept(&atomic("./Vendor/Missing"));
    assert!(!accepted.session && accepted.consequence.is_none());
}

#[test]
fn an_exec_is_remembered_for_the_nodes_that_something_follows() {
    let mut device = device();
    let accepted = device.accept(&message(1, &[command::exec("1", "./Vendor/Reboot")]));
    assert_eq!((accepted.commands[0].status.code(), accepted.consequence), (202, Some(1)));
    let [consequence] = &device.client().consequences().unwrap()[..] else { panic!("not one") };
    assert_eq!(consequence.execs, accepted.execs);
    let mut unhandled = Device::new();
    assert_eq!(
        unhandled.accept(&message(1, &[command::exec("1", "./Vendor/Reboot")])).consequence,
        None
    );
}

#[test]
fn an_exec_is_reported_by_the_name_that_its_node_has() {
    let text = "<MgmtTree xmlns='syncml:dmddf1.2'><VerDTD>1.2</VerDTD><Node><NodeName>Reboot</NodeName>\
         <Path>./Vendor</Path><DFProperties><AccessType><Exec/></AccessType><DFFormat><chr/></DFFormat>\
         <DFType><MIME>text/plain</MIME></DFType><CaseSense><CIS/></CaseSense></DFProperties></Node>\
         </MgmtTree>";
    let document = dm_xml::parse(text.as_bytes(), &dm_xml::Limits::default()).unwrap();
    let ddf = dm_tnds::ddf::Ddf::read(document.root()).unwrap();
    let mut device = device().set(|settings| settings.rules.descriptions.add(&ddf, &[]).unwrap());
    let accepted = device.accept(&message(1, &[command::exec("1", "./Vendor/REBOOT")]));
    assert_eq!((accepted.commands[0].status.code(), accepted.consequence), (202, Some(1)));
    assert_eq!(accepted.execs[0].uri, "./Vendor/Reboot", "or nothing would follow it");
}

/// What is below `./Vendor` has its name in any case.
fn in_any_case(settings: &mut dm_client::Settings) {
    let text = "<MgmtTree xmlns='syncml:dmddf1.2'><VerDTD>1.2</VerDTD><Node><NodeName>Vendor</NodeName>\
         <Path>.</Path><DFProperties><AccessType><Add/><Delete/><Exec/><Get/><Replace/></AccessType>\
         <DFFormat><node/></DFFormat><DFType><DDFName/></DFType><CaseSense><CIS/></CaseSense>\
         </DFProperties></Node></MgmtTree>";
    let document =
        dm_xml::parse(text.as_bytes(), &dm_xml::Limits::default()).expect("a description");
    let ddf = dm_tnds::ddf::Ddf::read(document.root()).expect("a description");
    settings.rules.descriptions.add(&ddf, &[]).expect("a description");
}

#[test]
fn what_follows_a_node_follows_it_in_any_case() {
    let mut device = Device::new().set(|settings| {
        settings.effects = Effects {
            on: ["./Vendor/SPEED", "./Vendor/GAMMA/new", "./DEVINFO"].map(str::to_owned).into(),
            exec: ["./Vendor/REBOOT".to_owned()].into(),
            session: false,
        };
        in_any_case(settings);
    });
    let followed = [
        (command::replace("1", "./Vendor/speed", "7"), "./Vendor/SPEED", "./Vendor/Speed"),
        (command::delete("1", "./Vendor/speed"), "./Vendor/SPEED", "./Vendor/Speed"),
        (command::add("1", "./Vendor/sPEED", "7"), "./Vendor/SPEED", "./Vendor/sPEED"),
    ];
    for (session, (command, on, changed)) in (1..).zip(followed) {
        let number = device.accept(&message(session, &[command])).consequence.unwrap();
        let consequence = device.client().consequence(number).unwrap().unwrap();
        assert!(consequence.touches(on) && !consequence.touches("./Vendor/GAMMA/new"), "{on}");
        assert!(consequence.changed.iter().map(|it| it.uri.as_str()).eq([changed]));
        assert!(consequence.is_followed(changed, on) && !consequence.is_followed(changed, "./V"));
        assert_eq!(
            device.client().spelled(&dm_tree::Uri::parse(on).unwrap()).as_str(),
            match session {
                2 => on, // nothing is there
                _ => changed,
            }
        );
    }
    let other = [command::replace("1", "./Vendor/mode", "2")];
    assert_eq!(device.accept(&message(4, &other)).consequence, None);

    let exec = device.accept(&message(5, &[command::exec("1", "./Vendor/reboot")]));
    assert_eq!(exec.commands[0].status.code(), 202);
    let consequence = device.client().consequence(exec.consequence.unwrap()).unwrap().unwrap();
    assert!(consequence.is_named("./Vendor/Reboot", "./Vendor/REBOOT"));
    assert!(!consequence.is_named("./Vendor/Reboot", "./Vendor"));
    assert_eq!(consequence.execs[0].uri, "./Vendor/Reboot");
}

#[test]
fn however_much_changes_what_waits_stays_small_and_says_that_it_is_cut() {
    let mut device = Device::new().set(|settings| {
        settings.effects.on = ["./Vendor".to_owned()].into();
    });
    let leaf = |number| format!("./Vendor/{}{number:03}", "p".repeat(100));
    let all = |verb: &dyn Fn(&str, &str) -> String| {
        let command = |number: usize| verb(&format!("{}", number + 1), &leaf(number));
        (0..300).map(command).collect::<Vec<_>>()
    };
    device.accept(&message(1, &all(&|id, uri| command::add(id, uri, "1"))));
    for session in 2..40 {
        let changes = all(&|id, uri| command::replace(id, uri, &format!("{session}")));
        device.accept(&message(session, &changes));
    }
    let waiting = device.client().consequences().unwrap();
    assert_eq!(
        (waiting.len(), waiting[0].is_cut("./Vendor"), waiting[0].changed.len()),
        (39, false, 300)
    );
    let last = &waiting[38];
    assert!(last.is_cut("./Vendor") && last.touches("./Vendor/Speed"), "take all for changed");
    assert!(!last.touches("./NAP"), "what follows another node has nothing to do");
    let records = device.client().store().records("effect/").unwrap();
    let octets: usize = records.iter().map(|(_, octets)| octets.len()).sum();
    assert!(octets < 600_000, "{octets} octets for 39 messages");
}
