//! What `docs/push.md` shows can be used as it stands.

use dm_transport::Routes;

const PUSH: &str = include_str!("../../../docs/push.md");

#[test]
fn the_routes_of_the_guide_are_good() {
    let toml = PUSH.split("```toml\n").skip(1).map(|rest| rest.split("```").next());
    let files: Vec<&str> = toml.map(|text| text.expect("an end")).collect();
    assert_eq!(files.len(), 1);
    let routes = Routes::parse("push.md".as_ref(), files[0]).expect("good");
    let names: Vec<_> = routes.names().collect();
    assert_eq!(names, ["sms", "gateway", "sip", "broker", "direct", "lab"]);
}
