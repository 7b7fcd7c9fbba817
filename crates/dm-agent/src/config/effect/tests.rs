use super::*;
use crate::config::{Config, ConfigError};

fn parse(effects: &str) -> Result<Vec<Effect>, ConfigError> {
    let text = format!("device_id = \"d\"\nstate = \"s\"\n{effects}");
    Config::parse("agent.toml".as_ref(), &text, [("", ""); 0]).map(|config| config.effect)
}

fn uri(text: &str) -> Uri {
    Uri::parse(text).unwrap()
}

#[test]
fn every_trigger_and_every_action_with_its_defaults() {
    let effects = parse(
        "[[effect]]\nname = \"nap\"\non = [\"./NAP\", \"./Proxy\"]\nnetwork_manager = \"/nm\"\n\
         [[effect]]\nname = \"conf\"\non = [\"./A\"]\nfile = \"/etc/x\"\ntemplate = \"{./A}\"\n\
         [[effect]]\nname = \"boot\"\nexec = \"./Boot\"\nrun = [\"/boot\", \"now\"]\n\
         [[effect]]\nname = \"dm\"\nsession = true\nrun = [\"/dm\"]\nuser = \"nobody\"\n\
         timeout = \"2 min\"\nattempts = 3\nretry = \"1 s\"\n",
    );
    let effects = effects.unwrap();
    let [nap, conf, boot, dm] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(nap.trigger, Trigger::On(vec![uri("./NAP"), uri("./Proxy")]));
    assert_eq!(nap.action, Action::NetworkManager("/nm".into()));
    assert_eq!((nap.attempts, nap.retry), (8, Duration::from_secs(5)));
    let Action::File(file) = &conf.action else { panic!("{conf:?}") };
    assert_eq!((file.path.to_str(), file.mode), (Some("/etc/x"), 0o600));
    assert_eq!(boot.trigger, Trigger::Exec(uri("./Boot")));
    let Action::Run(program) = &boot.action else { panic!("{boot:?}") };
    assert_eq!((program.argv.len(), program.timeout), (2, Duration::from_secs(30)));
    let Action::Run(program) = &dm.action else { panic!("{dm:?}") };
    assert_eq!((program.user.as_deref(), program.timeout.as_secs()), (Some("nobody"), 120));
    assert_eq!((&dm.trigger, dm.attempts), (&Trigger::Session, 3));
}

#[test]
fn what_is_wrong_is_said_with_what_to_write() {
    let on = "name = \"a\"\non = [\"./A\"]\n";
    for (keys, words) in [
        ("name = \"a b\"\non = [\"./A\"]\nrun = [\"/a\"]", "`a b` is no name"),
        ("name = \"a\"\nrun = [\"/a\"]", "one trigger"),
        ("name = \"a\"\non = []\nrun = [\"/a\"]", "one trigger"),
        ("name = \"a\"\non = [\"./A\"]\nsession = true\nrun = [\"/a\"]", "one trigger"),
        ("name = \"a\"\non = [\"./A//\"]\nrun = [\"/a\"]", "`./A//` is not a node URI"),
        ("name = \"a\"\nexec = \"./A\"\nfile = \"/a\"\ntemplate = \"\"", "follow nodes"),
        (on, "does one thing"),
        (&format!("{on}run = [\"/a\"]\nfile = \"/a\""), "does one thing"),
        (&format!("{on}run = [\"/a\"]\nmode = \"0600\""), "does one thing"),
        (&format!("{on}network_manager = \"/a\"\ntimeout = \"1 s\""), "does one thing"),
        (&format!("{on}run = []"), "`run` is not absolute"),
        (&format!("{on}run = [\"sh\"]"), "`run` is not absolute"),
        (&format!("{on}file = \"a\"\ntemplate = \"\""), "`file` is not absolute"),
        (&format!("{on}file = \"/a\""), "write template = "),
        (&format!("{on}file = \"/a\"\ntemplate = \"{{\""), "a brace alone"),
        (&format!("{on}file = \"/a\"\ntemplate = \"\"\nmode = \"0999\""), "no mode"),
        (&format!("{on}file = \"/a\"\ntemplate = \"\"\nmode = \"4755\""), "no mode"),
        (&format!("{on}run = [\"/a\"]\nattempts = 0"), "out of range"),
        (&format!("{on}run = [\"/a\"]\nshell = true"), "unknown field `shell`"),
    ] {
        let said = parse(&format!("[[effect]]\n{keys}\n")).unwrap_err().to_string();
        assert!(said.contains(words), "{keys}: {said}");
    }
}

#[test]
fn two_effects_have_two_names_and_do_not_write_the_same() {
    let effect = |name: &str, action: &str| {
        format!("[[effect]]\nname = \"{name}\"\non = [\"./A\"]\n{action}\n")
    };
    let run = "run = [\"/a\"]";
    let said = parse(&(effect("a", run) + &effect("a", run))).unwrap_err().to_string();
    assert!(said.contains("two effects are named `a`"), "{said}");
    let folder = "network_manager = \"/nm\"";
    let said = parse(&(effect("a", folder) + &effect("b", folder))).unwrap_err().to_string();
    assert!(said.contains("two effects write /nm"), "{said}");
}

#[test]
fn of_nodes_one_below_the_other_the_highest_are_followed() {
    let on = |nodes: &str| {
        let effects = parse(&format!("[[effect]]\nname = \"a\"\non = [{nodes}]\nrun = [\"/a\"]\n"));
        effects.unwrap().remove(0).trigger
    };
    let nodes = on("\"./V\", \"./NAP/Home\", \"./NAP\", \"./V\", \"./NAPS\"");
    assert_eq!(nodes, Trigger::On(vec![uri("./V"), uri("./NAP"), uri("./NAPS")]));
    assert_eq!(on("\"./V\", \".\""), Trigger::On(vec![uri(".")]));
}

#[test]
fn the_nodes_of_a_template_are_followed_too() {
    let on = |nodes: &str, template: &str| {
        let effects = parse(&format!(
            "[[effect]]\nname = \"a\"\non = [{nodes}]\nfile = \"/a\"\ntemplate = \"{template}\"\n"
        ));
        effects.unwrap().remove(0).trigger
    };
    let nodes = on("\"./A\"", "{./A/X} {./NAP/Home/Addr} {{./C}} {./NAP/Home/Addr} {./AB}");
    assert_eq!(nodes, Trigger::On(vec![uri("./A"), uri("./NAP/Home/Addr"), uri("./AB")]));
    assert_eq!(on("\"./A/X/Y\"", "{./A/X}"), Trigger::On(vec![uri("./A/X")]));
}
