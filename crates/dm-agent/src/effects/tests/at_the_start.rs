//! What no message brought: profiles and files follow the tree at every start.

use dm_mo::{Bearer, Nap, Wlan};
use dm_tnds::{MgmtTree, Node};

use super::*;

/// A device with an access point and a setting, which its maker gave it.
fn provisioned() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let [man, r#mod, dm_v, lang] = ["m", "n", "1.3", "en"].map(str::to_owned);
    let dev_info = DevInfo { dev_id: "d".into(), man, r#mod, dm_v, lang };
    let mut bootstrap = Bootstrap::open(folder.path(), &dev_info).unwrap();
    let bearer = Some(Bearer::Wlan(Wlan { ssid: "Site-7".into(), ..Wlan::default() }));
    let home = Nap { bearer, ..Nap::default() }.to_tnds("Home");
    let meter = Node::interior("Meter", "").with(Node::leaf("Interval", "60"));
    let nap = Node::interior("NAP", "").with(home);
    bootstrap.add(&MgmtTree::new(vec![nap, meter])).unwrap();
    bootstrap.commit().unwrap();
    std::fs::create_dir(folder.path().join("nm")).unwrap();
    folder
}

fn effects(folder: &Path) -> String {
    let (nm, conf) = (folder.join("nm"), folder.join("meter.conf"));
    format!(
        "[[effect]]\nname = \"networks\"\non = [\"./NAP\"]\nnetwork_manager = {nm:?}\n\
         [[effect]]\nname = \"meter\"\non = [\"./Meter\"]\nfile = {conf:?}\n\
         template = \"interval = {{./Meter/Interval}}\"\nattempts = 1\n\
         [[effect]]\nname = \"later\"\non = [\"./Later\"]\nfile = \"{}2\"\n\
         template = \"{{./Later}}\"\n\
         [[effect]]\nname = \"program\"\non = [\".\"]\nrun = [\"/bin/false\"]\n",
        conf.display()
    )
}

/// The effects that ran at a start, each with the server of its message.
fn start(folder: &Path) -> Vec<(String, String)> {
    let reactor = tokio::runtime::Runtime::new().unwrap();
    let config = config(folder, &effects(folder));
    let mut client = open(&config).unwrap();
    let before = client.store().journal().unwrap().len();
    let mut runner = Runner::new(&config, reactor.handle().clone()).unwrap();
    runner.resume(&mut client).unwrap();
    runner.finish(&mut client).unwrap();
    let effect = |octets: &Vec<u8>| match JournalEntry::decode(octets)? {
        JournalEntry::Effect(it) => Some((it.effect, it.server_id)),
        JournalEntry::Message(_) => None,
    };
    let journal = client.store().journal().unwrap();
    let mut ran: Vec<_> = journal[before..].iter().filter_map(effect).collect();
    ran.sort();
    ran
}

/// One that no message set going.
fn own(name: &str) -> (String, String) {
    (name.to_owned(), String::new())
}

#[test]
fn what_was_provisioned_has_its_profile_and_its_file_and_no_program_runs() {
    let folder = provisioned();
    let (profile, conf) =
        (folder.path().join("nm/marconigram-Home.nmconnection"), folder.path().join("meter.conf"));
    assert_eq!(start(folder.path()), [own("meter"), own("networks")]);
    let text = std::fs::read_to_string(&profile).unwrap();
    assert!(text.contains("\nssid=Site-7\n"), "{text}");
    assert_eq!(std::fs::read_to_string(&conf).unwrap(), "interval = 60");
    assert_eq!(start(folder.path()), [], "all is there: nothing runs, nothing is reloaded");
    std::fs::remove_file(&conf).unwrap();
    assert_eq!(start(folder.path()), [own("meter")]);
    let gone = folder.path().join("nm/marconigram-Gone.nmconnection");
    std::fs::write(&gone, "of an access point that is no more").unwrap();
    assert_eq!(start(folder.path()), [own("networks")]);
    assert!(!gone.exists() && profile.exists());
}

#[test]
fn what_cannot_be_written_at_the_start_is_in_the_journal() {
    let folder = provisioned();
    std::fs::create_dir(folder.path().join("meter.conf")).unwrap(); // no file can take its place
    assert_eq!(start(folder.path()), [own("meter"), own("networks")]);
    let client = open(&config(folder.path(), "")).unwrap();
    assert!(results(&client).contains(&(EffectResult::GivenUp, String::new())));
}

#[test]
fn a_message_that_waits_and_the_start_are_one_run() {
    let folder = provisioned();
    let changed = vec![Changed { uri: "./NAP/Home".into(), change: ChangeKind::Added }];
    let server_id = "srv.1".to_owned();
    let of = Consequence { number: 1, server_id, changed, ..Consequence::default() };
    write(folder.path(), [of].into_iter());
    std::fs::write(folder.path().join("meter.conf"), "interval = 60").unwrap();
    let ran = start(folder.path());
    let ran: Vec<_> = ran.iter().filter(|(name, _)| name == "networks").collect();
    assert_eq!(ran, [&("networks".to_owned(), "srv.1".to_owned())]);
}

#[test]
fn a_device_that_waits_for_its_bootstrap_keeps_the_profiles_that_are_there() {
    let folder = tempfile::tempdir().unwrap();
    RedbStore::create(folder.path()).unwrap();
    std::fs::create_dir(folder.path().join("nm")).unwrap();
    let profile = folder.path().join("nm/marconigram-Home.nmconnection");
    std::fs::write(&profile, "the way to its bootstrap").unwrap();
    assert_eq!(start(folder.path()), []);
    assert!(profile.exists());
}

#[test]
fn profiles_and_files_are_made_in_any_case_where_case_does_not_count() {
    let folder = provisioned();
    let (nm, conf) = (folder.path().join("nm"), folder.path().join("meter.conf"));
    let ddf = |name: &str| {
        format!(
            "<Node><NodeName>{name}</NodeName><Path>.</Path><DFProperties><AccessType><Get/></AccessType>\
             <DFFormat><node/></DFFormat><DFType><DDFName/></DFType><CaseSense><CIS/></CaseSense>\
             </DFProperties></Node>"
        )
    };
    let ddf = format!(
        "<MgmtTree xmlns='syncml:dmddf1.2'><VerDTD>1.2</VerDTD>{}{}</MgmtTree>",
        ddf("NAP"),
        ddf("Meter")
    );
    std::fs::write(folder.path().join("any-case.ddf"), ddf).unwrap();
    let effects = format!(
        "[tree]\nddf = [{:?}]\n\
         [[effect]]\nname = \"networks\"\non = [\"./nap\"]\nnetwork_manager = {nm:?}\n\
         [[effect]]\nname = \"meter\"\non = [\"./METER\"]\nfile = {conf:?}\n\
         template = \"interval = {{./meter/interval}}\"\n",
        folder.path().join("any-case.ddf")
    );
    let reactor = tokio::runtime::Runtime::new().unwrap();
    let config = config(folder.path(), &effects);
    let mut client = open(&config).unwrap();
    let mut runner = Runner::new(&config, reactor.handle().clone()).unwrap();
    runner.resume(&mut client).unwrap();
    runner.finish(&mut client).unwrap();
    assert_eq!(std::fs::read_to_string(&conf).unwrap(), "interval = 60");
    assert_eq!(std::fs::read_dir(&nm).unwrap().count(), 1);
}
