//! §4, accounts: which certificate serves, and that messages do not change accounts.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use conformance::tnds::{self, Shape, with_acl};
use conformance::{Device, Message, Server, alpha, beta, command, gamma, stranger};
use dm_client::{CommandFailure, Refusal};
use dm_crypto::Algorithm;
use dm_mo::{DmAcc, PinnedKey};
use dm_tnds::{MgmtTree, Node};
use dm_tree::Reason;

fn account(name: &'static str, server: &Server) -> Node<'static> {
    DmAcc::object(name, server.id, &[server.pin()])
}

#[test]
fn a_pinned_certificate_that_names_another_server_is_refused() {
    let pin = PinnedKey { name: "alpha 1".to_owned(), der: stranger().material.clone() };
    let mut device = Device::with_objects(vec![DmAcc::object("Alpha", alpha().id, &[pin])]);
    let message = Message { server: stranger(), ..Message::new(alpha()) };
    let sealed = message.sealed_text().replace("stranger 1", "alpha 1");
    let octets = conformance::encode(&sealed, dm_wbxml::Version::default());
    let refusal = device.refuse(&octets);
    let (key, server_id) = ("alpha 1".into(), alpha().id.into());
    assert_eq!(refusal, Refusal::CertificateNamesOther { key, server_id });
    assert!(refusal.clause().contains("4.4"));
    // The same key without a certificate around it names nobody.
    let pin = PinnedKey { name: "alpha 1".to_owned(), der: stranger().spki() };
    let mut device = Device::with_objects(vec![DmAcc::object("Alpha", alpha().id, &[pin])]);
    device.accept(&octets);
}

#[test]
fn a_certificate_names_the_server_id_whole_or_the_host_of_a_url() {
    Device::with_accounts(&[("Beta", beta())]).accept(&Message::new(beta()).seal());
    let named = |certified: &'static str, id: &'static str| -> &'static Server {
        let server = Server::new(Algorithm::Es256, certified, "key");
        Box::leak(Box::new(Server { id, ..server }))
    };
    for (certified, id, serves) in [
        ("dm.host.example", "https://dm.host.example:8443/dm", true),
        ("dm.host.example", "https://dm.host.example", true),
        ("dm.host.example", "https://dm.host.example.evil.example/dm", false),
        ("dm.host.example", "https://evil.example/dm.host.example", false),
        ("dm.host.example", "https://dm.host.example@evil.example/", false),
        ("dm.host.example", "DM.host.example", false),
        ("host.example", "dm.host.example", false),
        ("https://a.example/dm", "https://a.example/dm2", false),
    ] {
        let server = named(certified, id);
        let mut device = Device::with_accounts(&[("It", server)]);
        let octets = Message::new(server).seal();
        if serves {
            device.accept(&octets);
        } else {
            let refusal = device.refuse(&octets);
            let other = matches!(refusal, Refusal::CertificateNamesOther { .. });
            assert!(other, "{certified} for {id}: {refusal}");
        }
    }
}

#[test]
fn only_srvcred_with_x509_is_a_pin() {
    for (level, r#type) in [("CLCRED", "X509"), ("SRVCRED", "BASIC"), ("", ""), ("srvcred", "X509")]
    {
        let mut account = account("Alpha", alpha());
        let auth = &mut account.nodes[3].nodes[0];
        auth.nodes[0] = Node::leaf("AAuthLevel", level);
        auth.nodes[1] = Node::leaf("AAuthType", r#type);
        let mut device = Device::with_objects(vec![account]);
        let refusal = device.refuse(&Message::new(alpha()).seal());
        assert!(matches!(refusal, Refusal::NoPinnedKey(_)), "{level} {type}: {refusal}");
    }
}

// ------------------------------------------------------------------ §4.5

/// A device on which alpha has every right there is, with accounts in two places.
fn open_house() -> Device {
    let all = "Add=*&Delete=*&Exec=*&Get=*&Replace=*";
    let mut deep = with_acl(account("Deep", gamma()), all);
    deep.path = Some("House/Accounts".into());
    let alpha = with_acl(account("Alpha", alpha()), all);
    let house = with_acl(Node::interior("House", ""), all)
        .with(with_acl(Node::interior("Accounts", ""), all))
        .with(Node::leaf("Spare", "x"))
        .with(Node::interior("Empty", ""));
    Device::with_objects(vec![house, alpha, deep])
}

/// Every account in full, as an object.
fn accounts(device: &Device) -> Vec<(String, MgmtTree<'static>)> {
    let found = device.tree().accounts();
    found.map(|uri| (uri.to_string(), device.tree().object(uri))).collect()
}

const ACC: &str = "urn:oma:mo:oma-dm-dmacc:1.0";

/// Commands that try to change or remove an account, one each.
fn attempts() -> Vec<String> {
    let der = STANDARD.encode(&stranger().material);
    let octets = format!("{}{}", command::meta("bin", ""), command::data(&der));
    let put = |verb: &str, target: &str| command::one(verb, "1", &command::item(target, &octets));
    let object = |nodes| tnds::text(nodes);
    let mut replaced = object(vec![account("Deep", stranger())]);
    replaced = replaced.replace("<NodeName>Deep</NodeName><Path>DMAcc</Path>", "");
    let without = object(vec![Node { node_name: None, ..Node::interior("", "") }]);
    let pin = object(vec![Node::interior("2", "").with(Node::leaf("AAuthLevel", "SRVCRED"))]);
    let mut list = Vec::new();
    for root in ["./DMAcc/Alpha", "./House/Accounts/Deep"] {
        let below = |rest: &str| format!("{root}{rest}");
        list.extend([
            command::add("1", &below("/Note"), "x"),
            command::add_interior("1", &below("/AppAuth/2"), ""),
            command::add("1", &below("/AppAuth/2/AAuthLevel"), "SRVCRED"),
            put("Add", &below("/AppAuth/1/More")),
            put("Replace", &below("/AppAuth/1/AAuthData")),
            command::replace("1", &below("/ServerID"), "dm.stranger.example"),
            command::replace("1", &below("/AppAuth/1/AAuthName"), "x"),
            command::replace("1", &below("?prop=ACL"), "Get=*"),
            command::replace("1", &below("?prop=Title"), "x"),
            command::replace("1", &below("?prop=Name"), "Moved"),
            command::replace("1", &below("?prop=Type"), "x"),
            command::replace("1", &below("/ServerID?prop=ACL"), "Replace=*"),
            command::replace("1", &below("/ServerID?prop=Title"), "x"),
            command::replace("1", &below("/ServerID?prop=Name"), "X"),
            command::replace("1", &below("/AppAuth?prop=Name"), "X"),
            command::delete("1", root),
            command::delete("1", &below("/ServerID")),
            command::delete("1", &below("/AppAuth")),
            command::delete("1", &below("/AppAuth/1")),
            command::copy("1", "./House/Spare", &below("/ServerID")),
            command::copy("1", "./House/Spare", &below("/New")),
            command::copy("1", "./House/Spare", &below("/AppAuth/9/AAuthName")),
        ]);
        for shape in Shape::ALL {
            list.extend([
                tnds::command("Add", "1", &below("/AppAuth"), &pin, shape),
                tnds::command("Replace", "1", root, &replaced, shape),
                tnds::command("Replace", "1", root, &without, shape),
                tnds::command("Replace", "1", &below("/AppAuth"), &without, shape),
            ]);
        }
    }
    for ancestor in ["./House", "./House/Accounts"] {
        list.extend([
            command::delete("1", ancestor),
            command::replace("1", &format!("{ancestor}?prop=Name"), "Moved"),
            tnds::command("Replace", "1", ancestor, &without, Shape::InPlace),
        ]);
    }
    list.push(command::delete("1", "./DMAcc"));
    list.push(command::replace("1", "./DMAcc?prop=Name", "Moved"));
    list
}

#[test]
fn no_command_changes_or_removes_an_account() {
    let mut device = open_house();
    let before = accounts(&device);
    assert_eq!(before.len(), 2);
    for (n, attempt) in attempts().iter().enumerate() {
        let tree = device.tree().clone();
        let accepted = device.accept(&Message::new(alpha()).session(n).with(attempt).seal());
        let failure = accepted.commands[0].failure.as_ref();
        let of_account = matches!(failure, Some(CommandFailure::Tree(failure))
            if failure.reason == Reason::AccountChange);
        // Three fail for another reason first: a property that nobody replaces, a right, and what
        // is permanent.
        let other = attempt.contains("?prop=Type")
            || attempt.contains("<LocURI>./DMAcc<")
            || attempt.contains("./DMAcc?prop=Name");
        assert!(of_account || (other && failure.is_some()), "{attempt}: {failure:?}");
        assert_eq!(accounts(&device), before, "{attempt}");
        assert_eq!(*device.tree(), tree, "nothing else either: {attempt}");
    }
}

#[test]
fn no_group_of_commands_does_it_either() {
    for kind in ["Atomic", "Sequence"] {
        let mut device = open_house();
        let before = accounts(&device);
        for (n, attempt) in attempts().iter().enumerate() {
            let inner = attempt.replace("<CmdID>1<", "<CmdID>3<");
            let commands = [command::replace("2", "./House/Spare", &n.to_string()), inner];
            let group = command::group(kind, "1", &commands);
            device.accept(&Message::new(alpha()).session(n).with(group).seal());
            assert_eq!(accounts(&device), before, "{attempt}");
        }
    }
}

#[test]
fn rights_alone_are_not_what_stands_in_the_way() {
    // The same commands on a node of the same shape that is no account succeed.
    let mut device = open_house();
    let octets = Message::new(alpha())
        .with(command::add("1", "./House/Empty/Note", "x"))
        .with(command::replace("2", "./House/Empty?prop=Name", "Full"))
        .with(command::delete("3", "./House/Full"))
        .with(command::replace("4", "./House/Accounts?prop=Title", "x"))
        .seal();
    assert_eq!(device.statuses(&octets), [200, 200, 200, 200]);
}

/// Commands that try to make an account.
fn creations() -> Vec<String> {
    let stranger = || account("New", stranger());
    let mut at_root = stranger();
    at_root.path = None;
    let mut list =
        vec![tnds::deliver("1", vec![stranger()]), tnds::deliver("1", vec![at_root.clone()])];
    for identifier in [
        ACC,
        "urn:oma:mo:oma-dm-dmacc:1.1",
        "URN:OMA:MO:OMA-DM-DMACC:9.9",
        " urn:oma:mo:oma-dm-dmacc:1.0 ",
        "org.openmobilealliance/1.0/w7",
    ] {
        list.push(command::add_interior("1", "./DMAcc/New", identifier));
        list.push(command::add_interior("1", "./House/New", identifier));
        list.push(command::add_interior("1", "./Inbox/New", identifier));
    }
    let mut root = Node::interior("", ACC).with(Node::leaf("ServerID", "dm.stranger.example"));
    root.node_name = None;
    let hidden = Node::interior("Outer", "").with(at_root.clone());
    for shape in Shape::ALL {
        list.push(tnds::command("Add", "1", "./DMAcc", &tnds::text(vec![at_root.clone()]), shape));
        list.push(tnds::command("Add", "1", "./House", &tnds::text(vec![hidden.clone()]), shape));
        list.push(tnds::command(
            "Replace",
            "1",
            "./House/Empty",
            &tnds::text(vec![root.clone()]),
            shape,
        ));
    }
    let typed = command::meta("", ACC) + &command::data("x");
    list.push(command::one("Replace", "1", &command::item("./House/Spare", &typed)));
    list.push(command::replace("1", "./House/Empty?prop=Type", ACC));
    list
}

#[test]
fn no_command_makes_an_account() {
    for attempt in creations() {
        let mut device = open_house();
        let before = accounts(&device);
        let accepted = device.accept(&Message::new(alpha()).with(&attempt).seal());
        // An unsupported object in the Inbox is skipped (R30); everything else fails.
        let skipped = !accepted.notes.is_empty();
        assert!(skipped || !accepted.commands[0].status.is_success(), "{attempt}");
        assert_eq!(accounts(&device), before, "{attempt}");
        let refusal = device.refuse(&Message::new(stranger()).seal());
        assert_eq!(refusal, Refusal::NoAccount(stranger().id.into()));
    }
}

#[test]
fn configuration_may_allow_both_and_the_server_id_stays_in_force() {
    let mut device = open_house().set(|settings| {
        settings.rules.account_change = true;
        settings.rules.account_creation = true;
    });
    // After its ServerID is another, the rest of the message still runs with the old one's rights.
    let octets = Message::new(alpha())
        .with(command::replace("1", "./DMAcc/Alpha/ServerID", "dm.renamed.example"))
        .with(command::replace("2", "./Vendor/Speed", "2"))
        .seal();
    assert_eq!(device.statuses(&octets), [200, 200]);
    let refusal = device.refuse(&Message::new(alpha()).session(2).seal());
    assert_eq!(refusal, Refusal::NoAccount(alpha().id.into()), "from the next message on");

    let mut device = open_house().set(|settings| settings.rules.account_creation = true);
    device.accept(
        &Message::new(alpha()).with(tnds::deliver("1", vec![account("New", stranger())])).seal(),
    );
    assert!(device.has("./DMAcc/New"));
    device.accept(&Message::new(stranger()).seal());
}

#[test]
fn an_account_that_is_created_has_a_server_id_of_its_own() {
    let mut device = open_house().set(|settings| settings.rules.account_creation = true);
    let mut second = account("Second", alpha());
    second.path = None;
    let octets = Message::new(alpha()).with(tnds::deliver("1", vec![second])).seal();
    assert_eq!(device.statuses(&octets), [403]);
    device.accept(&Message::new(alpha()).session(2).seal());
}
