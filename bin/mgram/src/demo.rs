//! `demo`: five devices, one new APN, three messages that must not get through, one power cut.

mod agent;
mod power_cut;
mod scenes;
mod story;
mod world;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use crate::fault::Fault;
use crate::report::Reporter;
use scenes::Scenes;
use story::Story;
use world::World;

/// Shows everything at once: five agents, a sealed message that moves them to a new APN, a forgery,
/// a replay, a server without the right, and a power cut.
#[derive(Args, Debug)]
pub struct Demo {
    /// End when the story is told, with status 0 only if every check held.
    #[arg(long)]
    once: bool,
    /// Keep keys, messages, states and logs in this folder.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

impl Demo {
    /// Runs it.
    pub fn run(self, reporter: &Reporter) -> Result<ExitCode, Fault> {
        let temporary = tempfile::Builder::new().prefix("marconigram-demo-").tempdir();
        let temporary = temporary.map_err(|error| Fault::refused(format!("no folder: {error}")))?;
        let folder = match &self.keep {
            Some(folder) => {
                let made = std::fs::create_dir_all(folder).and_then(|()| folder.canonicalize());
                made.map_err(|error| Fault::refused(error).in_file(folder))?
            }
            None => temporary.path().to_owned(),
        };
        if folder.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(Fault::refused("the folder is not empty")
                .in_file(&folder)
                .next("choose an empty one, or none: the demo makes its own"));
        }
        let story = Story::new(*reporter);
        let world = World::new(folder, &story)?;
        let mut scenes = Scenes::new(world, story);
        scenes.play()?;
        let (world, story) = scenes.end();
        let failed = story.failed();
        reporter.result(&json!({"checks": story.to_json(), "failed": failed}), String::new);
        reporter.line(&story.summary());
        if !self.once {
            world.stay(&story)?;
        } else if let Some(folder) = &self.keep {
            reporter.line(&format!("everything is in {}", folder.display()));
        }
        Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
    }
}
