use super::*;
use crate::effects::left_out;
use dm_tnds::Format;
use dm_tree::Node;

/// A tree with one access point, `./NAP/Home`, of these leaves.
fn tree(leaves: &[(&str, &str)]) -> Tree {
    let uri = |text: &str| Uri::parse(text).unwrap();
    let mut nodes = vec![
        (uri("./NAP"), Node::interior("")),
        (uri("./NAP/Home"), Node::interior("urn:oma:mo:oma-connmo-nap:1.0")),
    ];
    for (path, text) in leaves {
        let mut at = uri("./NAP/Home");
        let names: Vec<_> = path.split('/').collect();
        for (index, name) in names.iter().enumerate() {
            at = at.join(name).unwrap();
            let is_leaf = index + 1 == names.len();
            if is_leaf {
                nodes.push((at.clone(), Node::text(*text)));
            } else if !nodes.iter().any(|(there, _)| *there == at) {
                nodes.push((at.clone(), Node::interior("")));
            }
        }
    }
    Tree::from_nodes(nodes).unwrap()
}

fn made(leaves: &[(&str, &str)]) -> Result<String, Unfit> {
    let on = Uri::parse("./NAP").unwrap();
    let [(name, keyfile)] = &keyfiles(&tree(leaves), &[on])[..] else { panic!("not one") };
    assert_eq!(name, "marconigram-Home.nmconnection");
    keyfile.clone().map(|keyfile| keyfile.text)
}

const AUTO: &str = "\n[ipv4]\nmethod=auto\n\n[ipv6]\nmethod=auto\n";

#[test]
fn a_mobile_network_with_a_name_and_a_secret() {
    let text = made(&[
        ("Name", "Home operator"),
        ("Addr", "internet.example"),
        ("AddrType", "APN"),
        ("AuthInfo/AuthType", "CHAP"),
        ("AuthInfo/AuthName", " u\\1"),
        ("AuthInfo/AuthSecret", "p;=#"),
        ("Bearer/BearerType", "3GPP-PS"),
    ]);
    let uuid = uuid(&Uri::parse("./NAP/Home").unwrap());
    let expected = format!(
        "[connection]\nid=Home operator\nuuid={uuid}\ntype=gsm\n\n[gsm]\napn=internet.example\n\
         username=\\su\\\\1\npassword=p;=#\n\n[ppp]\nrefuse-eap=true\nrefuse-pap=true\n\
         refuse-mschap=true\nrefuse-mschapv2=true\n{AUTO}"
    );
    assert_eq!(text.unwrap(), expected);
}

#[test]
fn a_mobile_network_that_asks_for_nothing() {
    let uuid = uuid(&Uri::parse("./NAP/Home").unwrap());
    let expected = format!("[connection]\nid=Home\nuuid={uuid}\ntype=gsm\n\n[gsm]\napn=a\n{AUTO}");
    assert_eq!(made(&[("Addr", "a")]).unwrap(), expected);
    let pap = made(&[("Addr", "a"), ("AuthInfo/AuthType", "PAP")]).unwrap();
    assert!(pap.contains("refuse-chap=true") && !pap.contains("refuse-pap"), "{pap}");
}

#[test]
fn a_uuid_is_of_its_uri_and_stays() {
    let of = |text: &str| uuid(&Uri::parse(text).unwrap());
    assert_eq!(of("./NAP/Home"), UUID);
    assert_ne!(of("./NAP/Work"), UUID);
    assert_eq!((UUID.len(), UUID.as_bytes()[14]), (36, b'8'));
    assert!(b"89ab".contains(&UUID.as_bytes()[19]));
}

#[test]
fn a_wlan_with_a_key() {
    let text = made(&[
        ("Bearer/BearerType", "WLAN"),
        ("Bearer/WLAN/SSID", "Site-7"),
        ("Bearer/WLAN/Hidden", "true"),
        ("Bearer/WLAN/SecMode", "WPA2-PSK"),
        ("Bearer/WLAN/PSK", "correct horse"),
    ]);
    let expected = format!(
        "[connection]\nid=Home\nuuid={UUID}\ntype=wifi\n\n[wifi]\nssid=Site-7\n\
         mode=infrastructure\nhidden=true\n\n[wifi-security]\nkey-mgmt=wpa-psk\n\
         psk=correct horse\n{AUTO}"
    );
    assert_eq!(text.unwrap(), expected);
}

#[test]
fn a_wlan_without_a_key_and_an_ssid_that_is_octets() {
    for (ssid, written) in [("Café", "67;97;102;195;169;"), ("12", "49;50;"), ("a;b", "97;59;98;")]
    {
        let text = made(&[("SSID", ssid)]).unwrap();
        assert!(text.contains(&format!("\nssid={written}\n")), "{text}");
        assert!(!text.contains("wifi-security") && text.contains("type=wifi\n"), "{text}");
    }
    let sae = made(&[("SSID", "s"), ("PSK", "short"), ("SecMode", "SAE")]).unwrap();
    assert!(sae.contains("key-mgmt=sae\npsk=short\n"), "{sae}");
}

#[test]
fn addresses_of_the_tree() {
    let text = made(&[
        ("Addr", "a"),
        ("IPv4/AutoConfig", "false"),
        ("IPv4/LocalAddr", "10.1.2.3"),
        ("IPv4/NetMask", "255.255.254.0"),
        ("IPv4/Gateway", "10.1.2.1"),
        ("IPv4/DNS/1/DNSAddr", "192.0.2.53"),
        ("IPv4/DNS/2/DNSAddr", "192.0.2.54"),
        ("IPv6/LocalAddr", "2001:db8::7/56"),
        ("IPv6/DNS/1/DNSAddr", "2001:DB8::53"),
    ]);
    let expected = "[ipv4]\nmethod=manual\naddress1=10.1.2.3/23,10.1.2.1\n\
                    dns=192.0.2.53;192.0.2.54;\n\n[ipv6]\nmethod=manual\n\
                    address1=2001:db8::7/56\ndns=2001:db8::53;\n";
    let text = text.unwrap();
    assert!(text.ends_with(expected), "{text}");
}

#[test]
fn what_no_profile_can_be_made_of_is_named() {
    let wlan = ("BearerParams/WLAN/SSID", "s");
    for (leaves, at, words) in [
        (&[][..], "", "Addr is missing"),
        (&[("Addr", "a b")], "/Addr", "an APN is"),
        (&[("Addr", "a\n[x]")], "/Addr", "control"),
        (&[("Addr", "+491"), ("AddrType", "E164")], "/AddrType", "no APN"),
        (
            &[("Addr", "a"), ("Bearer/BearerType", "ANALOG-MODEM")],
            "/Bearer/BearerType",
            "no profile is made for",
        ),
        (&[("Addr", "a"), ("BearerType", "CSD")], "/BearerType", "no profile is made for"),
        (&[("Addr", "a"), ("AuthInfo/AuthType", "KERBEROS")], "/AuthInfo/AuthType", "neither PAP"),
        (&[("Addr", "a"), ("AuthInfo/AuthSecret", "a\u{7}")], "/AuthInfo/AuthSecret", "control"),
        (&[("Bearer/BearerType", "WLAN")], "", "BearerParams/WLAN/SSID is missing"),
        (&[("BearerType", "WLAN"), ("WLAN/SSID", "")], "/WLAN/SSID", "1 to 32 octets"),
        (&[("SSID", "s"), ("PSK", "short")], "/PSK", "8 to 63"),
        (&[wlan, ("BearerParams/WLAN/PSK", "short")], "/BearerParams/WLAN/PSK", "8 to 63"),
        (
            &[wlan, ("BearerParams/WLAN/SecMode", "SAE")],
            "/BearerParams/WLAN",
            "BearerParams/WLAN/PSK is missing",
        ),
        (&[("SSID", "s"), ("SecMode", "SAE")], "", "BearerParams/WLAN/PSK is missing"),
        (&[("SSID", "s"), ("WLAN/SecMode", "WEP")], "/WLAN/SecMode", "none of NONE"),
        (&[("SSID", "s"), ("Bearer/WLAN/Hidden", "x")], "/Bearer/WLAN/Hidden", "neither true"),
        (&[("Addr", "a"), ("IPv4/AutoConfig", "false")], "/IPv4", "LocalAddr is missing"),
        (&[("Addr", "a"), ("IPv6/AutoConfig", "false")], "/IPv6", "LocalAddr is missing"),
        (&[("Addr", "a"), ("IPv4/AutoConfig", "no")], "/IPv4/AutoConfig", "neither true"),
        (&[("Addr", "a"), ("IPv4/LocalAddr", "1.2.3")], "/IPv4/LocalAddr", "no address"),
        (&[("Addr", "a"), ("IPv4/LocalAddr", "1.2.3.4")], "/IPv4", "NetMask is missing"),
        (
            &[("Addr", "a"), ("IPv4/LocalAddr", "1.2.3.4"), ("IPv4/NetMask", "255.0.255.0")],
            "/IPv4/NetMask",
            "no mask",
        ),
        (&[("Addr", "a"), ("IPv6/LocalAddr", "::1/129")], "/IPv6/LocalAddr", "no address"),
        (
            &[("Addr", "a"), ("IPv6/LocalAddr", "::1"), ("IPv6/PrefixLen", "129")],
            "/IPv6/PrefixLen",
            "0 to 128",
        ),
        (
            &[("Addr", "a"), ("IPv6/LocalAddr", "::1/56"), ("IPv6/PrefixLen", "64")],
            "/IPv6/PrefixLen",
            "another",
        ),
        (&[("Addr", "a"), ("IPv6/DNS/1/DNSAddr", "192.0.2.1")], "/IPv6/DNS/1/DNSAddr", "no addr"),
    ] {
        let Unfit { uri, why } = made(leaves).unwrap_err();
        assert_eq!(uri.as_str(), format!("./NAP/Home{at}"), "{why}");
        assert!(why.contains(words), "{at}: {why}");
        assert!(tree(leaves).contains(&uri), "{uri} is not there to be looked at");
    }
}

#[test]
fn a_file_is_named_by_where_the_access_point_is() {
    let name = |on: &str, uri: &str| file_name(&Uri::parse(on).unwrap(), &Uri::parse(uri).unwrap());
    assert_eq!(name("./NAP", "./NAP/a/b"), "marconigram-a%2Fb.nmconnection");
    assert_eq!(name("./NAP/a", "./NAP/a"), "marconigram-a.nmconnection");
    assert_eq!(name(".", "./NAP/~Ä"), "marconigram-NAP%2F%7E%C3%84.nmconnection");
}

#[test]
fn other_nodes_are_no_access_points_and_octets_are_no_text() {
    let uri = |text: &str| Uri::parse(text).unwrap();
    let nodes = [
        (uri("./NAP"), Node::interior("")),
        (uri("./NAP/P"), Node::interior("urn:oma:mo:oma-connmo-proxy:1.0")),
        (uri("./NAP/H"), Node::interior("urn:oma:mo:oma-connmo-nap:1.1")),
        (uri("./NAP/H/Addr"), Node::leaf(Format::Bin, "x/y", [0xFF])),
    ];
    let files = keyfiles(&Tree::from_nodes(nodes).unwrap(), &[uri("./NAP")]);
    let [(_, Err(unfit))] = &files[..] else { panic!("{files:?}") };
    assert_eq!(unfit.why, "the value is not text");
}

/// What NetworkManager makes of a profile, where it is installed.
fn read_by_network_manager(text: &str) -> Option<String> {
    use std::io::Write;
    use std::process::{Command, Stdio};

    let mut nmcli = Command::new("nmcli");
    nmcli.args(["--offline", "connection", "modify", "connection.zone", "z"]);
    nmcli.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let Ok(mut nmcli) = nmcli.spawn() else {
        left_out::skipped("nmcli not installed");
        return None;
    };
    nmcli.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = nmcli.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}: {text}");
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn network_manager_reads_the_profiles() {
    for (leaves, lines) in [
        (
            &[("Addr", "internet"), ("AuthInfo/AuthType", "CHAP"), ("AuthInfo/AuthName", " u\\1")]
                [..],
            &["apn=internet", "username=\\su\\\\1", "refuse-pap=true"][..],
        ),
        (&[("SSID", "Caf\u{e9}"), ("PSK", "correct horse")], &["type=wifi", "psk=correct horse"]),
        (
            &[("Addr", "a"), ("IPv4/LocalAddr", "10.0.0.2"), ("IPv4/NetMask", "255.0.0.0")],
            &["10.0.0.2/8", "method=manual"],
        ),
    ] {
        let Some(read) = read_by_network_manager(&made(leaves).unwrap()) else { return };
        assert!(read.contains(UUID), "{read}");
        lines.iter().for_each(|line| assert!(read.contains(line), "{line}: {read}"));
    }
}

const UUID: &str = "30be9716-b7c2-8257-b30f-8b6aa82a1888";

mod view;
