//! The examples of `docs/inspect.md` are what the program prints.

use std::path::Path;
use std::process::Command;

#[test]
fn each_example_is_real() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = std::fs::read_to_string(root.join("docs/inspect.md")).expect("the page");
    let blocks: Vec<_> = text.split("```console\n$ mgram ").skip(1).collect();
    for block in &blocks {
        let (command, rest) = block.split_once('\n').expect("a command");
        let expected = rest.split("```").next().expect("what it prints");
        let mut program = Command::new(env!("CARGO_BIN_EXE_mgram"));
        let output = program.args(command.split(' ')).current_dir(&root).output().expect("started");
        let printed = String::from_utf8(output.stdout).expect("text");
        assert_eq!(printed, expected, "{command}");
    }
    assert!(blocks.len() >= 5, "{} examples", blocks.len());
}
