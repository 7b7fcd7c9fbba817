//! `bootstrap`: the first account, from a file.

use super::process::{program, run};

const DOCUMENT: &str = "<MgmtTree xmlns=\"syncml:dmddf1.2\"><VerDTD>1.2</VerDTD><Node>\
    <NodeName>Home</NodeName><RTProperties><Format><node/></Format><Type>\
    <DDFName>urn:oma:mo:oma-connmo-nap:1.0</DDFName></Type></RTProperties><Node><NodeName>Addr\
    </NodeName><RTProperties/><Value>internet</Value></Node></Node><Node><NodeName>a</NodeName>\
    <RTProperties><Format><node/></Format><Type><DDFName>urn:oma:mo:oma-dm-dmacc:1.1</DDFName>\
    </Type></RTProperties><Node><NodeName>ServerID</NodeName><RTProperties/><Value>dm.example\
    </Value></Node></Node></MgmtTree>";

#[test]
fn the_first_document_is_taken_and_the_second_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).expect("written");
    };
    write("agent.toml", "device_id = \"urn:imei:1\"\nstate = \"st\"\n");
    write("b.xml", DOCUMENT);
    write("bad.xml", "<MgmtTree>");
    let bootstrap = |more: &[&str]| {
        let arguments = [&["bootstrap", "--config", "agent.toml"], more].concat();
        run(program(&arguments).current_dir(folder.path()))
    };
    let (code, _, err) = bootstrap(&["bad.xml"]);
    assert_eq!(code, 2, "{err}");
    assert!(err.contains("not a bootstrap document") && err.contains("next: "), "{err}");
    let (code, out, err) = bootstrap(&["--json", "b.xml"]);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("\"server_ids\":[\"dm.example\"]"), "{out}");
    let (code, _, err) = bootstrap(&["b.xml"]);
    assert_eq!(code, 1, "{err}");
    assert!(err.contains("has an account already"), "{err}");
    let (code, _, err) = bootstrap(&["none.xml"]);
    assert_eq!(code, 2, "{err}");
    let (code, _, err) = bootstrap(&["--push", "b.xml"]);
    assert_eq!(code, 1, "an account comes before the look at a push: {err}");
}
