//! `man`: the man pages, from the same definitions as `--help`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, CommandFactory};

use crate::document::of_io;
use crate::fault::Fault;

/// Writes a man page for each command.
#[derive(Args, Debug)]
pub struct Man {
    /// The folder; made when missing.
    folder: PathBuf,
}

impl Man {
    /// Runs it.
    pub fn run(self) -> Result<ExitCode, Fault> {
        let failed =
            |error: std::io::Error| of_io(Fault::refused, "write", &error).in_file(&self.folder);
        std::fs::create_dir_all(&self.folder).map_err(failed)?;
        let mut command = crate::Arguments::command();
        command.build();
        write_page(&command, "mgram", &self.folder).map_err(failed)?;
        for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
            write_page(inner, &format!("mgram-{}", inner.get_name()), &self.folder)
                .map_err(failed)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn write_page(command: &clap::Command, name: &str, folder: &Path) -> std::io::Result<()> {
    if command.get_name() == "help" {
        return Ok(());
    }
    let named = command.clone().name(name.to_owned());
    let mut page = Vec::new();
    clap_mangen::Man::new(named).date("").render(&mut page)?;
    std::fs::write(folder.join(format!("{name}.1")), page)
}
