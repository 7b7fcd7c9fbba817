//! Pages that are a session: their commands, run in order, print what stands there.

use std::path::Path;

use super::bench::Bench;
use super::lab::Beside;

/// A page below `docs`.
pub fn page(name: &str) -> String {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    std::fs::read_to_string(docs.join(name)).expect("the page")
}

/// Writes the documents of a page: blocks of XML or TOML behind a paragraph that begins with a name.
pub fn write_documents(bench: &Bench, page: &str) {
    let mut paragraph = "";
    for part in page.split("\n\n") {
        let block = part.strip_prefix("```xml\n").or_else(|| part.strip_prefix("```toml\n"));
        if let (Some(block), Some(named)) = (block, paragraph.strip_prefix('`')) {
            let (name, _) = named.split_once('`').expect("a name");
            bench.write(name, block.strip_suffix("```").expect("an end"));
        }
        paragraph = part;
    }
}

/// Runs each command of a page, and yields how many there are. Besides `mgram` there is `cat`; `mgram` before `&`
/// runs beside the others until `kill %1`.
pub fn run(bench: &Bench, page: &str) -> usize {
    let (mut commands, mut beside) = (0, None);
    for block in page.split("```console\n").skip(1) {
        let block = block.split("```").next().expect("an end");
        for step in block.split("$ ").skip(1) {
            let (command, expected) = step.split_once('\n').expect("a command");
            let printed = match command.split_once(' ').expect("a program") {
                ("mgram", arguments) if arguments.ends_with(" &") => {
                    let arguments = arguments.trim_end_matches(" &");
                    let mut lab = Beside::start(bench, &arguments.split(' ').collect::<Vec<_>>());
                    let said = expected.lines().map(|_| lab.line()).collect();
                    beside = Some(lab);
                    said
                }
                ("kill", "%1") => {
                    let said = beside.take().expect("something runs").end();
                    said.out + &said.err
                }
                ("mgram", arguments) => {
                    let said = bench.run(&arguments.split(' ').collect::<Vec<_>>());
                    said.out + &said.err
                }
                ("cat", file) => String::from_utf8(bench.read(file)).expect("text"),
                (program, _) => panic!("no {program} here"),
            };
            assert_eq!(printed, expected, "{command}");
            commands += 1;
        }
    }
    commands
}
