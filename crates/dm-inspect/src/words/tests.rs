use crate::{Findings, Input, examine, peel};

fn found(body: &str) -> Findings {
    let text = format!(
        "<SyncML xmlns='SYNCML:SYNCML1.2'><SyncHdr><Source><LocURI>srv</LocURI></Source><Meta>\
         <EMI xmlns='syncml:metinf'>c=1</EMI></Meta></SyncHdr><SyncBody>{body}</SyncBody></SyncML>"
    );
    examine(&peel(&[Input::new("in", text)], None).messages[0], &dm_crypto::AwsLc)
}

fn words(body: &str) -> Vec<String> {
    let said = |command: &crate::Command| {
        let lines: Vec<_> = command.words.iter().map(|line| line.text.clone()).collect();
        lines.join(" | ")
    };
    found(body).commands.iter().map(said).collect()
}

const META: &str = "<Meta><Format xmlns='syncml:metinf'>chr</Format></Meta>";

#[test]
fn commands_are_told_in_words() {
    let item = |inside: &str| format!("<Item>{inside}</Item>");
    let target = "<Target><LocURI>./A</LocURI></Target>";
    let source = "<Source><LocURI>./B</LocURI></Source>";
    let cases = [
        ("Replace", item(&format!("{target}{META}<Data>x</Data>")), "Replace ./A with \"x\" (chr)"),
        ("Add", item(&format!("{target}{META}")), "Add ./A (chr)"),
        ("Delete", item(target), "Delete ./A"),
        ("Get", item(target), "Get ./A"),
        ("Copy", item(&format!("{target}{source}")), "Copy ./B to ./A"),
        (
            "Exec",
            format!("<Correlator>7</Correlator>{}", item(&format!("{target}<Data>go</Data>"))),
            "Exec ./A \"go\" | correlator \"7\"",
        ),
        (
            "Replace",
            item("<Target><LocURI>./A?prop=ACL</LocURI></Target><Data>Get=*</Data>"),
            "Replace property ACL of ./A with \"Get=*\"",
        ),
        (
            "Alert",
            format!("<Data>1101</Data>{}{}", item("<Data/>"), item("<Data>Sure?</Data>")),
            "Alert 1101 (confirm or reject): \"\", \"Sure?\"",
        ),
        ("Add", String::new(), "Add without an Item"),
        ("Private", String::new(), "Private without an Item"),
    ];
    for (verb, inside, expected) in cases {
        let command = format!("<{verb}><CmdID>1</CmdID>{inside}</{verb}>");
        assert_eq!(words(&command), [expected]);
    }
}

#[test]
fn groups_hold_their_commands_and_the_header_says_who() {
    let found = found("<Atomic><CmdID>1</CmdID><Delete><CmdID>2</CmdID></Delete></Atomic>");
    assert_eq!(found.commands[0].commands[0].cmd_id.as_deref(), Some("2"));
    let header = found.header.unwrap();
    assert_eq!((header.source.as_deref(), header.emi.as_deref()), (Some("srv"), Some("c=1")));
    assert_eq!(header.target, None);
}

#[test]
fn objects_are_listed_as_trees_in_each_shape() {
    let object = "<MgmtTree xmlns='syncml:dmddf1.2'><VerDTD>1.2</VerDTD><Node><NodeName>N</NodeName>\
        <RTProperties><ACL>Get=*</ACL><Format><node/></Format></RTProperties>\
        <Node><NodeName>L</NodeName><Value>v</Value></Node></Node></MgmtTree>";
    let escaped = object.replace('<', "&lt;");
    let document = dm_xml::parse(object.as_bytes(), &dm_xml::Limits::default()).unwrap();
    let octets = dm_syncml::wbxml::encode(&document, dm_wbxml::Version::V1_2).unwrap();
    let base64 = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, octets);
    let r#type = "<Type xmlns='syncml:metinf'>application/vnd.syncml.dmtnds+wbxml</Type>";
    for (meta, data) in [("", object), ("", &*escaped), (r#type, &*base64)] {
        let said = words(&format!(
            "<Add><CmdID>1</CmdID><Meta>{meta}</Meta><Item><Data>{data}</Data></Item></Add>"
        ));
        assert!(said[0].contains("a management object of 2 nodes"), "{said:?}");
        assert!(said[0].ends_with(" | N (node) ACL Get=* | L = \"v\""), "{said:?}");
    }
}

#[test]
fn an_encrypted_part_is_named_and_not_opened() {
    let said = words(
        "<Replace><CmdID>1</CmdID><Item><Data><EncryptedData xmlns='http://www.w3.org/2001/04/xmlenc#'>\
         <EncryptionMethod Algorithm='http://www.w3.org/2009/xmlenc11#aes128-gcm'/></EncryptedData>\
         </Data></Item></Replace>",
    );
    assert!(said[0].contains("an encrypted part (aes128-gcm), not opened"), "{said:?}");
}

#[test]
fn long_texts_are_cut_and_say_how_long_they_are() {
    let long = "y".repeat(500);
    let said =
        words(&format!("<Replace><CmdID>1</CmdID><Item><Data>{long}</Data></Item></Replace>"));
    assert!(said[0].len() < 200 && said[0].contains("(500 characters)"), "{said:?}");
}

#[test]
fn a_namespace_is_declared_where_it_changes_and_in_mixed_content_too() {
    let text = "<a xmlns='urn:x'><b xmlns='urn:y'><c/></b><b>x<c xmlns='urn:y'><b xmlns='urn:x'/>\
                </c></b><d e='1'/></a>";
    let message = crate::peel(&[crate::Input::new("in", text)], None).messages.remove(0);
    let expected = "<a xmlns=\"urn:x\">\n  <b xmlns=\"urn:y\">\n    <c></c>\n  </b>\n  \
                    <b>x<c xmlns=\"urn:y\"><b xmlns=\"urn:x\"></b></c></b>\n  <d e=\"1\"></d>\n</a>\n";
    assert_eq!(crate::xml(&message).as_deref(), Some(expected));
}
