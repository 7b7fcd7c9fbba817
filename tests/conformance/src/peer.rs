//! Programs that nobody here wrote, where they are installed.

use std::path::Path;
use std::process::Command;

#[path = "../../peers/left_out.rs"]
mod left_out;

pub use left_out::skipped;

/// Runs a program in a folder; its standard output, or what it complained about.
///
/// None where it is not installed, unless the environment says that all peers are here
/// (`MGRAM_TEST_PEERS`): then its absence is a failure and not a reason to skip.
pub fn run(program: &str, args: &[&str], folder: &Path) -> Option<Result<String, String>> {
    match Command::new(program).args(args).current_dir(folder).output() {
        Ok(output) if output.status.success() => {
            Some(Ok(String::from_utf8_lossy(&output.stdout).into_owned()))
        }
        Ok(output) => Some(Err(String::from_utf8_lossy(&output.stderr).into_owned())),
        Err(error) if std::env::var_os("MGRAM_TEST_PEERS").is_some() => {
            panic!("{program} should be here: {error}")
        }
        Err(_) => {
            skipped(&format!("{program} is not installed"));
            None
        }
    }
}
