//! `bootstrap`: the first account, from a file.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::message::{KEY_NAME, keys};
use super::process::{program, run};

/// A network, and an account with this below it.
fn document(auth: &str) -> String {
    format!("{HEAD}{auth}</Node></MgmtTree>")
}

/// The key of the account, as a document in XML has it.
fn auth() -> String {
    let der = dm_crypto::public_material(keys().cert_pem.as_bytes()).expect("a certificate");
    let der = STANDARD.encode(der);
    let node = "<RTProperties><Format><node/></Format></RTProperties>";
    let leaf = |name: &str, properties: &str, value: &str| {
        format!(
            "<Node><NodeName>{name}</NodeName><RTProperties>{properties}</RTProperties><Value>\
             {value}</Value></Node>"
        )
    };
    let leaves = [
        leaf("AAuthLevel", "", "SRVCRED"),
        leaf("AAuthType", "", "X509"),
        leaf("AAuthName", "", KEY_NAME),
        leaf("AAuthData", "<Format><bin/></Format>", &der),
    ];
    format!(
        "<Node><NodeName>AppAuth</NodeName>{node}<Node><NodeName>1</NodeName>{node}{}</Node></Node>",
        leaves.concat()
    )
}

const HEAD: &str = "<MgmtTree xmlns=\"syncml:dmddf1.2\"><VerDTD>1.2</VerDTD><Node>\
    <NodeName>Home</NodeName><RTProperties><Format><node/></Format><Type>\
    <DDFName>urn:oma:mo:oma-connmo-nap:1.0</DDFName></Type></RTProperties><Node><NodeName>Addr\
    </NodeName><RTProperties/><Value>internet</Value></Node></Node><Node><NodeName>a</NodeName>\
    <RTProperties><Format><node/></Format><Type><DDFName>urn:oma:mo:oma-dm-dmacc:1.1</DDFName>\
    </Type></RTProperties><Node><NodeName>ServerID</NodeName><RTProperties/><Value>dm.operator.example\
    </Value></Node>";

#[test]
fn the_first_document_is_taken_and_the_second_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).expect("written");
    };
    write("agent.toml", "device_id = \"urn:imei:1\"\nstate = \"st\"\n");
    write("b.xml", &document(&auth()));
    write("unpinned.xml", &document(""));
    write("bad.xml", "<MgmtTree>");
    let bootstrap = |more: &[&str]| {
        let arguments = [&["bootstrap", "--config", "agent.toml"], more].concat();
        run(program(&arguments).current_dir(folder.path()))
    };
    let (code, _, err) = bootstrap(&["bad.xml"]);
    assert_eq!(code, 2, "{err}");
    assert!(err.contains("not a bootstrap document") && err.contains("next: "), "{err}");
    let (code, _, err) = bootstrap(&["unpinned.xml"]);
    assert_eq!(code, 1, "{err}");
    assert!(err.contains("has no pinned key") && err.contains("next: "), "{err}");
    let (code, out, err) = bootstrap(&["--json", "b.xml"]);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("\"server_ids\":[\"dm.operator.example\"]"), "{out}");
    let (code, _, err) = bootstrap(&["b.xml"]);
    assert_eq!(code, 1, "{err}");
    assert!(err.contains("has an account already"), "{err}");
    let (code, _, err) = bootstrap(&["none.xml"]);
    assert_eq!(code, 2, "{err}");
    let (code, _, err) = bootstrap(&["--push", "b.xml"]);
    assert_eq!(code, 1, "an account comes before the look at a push: {err}");
}
