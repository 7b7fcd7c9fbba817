//! `mgram seal` and what the draft asks of a server's commands.

use super::bench::{Bench, sealing};

const NAP: &str = "urn:oma:mo:oma-connmo-nap:1.0";

fn interior(name: &str, r#type: &str, below: &str) -> String {
    format!(
        "<Node><NodeName>{name}</NodeName><RTProperties><Format><node/></Format>\
         <Type><DDFName>{type}</DDFName></Type></RTProperties>{below}</Node>"
    )
}

fn leaf(name: &str, value: &str) -> String {
    format!("<Node><NodeName>{name}</NodeName><Value>{value}</Value></Node>")
}

fn message(target: &str, nodes: &str, behind: &str) -> String {
    format!(
        "<SyncML xmlns=\"SYNCML:SYNCML1.2\"><SyncHdr/><SyncBody><Add><CmdID>1</CmdID><Item>\
         <Target><LocURI>{target}</LocURI></Target><Meta><Format xmlns=\"syncml:metinf\">xml</Format>\
         <Type xmlns=\"syncml:metinf\">application/vnd.syncml.dmtnds+xml</Type></Meta><Data><![CDATA[\
         <MgmtTree xmlns=\"syncml:dmddf1.2\"><VerDTD>1.2</VerDTD>{nodes}</MgmtTree>]]></Data></Item>\
         </Add>{behind}<Final/></SyncBody></SyncML>"
    )
}

fn replace_acl(uri: &str) -> String {
    format!(
        "<Replace><CmdID>2</CmdID><Item><Target><LocURI>{uri}?prop=ACL</LocURI></Target>\
         <Data>Get=*</Data></Item></Replace>"
    )
}

/// Seals it, with a warning that has these words or with none; `--strict` refuses what is warned of.
fn warns(text: &str, words: Option<&[&str]>) {
    let bench = Bench::ready();
    bench.write("m.xml", text);
    let warnings = bench.json(&sealing("m.xml", "m"))["warnings"].clone();
    let warnings = warnings.as_array().expect("warnings");
    let strict = [&sealing("m.xml", "strict")[..], &["--strict"]].concat();
    match words {
        None => {
            assert_eq!(warnings.len(), 0, "{warnings:?}");
            bench.done(&strict);
        }
        Some(words) => {
            assert_eq!(warnings.len(), 1, "{warnings:?}");
            let said = warnings[0].as_str().expect("a sentence");
            words.iter().for_each(|word| assert!(said.contains(word), "{word}: {said}"));
            bench.fails(2, &strict, words);
        }
    }
}

#[test]
fn r17_a_list_that_is_replaced_behind_the_add_of_its_node_is_warned_of() {
    let nodes = interior("Work", NAP, &leaf("Addr", "a.b"));
    for (target, uri) in
        [("./Vendor", "./Vendor/Work"), ("./Inbox", "./NAP/Work"), ("./Inbox", "./NAP/Work/Addr")]
    {
        let words = ["R17", uri, "RTProperties/ACL"];
        warns(&message(target, &nodes, &replace_acl(uri)), Some(&words));
    }
    let grouped = format!("<Atomic><CmdID>3</CmdID>{}</Atomic>", replace_acl("./Vendor/Work"));
    warns(&message("./Vendor", &nodes, &grouped), Some(&["R17"]));
    warns(&message("./Vendor", &nodes, &replace_acl("./Vendor")), None);
    warns(&message("./Vendor", &nodes, ""), None);
}

#[test]
fn r28_a_reference_into_the_inbox_that_leads_to_nothing_is_warned_of() {
    let nodes = |reference: &str| {
        let con_ref = interior("1", "", &leaf("ConRef", reference));
        let proxy = interior("P", "urn:oma:mo:oma-connmo-proxy:1.0", &con_ref);
        interior("Work", NAP, &leaf("Addr", "a.b")) + &proxy
    };
    for wrong in ["./Inbox/Missing", "./Inbox/Work/Missing"] {
        let words = ["R28", wrong, "./Inbox/P/1/ConRef"];
        warns(&message("./Inbox", &nodes(wrong), ""), Some(&words));
    }
    for right in ["./Inbox/Work", "./NAP/Home", ""] {
        warns(&message("./Inbox", &nodes(right), ""), None);
    }
    warns(&message("./Inbox", &leaf("Note", "./Inbox/Missing"), ""), None);
}
