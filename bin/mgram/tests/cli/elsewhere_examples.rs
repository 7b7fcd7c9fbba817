//! The session of `docs/signing-elsewhere.md` goes as it is written there.

use std::path::Path;

use super::bench::Bench;

#[test]
fn the_session_goes_as_written() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let text = std::fs::read_to_string(docs.join("signing-elsewhere.md")).expect("the page");
    let bench = Bench::empty();
    let message = std::fs::read(docs.join("inspect/unsigned.xml")).expect("the message");
    bench.write("message.xml", message);
    let mut commands = 0;
    for block in text.split("```console\n").skip(1) {
        let block = block.split("```").next().expect("an end");
        for step in block.split("$ mgram ").skip(1) {
            let (command, expected) = step.split_once('\n').expect("a command");
            let said = bench.run(&command.split(' ').collect::<Vec<_>>());
            assert_eq!(said.out + &said.err, expected, "{command}");
            commands += 1;
        }
    }
    assert!(commands >= 6, "{commands} commands");
}
