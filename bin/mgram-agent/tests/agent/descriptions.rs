//! A maker's device descriptions: files in a folder.

use super::device::{Device, LISTENERS};
use super::message::{OPERATOR, sealed_body};
use super::process::{program, run};

const DESCRIPTION: &str = "<MgmtTree xmlns='syncml:dmddf1.2'><VerDTD>1.2</VerDTD><Node><NodeName/>\
    <Path>./Lamps</Path><DFProperties><AccessType><Add/><Get/></AccessType><DFFormat><node/></DFFormat>\
    <Occurrence><ZeroOrMore/></Occurrence><DFType><DDFName>urn:acme:mo:lamp:1.0</DDFName></DFType>\
    </DFProperties><Node><NodeName>Level</NodeName><DFProperties><AccessType><Add/><Get/><Replace/>\
    </AccessType><DFFormat><int/></DFFormat><DFType><MIME>text/plain</MIME></DFType></DFProperties>\
    </Node></Node></MgmtTree>";

/// `Add` of a lamp to the Inbox.
fn lamp(name: &str, format: &str, level: &str) -> String {
    let object = format!(
        "<MgmtTree xmlns='syncml:dmddf1.2'><VerDTD>1.2</VerDTD><Node><NodeName>{name}</NodeName>\
         <RTProperties><ACL>Get=*&amp;Replace={OPERATOR}</ACL><Format><node/></Format><Type><DDFName>\
         urn:acme:mo:lamp:1.0</DDFName></Type></RTProperties><Node><NodeName>Level</NodeName>\
         <RTProperties><Format><{format}/></Format><Type><MIME>text/plain</MIME></Type></RTProperties>\
         <Value>{level}</Value></Node></Node></MgmtTree>"
    );
    let data = object.replace('&', "&amp;").replace('<', "&lt;");
    format!(
        "<Add><CmdID>1</CmdID><Meta><Format xmlns='syncml:metinf'>xml</Format><Type \
         xmlns='syncml:metinf'>application/vnd.syncml.dmtnds+xml</Type></Meta><Item><Target><LocURI>\
         ./Inbox</LocURI></Target><Data>{data}</Data></Item></Add>"
    )
}

fn level(value: &str) -> String {
    format!(
        "<Replace><CmdID>1</CmdID><Item><Target><LocURI>./Lamps/Kitchen/Level</LocURI></Target>\
         <Data>{value}</Data></Item></Replace>"
    )
}

/// A device whose maker has described lamps.
fn described() -> Device {
    let device = Device::new();
    std::fs::create_dir(device.path("ddf")).expect("made");
    std::fs::write(device.path("ddf").join("lamp.xml"), DESCRIPTION).expect("written");
    device.configure(&format!("[tree]\nddf = [{:?}]\n{LISTENERS}", device.path("ddf")));
    device
}

#[test]
fn a_described_object_is_placed_from_the_inbox_and_keeps_its_formats() {
    let device = described();
    let mut agent = device.start();
    let commands = [
        lamp("Kitchen", "int", "5"),
        lamp("Hall", "chr", "bright"),
        lamp("Yard", "int", "bright"),
        level("dark"),
    ];
    for (number, command) in (1..).zip(&commands) {
        agent.push(&sealed_body(number, command));
        agent.wait_for(" accepted from=udp", usize::try_from(number).expect("few"));
    }
    let text = |uri: &str| device.text(uri);
    assert_eq!(agent.signal("TERM").code(), Some(0));
    assert_eq!(text("./Lamps/Kitchen/Level").as_deref(), Some("5"));
    assert_eq!([text("./Lamps/Hall/Level"), text("./Lamps/Yard/Level")], [None, None]);

    let mut agent = device.start();
    agent.push(&sealed_body(5, &level("7")));
    agent.wait_for(" accepted from=udp", 1);
    assert_eq!(agent.signal("TERM").code(), Some(0));
    assert_eq!(text("./Lamps/Kitchen/Level").as_deref(), Some("7"));
}

#[test]
fn without_the_description_the_object_has_no_place() {
    let device = Device::new();
    let mut agent = device.start();
    agent.push(&sealed_body(1, &lamp("Kitchen", "int", "5")));
    agent.wait_for(" accepted from=udp", 1);
    assert_eq!(agent.signal("TERM").code(), Some(0));
    assert_eq!(device.text("./Lamps/Kitchen/Level"), None);
}

#[test]
fn a_faulty_description_stops_the_start_with_file_and_line() {
    let device = described();
    let silent =
        DESCRIPTION.replacen("<AccessType>", "<X>", 1).replacen("</Acc", "</X><Y/></Acc", 1);
    let missing = "<MgmtTree xmlns='syncml:dmddf1.2'><VerDTD>1.2</VerDTD>\n<Node>\n\
                   <NodeName>A</NodeName>\n<DFProperties/></Node></MgmtTree>";
    let other = DESCRIPTION.replacen("<Get/>", "", 1);
    for (text, words) in [
        (missing, ["b.xml:4, ", "AccessType is missing"]),
        ("<MgmtTree>\n<Node>\n</MgmtTree>", ["b.xml:3: ", "at octet"]),
        (&silent, ["b.xml:1: ", "at octet"]),
        (&other, ["lamp.xml: ", "is described already, and not alike"]),
    ] {
        std::fs::write(device.path("ddf").join("b.xml"), text).expect("written");
        for command in ["check", "run"] {
            let (code, _, said) = run(&mut program(&[command, "--config", &device.config_path()]));
            assert_eq!(code, 2, "{said}");
            words.iter().for_each(|word| assert!(said.contains(word), "{word}: {said}"));
        }
    }
}
