//! Arguments that cannot be understood: text as clap has it, or one line of JSON like any fault.

use std::process::ExitCode;

use clap::Error;

use crate::fault::Fault;
use crate::report::Reporter;

/// Prints the error, or the help that was asked for, and yields the exit status.
pub fn report(error: &Error) -> ExitCode {
    // The arguments could not be read, so this one is looked for among them as they stand.
    let mut given = std::env::args_os().skip(1).take_while(|argument| argument != "--");
    if error.use_stderr() && given.any(|argument| argument == "--json") {
        return Reporter::new(true).fault(&fault(&error.render().to_string()));
    }
    let _ = error.print(); // where nobody reads there is nothing to say
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

/// The fault in what clap says: what is wrong, then a tip, if it has one, then the usage.
fn fault(said: &str) -> Fault {
    let mut paragraphs = said.split("\n\n").map(line);
    let first = paragraphs.next().unwrap_or_default();
    let what = first.strip_prefix("error: ").unwrap_or(&first);
    let next = paragraphs.find_map(|paragraph| {
        let tip = paragraph.strip_prefix("tip: ").map(str::to_owned);
        tip.or_else(|| {
            paragraph.strip_prefix("Usage: ").map(|usage| format!("write it as {usage}"))
        })
    });
    Fault::unreadable(what).or_next(next.unwrap_or_else(|| "ask `mgram --help`".to_owned()))
}

/// A paragraph as one line.
fn line(paragraph: &str) -> String {
    paragraph.split_whitespace().collect::<Vec<_>>().join(" ")
}
