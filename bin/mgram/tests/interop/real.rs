//! Documents from real devices and servers: as they are, then mended, as far as they go.
//!
//! Nothing of them is in this project. Without them these tests say so, and pass.

mod documents;
mod mended;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use self::documents::{DOCUMENTS, Document, Found, Onward};
use self::mended::{between, mended, retargeted, with_content, without};
use crate::device::{DEVICE_ID, Device, SERVER_ID, Value, changes, json, statuses, text};
use crate::infoset::{canonical, compact};
use crate::key::{KEY_NAME, Key};
use crate::messages::message;
use crate::peer;
use crate::program::{Said, mgram, output, run};

/// The tree of a phone: what these documents touch.
const PHONE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop/real/phone.xml");

/// Pairs whose two files do not say the same, and why.
const DIFFERENT: [(&str, &str); 3] = [
    ("syncml11__syncml-004", "device information became octets"),
    ("syncml11__syncml-007", "white space around a text was dropped"),
    ("syncml12__syncml_with_ddf-001", "an object became octets"),
];

/// The corpus, where it is.
fn corpus() -> Option<PathBuf> {
    let found = peer::documents("corpus/peer-a");
    if found.is_none() {
        eprintln!("{} documents are not looked at", DOCUMENTS.len());
    }
    found
}

/// Every file is in the table: nothing is left out without a word.
#[test]
fn each_document_is_read_or_refused_for_a_reason() {
    let Some(corpus) = corpus() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let (mut read, mut refused) = (0, 0);
    for path in files(&corpus) {
        let name = path.strip_prefix(&corpus).expect("below the corpus").to_string_lossy();
        let document = DOCUMENTS.iter().find(|document| document.name == name);
        let document = document.unwrap_or_else(|| panic!("{name} is not in the table"));
        let said = as_it_is(&path, folder.path());
        match document.found {
            Found::Read => {
                assert_eq!(said.code, 0, "{name}: {}", said.out);
                read += 1;
            }
            Found::Refused(reason) => {
                let error = &json(&said.out)["error"];
                assert_eq!(said.code, 2, "{name}: {}", said.out);
                assert!(text(&error["what"]).contains(reason), "{name}: {error}");
                assert!(text(&error["where"]).contains("octet "), "{name}: {error}");
                assert!(text(&error["next"]).len() > 10, "{name}: {error}");
                refused += 1;
            }
        }
    }
    eprintln!("{read} documents read as they are, {refused} refused");
}

fn as_it_is(path: &Path, folder: &Path) -> Said {
    let verb = if is_wbxml(path) { "decode" } else { "encode" };
    run(mgram(["--json", verb, "-o"]).arg(folder.join("out")).arg(path))
}

/// Both ways: from XML text to WBXML and back, or from WBXML to XML text and back.
#[test]
fn each_document_survives_the_round_trip() {
    let Some(corpus) = corpus() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let (mut as_found, mut with_help) = (0, 0);
    for document in here(&corpus) {
        let Some(text) = readable(&corpus, document) else { continue };
        for version in ["1.1", "1.2", "1.3"] {
            let again = round_trip(&text, version, folder.path());
            assert_eq!(again, compact(&text), "{}", document.name);
        }
        match document.found {
            Found::Read => as_found += 1,
            Found::Refused(_) => with_help += 1,
        }
    }
    eprintln!("{as_found} documents as they are and {with_help} mended make the round trip");
}

/// XML and WBXML of one message, written by others.
#[test]
fn both_of_a_pair_say_the_same() {
    let Some(corpus) = corpus() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let mut alike = 0;
    for document in here(&corpus).filter(|document| is_wbxml(document.name.as_ref())) {
        let other = document.name.replace(".wbxml", ".xml");
        let other = DOCUMENTS.iter().find(|document| document.name == other);
        let (Some(octets), Some(plain)) =
            (readable(&corpus, document), other.and_then(|other| readable(&corpus, other)))
        else {
            continue;
        };
        let same = canonical(&octets) == round_trip(&plain, "1.2", folder.path());
        let different = DIFFERENT.iter().find(|(name, _)| document.name.contains(name));
        assert_eq!(same, different.is_none(), "{}: {different:?}", document.name);
        alike += u32::from(same);
    }
    assert!(alike > 6, "{alike} pairs");
    eprintln!("{alike} pairs are alike; not: {DIFFERENT:?}");
}

/// Mended, retargeted, sealed, opened: accepted and done, or stopped where the table says.
#[test]
fn each_message_goes_as_far_as_it_can() {
    let (Some(corpus), true) = (corpus(), peer::all_here(&["openssl"])) else { return };
    let bench = Bench::new();
    let device = bench.device("device");
    let before = device.tree();
    let (mut taken, mut unfit, mut others) = (0, 0, 0);
    for document in here(&corpus) {
        let text = readable(&corpus, document);
        match document.onward {
            Onward::Foreign => {
                assert_eq!(text, None, "{}", document.name);
                others += 1;
            }
            Onward::NotAMessage => {
                let error = bench.refused(&text.expect("read"));
                assert!(error["what"].to_string().contains("not a SyncML"), "{error}");
                others += 1;
            }
            Onward::Unfit(place) => {
                let error = bench.refused(&text.expect("read"));
                assert!(error["where"].to_string().contains(&format!(", {place}")), "{error}");
                unfit += 1;
            }
            Onward::Taken(codes, changed) => {
                let verdict = device.open(&bench.seal(&text.expect("read")), &["--dry-run"]);
                assert_eq!(verdict["verdict"], "accepted", "{}: {verdict}", document.name);
                assert_eq!(statuses(&verdict), codes, "{}: {verdict}", document.name);
                let uris: Vec<String> = changes(&verdict).into_iter().map(|(uri, _)| uri).collect();
                assert_eq!(uris, changed, "{}", document.name);
                taken += 1;
            }
        }
    }
    assert_eq!(device.tree(), before);
    eprintln!("{taken} documents sealed and accepted, {unfit} not sealed, {others} no messages");
}

/// Messages that change something, on one device, and what is in its tree then.
#[test]
fn a_device_does_what_real_messages_say() {
    let (Some(corpus), true) = (corpus(), peer::all_here(&["openssl"])) else { return };
    let (bench, mut tree) = (Bench::new(), Vec::new());
    let device = bench.device("device");
    let mut done = |name: &str, change: &dyn Fn(String) -> String| {
        let document = here(&corpus).find(|document| document.name.ends_with(name));
        let Some(document) = document else { return peer::skipped(&format!("no {name}")) };
        let text = change(readable(&corpus, document).expect("a message"));
        let verdict = device.open_with_user(&bench.seal(&text));
        assert_eq!(verdict["verdict"], "accepted", "{name}: {verdict}");
        let all_done = statuses(&verdict).iter().all(|status| *status == 200);
        assert!(all_done && !changes(&verdict).is_empty(), "{name}: {verdict}");
        tree.push((name.to_owned(), device.tree()));
    };
    let leaf = |value: &str| Some(Value::Text(value.to_owned()));
    let as_is = |text: String| text;

    done("dm12__testalertconfirmatomic.xml", &as_is);
    done("dm11__testadd.wbxml", &as_is);
    done("dm12__testdelete.wbxml", &as_is);
    done("dm12__testnewdatatype.xml", &|text| without(&text, "Delete"));
    let expected = [
        ("./DevDetail/Bearer/GSM", leaf("test")),
        ("./TestLeafNode", Some(Value::Interior)),
        ("./TestLeafNode", None),
        ("./Test/MyApp/TimeLeaf", leaf("11:20:35+01:20")),
    ];
    for ((name, tree), (uri, value)) in tree.iter().zip(expected) {
        assert_eq!(tree.get(uri).cloned(), value, "{name}: {uri}");
    }
    let Some((_, last)) = tree.last() else { return };
    for (uri, value) in [("Float", "1.2345"), ("Date", "2005-345")] {
        assert_eq!(last.get(&format!("./Test/MyApp/{uri}Leaf")).cloned(), leaf(value));
    }
    assert_eq!(last.get("./TestLeaf"), None);
    eprintln!("{} messages done on one device", tree.len());
}

/// The object of a standard's example, in place and as the WBXML that others made of it.
#[test]
fn a_device_takes_an_object_that_others_wrote() {
    let (Some(corpus), true) = (corpus(), peer::all_here(&["openssl"])) else { return };
    let bench = Bench::new();
    let frame = fs::read_to_string(message("small").path()).expect("a message");
    let mut trees = Vec::new();
    for document in here(&corpus).filter(|document| document.name.contains("_with_ddf-001")) {
        let text = readable(&corpus, document).expect("a message");
        let (_, last) = text.rsplit_once("<Add>").expect("the object is in the last Add");
        let (add, _) = last.split_once("</Add>").expect("its end");
        let add = format!("<Add>{}</Add>", with_content(add, "LocURI", "./Mail"));
        let replace = between(&frame, "<Replace>", "</Replace>").expect("a command");
        let text = frame.replace(&format!("<Replace>{replace}</Replace>"), &add);
        let device = bench.device(&document.name.replace('/', "-"));
        let verdict = device.open(&bench.seal(&text), &[]);
        assert_eq!(statuses(&verdict), [200], "{}: {verdict}", document.name);
        trees.push(device.tree());
    }
    let server = Value::Text("mail.Operatorx.com".to_owned());
    for tree in &trees {
        assert_eq!(tree.get("./Mail/E-Mail/POP3/POPServer"), Some(&server));
        assert_eq!(tree, &trees[0]);
    }
    eprintln!("{} objects that others wrote are in a tree", trees.len());
}

/// A key, and a place to seal in.
struct Bench {
    folder: tempfile::TempDir,
    key: Key,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let key = Key::ours(folder.path(), "es256", SERVER_ID);
        Self { folder, key }
    }

    fn device(&self, name: &str) -> Device {
        Device::new(self.folder.path().join(name), &self.key, PHONE.as_ref())
    }

    /// In SyncML 1.2, with header and signature for our device.
    fn seal(&self, text: &str) -> PathBuf {
        let (sealed, said) = self.try_seal(text);
        assert_eq!(said.code, 0, "{}", said.out);
        sealed
    }

    /// The error, where it cannot be sealed.
    fn refused(&self, text: &str) -> Json {
        let (_, said) = self.try_seal(text);
        assert_eq!(said.code, 2, "{}", said.out);
        json(&said.out)["error"].clone()
    }

    fn try_seal(&self, text: &str) -> (PathBuf, Said) {
        let (file, sealed) =
            (self.folder.path().join("text.xml"), self.folder.path().join("sealed"));
        fs::write(&file, retargeted(text)).expect("the text");
        let names = ["--server-id", SERVER_ID, "--device-id", DEVICE_ID, "--key-name", KEY_NAME];
        let mut seal = mgram(["--json", "seal", "--key"]);
        let said = run(seal.arg(&self.key.secret).args(names).arg("-o").arg(&sealed).arg(&file));
        (sealed, said)
    }
}

/// The XML text of a document, mended where it has to be; none of what is not SyncML.
fn readable(corpus: &Path, document: &Document) -> Option<String> {
    let path = corpus.join(document.name);
    if is_wbxml(&path) {
        let said = run(mgram(["decode"]).arg(&path));
        return (said.code == 0).then_some(said.out);
    }
    let text = fs::read_to_string(&path).expect("text in UTF-8");
    Some(match document.found {
        Found::Read => text,
        Found::Refused(_) => mended(&text),
    })
}

fn round_trip(text: &str, version: &str, folder: &Path) -> String {
    let (file, octets) = (folder.join("text.xml"), folder.join("octets"));
    fs::write(&file, text).expect("the text");
    output(mgram(["encode", "--wbxml", version, "-o"]).arg(&octets).arg(&file));
    output(mgram(["decode"]).arg(&octets)).trim_end_matches('\n').to_owned()
}

/// The documents of the table that are there.
fn here(corpus: &Path) -> impl Iterator<Item = &'static Document> {
    DOCUMENTS.iter().filter(|document| corpus.join(document.name).is_file())
}

fn files(corpus: &Path) -> Vec<PathBuf> {
    let entries = |folder: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).expect("a folder");
        entries.map(|entry| entry.expect("an entry").path()).collect()
    };
    let folders = entries(corpus).into_iter().filter(|path| path.is_dir());
    let mut files: Vec<PathBuf> = folders.flat_map(|folder| entries(&folder)).collect();
    files.sort();
    files
}

fn is_wbxml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "wbxml")
}
