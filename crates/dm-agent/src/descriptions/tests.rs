use dm_tree::{AclCommand, Tree, Uri};

use super::*;
use crate::config::Config;
use crate::settings::rules;

const THING: &str = "urn:oma:mo:oma-thing:1.0";

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn fault(name: &str, text: &str) -> String {
    let folder = folder(&[(name, text)]);
    let error = read(&[folder.path().to_owned()], false).unwrap_err().to_string();
    let path = folder.path().join(name).display().to_string();
    assert!(error.starts_with(&path), "{error}");
    error[path.len()..].to_owned()
}

fn ddf(nodes: &str) -> String {
    format!("<MgmtTree xmlns='syncml:dmddf1.2'><VerDTD>1.2</VerDTD>{nodes}</MgmtTree>")
}

fn node(name: &str, path: &str, more: &str) -> String {
    format!(
        "<Node><NodeName>{name}</NodeName><Path>{path}</Path><DFProperties><AccessType><Get/>\
         </AccessType><DFFormat><node/></DFFormat>{more}<DFType><DDFName>{THING}</DDFName></DFType>\
         </DFProperties></Node>"
    )
}

fn uri(text: &str) -> Uri {
    Uri::parse(text).unwrap()
}

#[test]
fn a_fault_is_told_with_its_file_and_its_place() {
    assert!(fault("a.xml", "\n\n<MgmtTree").starts_with(":3: "));
    let no_access = ddf("\n\n<Node><NodeName>A</NodeName><DFProperties/></Node>");
    let said = fault("b.ddf", &no_access);
    assert_eq!(said, ":3, Node/DFProperties: AccessType is missing");
    let twice =
        format!("{}{}", node("A", "./V", ""), node("A", "./V", "<Scope><Permanent/></Scope>"));
    let said = fault("c.xml", &ddf(&twice));
    assert_eq!(said, ": ./V/A is described already, and not alike");
    let nothing = folder(&[("readme.txt", "x")]);
    let error = read(&[nothing.path().to_owned()], false).unwrap_err();
    assert!(matches!(error, RegistryError::Empty(_)), "{error}");
    let error = read(&[nothing.path().join("none.xml")], false).unwrap_err();
    assert!(matches!(error, RegistryError::Io { .. }), "{error}");
}

#[test]
fn descriptions_of_windows_may_leave_elements_out() {
    let text = "<!DOCTYPE MgmtTree PUBLIC ' -//OMA//DTD-DM-DDF 1.2//EN' 'x'>\
        <MgmtTree><VerDTD>1.2</VerDTD><Node><NodeName>A</NodeName><Path>./V</Path><DFProperties>\
        <DFFormat><int/></DFFormat></DFProperties></Node></MgmtTree>";
    let folder = folder(&[("w.xml", text)]);
    let all = read(&[folder.path().join("w.xml")], false).unwrap();
    let tree = Tree::new();
    let found = all.get(&uri("./V/A"), &tree).unwrap();
    assert!(found.permits(AclCommand::Replace), "nothing is said of the commands");
    assert_eq!(found.format, Some(dm_tnds::Format::Int));
}

#[test]
fn described_objects_are_supported_and_go_where_they_live_unless_configured() {
    let many = "<Occurrence><ZeroOrMore/></Occurrence>";
    let folder = folder(&[("t.xml", &ddf(&node("", "./V/Things", many)))]);
    let with = |more: &str| {
        let path = folder.path().display();
        let text = format!("device_id = \"d\"\nstate = \"s\"\n[tree]\nddf = [\"{path}\"]\n{more}");
        rules(&Config::parse("a".as_ref(), &text, [("", ""); 0]).unwrap().tree).unwrap()
    };
    let described = with("");
    assert_eq!(described.inbox["urn:oma:mo:oma-thing"], uri("./V/Things"));
    assert!(described.supported.contains(THING));
    assert_eq!(described.inbox["urn:oma:mo:oma-connmo-nap"], uri("./NAP"), "as ever");
    let configured = with("inbox = { \"urn:oma:mo:oma-thing\" = \"./Else\" }\n");
    assert_eq!(configured.inbox["urn:oma:mo:oma-thing"], uri("./Else"));
}

#[test]
fn the_standard_descriptions_hold_when_asked_for() {
    let tree = Tree::new();
    let dev_id = uri("./DevDetail/URI/MaxDepth");
    assert!(read(&[], false).unwrap().is_empty());
    let found = read(&[], true).unwrap();
    let found = found.get(&dev_id, &tree).unwrap();
    assert!(found.is_permanent && !found.permits(AclCommand::Replace));
}

/// The descriptions of Windows, one by one: they are somebody else's, and not always there.
#[test]
fn the_descriptions_of_windows_can_be_registered() {
    let shared = std::env::var_os("MGRAM_TEST_SHARED").map(PathBuf::from);
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let folder = shared.unwrap_or_else(beside).join("corpus/ms-ddf");
    if !folder.is_dir() {
        println!("1 skipped: no documents in corpus/ms-ddf");
        return;
    }
    let files = files(&folder).unwrap();
    assert!(files.len() >= 20);
    let described = files.iter().filter(|file| {
        let all = read(&[(*file).clone()], false).unwrap_or_else(|error| panic!("{error}"));
        !all.is_empty()
    });
    assert_eq!(described.count(), files.len());
}
