//! `inspect`: what is this? Octets of any kind, taken apart and explained. (`docs/inspect.md`)

mod gate;
mod json;
mod screen;
mod style;
mod table;
mod text;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use dm_inspect::{Form, Input, Kind, Message, Peeled, peel};

use crate::document::{of_io, read};
use crate::fault::Fault;
use crate::report::Reporter;

use self::gate::Gate;
use self::screen::Screen;
use self::style::Style;

/// Says what this is: takes layers off, shows octets, tokens and infoset side by side, tells the
/// commands in words, the signature, and what a device would refuse.
///
/// Understood are WBXML, XML text, WSP pushes, SMS TPDUs, SMPP short messages and packet captures,
/// each as octets, as hexadecimal text or dump, or as base64; and lists of them, segments in any
/// order.
#[derive(Args, Debug)]
pub struct Inspect {
    /// What to look at: files, folders of files; `-` is standard input.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// What the input is, instead of what it looks like.
    #[arg(long, value_name = "FORM", value_parser = form)]
    from: Option<Form>,
    /// One view only.
    #[arg(long = "as", value_name = "VIEW")]
    view: Option<View>,
    /// The state folder of a device, whose gate gives the verdict; nothing of it changes.
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// The agent's configuration for that device.
    #[arg(long, value_name = "FILE", requires = "state")]
    config: Option<PathBuf>,
    /// The device's clock, in seconds since 1970, instead of this machine's.
    #[arg(long, value_name = "SECONDS", requires = "state")]
    now: Option<u64>,
    /// Do not page on a terminal.
    #[arg(long)]
    no_pager: bool,
}

/// One view of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum View {
    /// The infoset as XML text, indented for the eyes.
    Xml,
    /// Octets, tokens and infoset, those of all wrappings too.
    Tokens,
    /// Commands, signature, deviations and verdict.
    Model,
    /// The octets of the message itself, with offsets.
    Hex,
}

fn form(text: &str) -> Result<Form, String> {
    let found = Form::ALL.iter().find(|(name, _)| *name == text);
    found.map(|(_, form)| *form).ok_or_else(|| {
        let names: Vec<_> = Form::ALL.iter().map(|(name, _)| *name).collect();
        format!("must be one of {}", names.join(", "))
    })
}

impl Inspect {
    /// Runs it.
    pub fn run(self, reporter: &Reporter) -> Result<ExitCode, Fault> {
        let inputs = inputs(&self.files)?;
        let mut gate = Gate::open(self.state.as_deref(), self.config.as_deref(), self.now)?;
        let peeled = peel(&inputs, self.from);
        drop(inputs);
        let is_accepted = if reporter.is_json() {
            json::print(&peeled, &mut gate)?
        } else {
            let style = Style::of_stdout();
            let mut screen = Screen::new(!self.no_pager && style.is_terminal, style.height);
            let accepted = text::print(&peeled, self.view, &mut gate, style, &mut screen)?;
            screen.finish();
            accepted
        };
        Ok(status(&peeled, is_accepted))
    }
}

/// 2 if nothing was recognised, 1 if a gate refuses or segments are missing.
fn status(peeled: &Peeled, is_accepted: bool) -> ExitCode {
    // That something is hexadecimal says nothing yet.
    let is_text = |name: &str| matches!(name, "hex" | "base64" | "unknown");
    let is_known = |message: &Message| {
        message.kind != Kind::Unknown || message.layers.iter().any(|layer| !is_text(layer.name))
    };
    let is_incomplete = peeled.deviations.iter().any(|deviation| deviation.layer == "segments");
    if !is_incomplete && !peeled.messages.iter().any(is_known) {
        return ExitCode::from(2);
    }
    if is_accepted && !is_incomplete { ExitCode::SUCCESS } else { ExitCode::from(1) }
}

/// The files, those of folders in the order of their names.
pub fn inputs(paths: &[PathBuf]) -> Result<Vec<Input>, Fault> {
    let mut inputs = Vec::new();
    for path in paths {
        if !path.is_dir() {
            inputs.push(input(path)?);
            continue;
        }
        let unreadable = |error| of_io(Fault::unreadable, "read", &error).in_file(path);
        let entries = std::fs::read_dir(path).map_err(unreadable)?;
        let entries: Result<Vec<_>, _> = entries.map(|entry| entry.map(|it| it.path())).collect();
        let mut files = entries.map_err(unreadable)?;
        files.retain(|file| file.is_file());
        files.sort();
        for file in files {
            inputs.push(input(&file)?);
        }
    }
    if inputs.is_empty() {
        return Err(Fault::unreadable("the folder has no files").next("name a file"));
    }
    Ok(inputs)
}

fn input(path: &Path) -> Result<Input, Fault> {
    let name = match path.as_os_str() == "-" {
        true => "standard input".to_owned(),
        false => path.display().to_string(),
    };
    Ok(Input::new(name, read(path)?))
}
