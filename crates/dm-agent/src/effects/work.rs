//! What one run does, made up from the tree as it is now, and doing it.

use std::path::PathBuf;

use dm_tree::{Tree, Uri};
use tracing::{info, warn};

use super::failure::Failure;
use super::keyfile::{Keyfile, Unfit};
use super::owed::Owed;
use super::user::Ids;
use super::{account, network_manager, program, told, whole_file};
use crate::config::{Action, Effect, Program, TemplateFile, Trigger};
use crate::run::AgentClient;

/// What one run does.
#[derive(Debug)]
pub(super) enum Work {
    Program { program: Program, ids: Option<Ids>, input: Vec<u8> },
    Profiles { folder: PathBuf, keyfiles: Vec<(String, Result<Keyfile, Unfit>)> },
    File { path: PathBuf, text: String, mode: u32 },
}

impl Work {
    /// What is to be done.
    pub fn of(
        effect: &Effect,
        ids: Option<Ids>,
        owed: &Owed,
        client: &AgentClient,
    ) -> Result<Self, Failure> {
        let (tree, spelled) = (client.tree(), |uri: &Uri| client.spelled(uri));
        Ok(match &effect.action {
            Action::Run(program) => {
                Self::Program { program: program.clone(), ids, input: input(effect, owed, tree)? }
            }
            Action::NetworkManager(folder) => {
                let on: Vec<_> = nodes(effect).iter().map(spelled).collect();
                let keyfiles = network_manager::wanted(tree, &on);
                Self::Profiles { folder: folder.clone(), keyfiles }
            }
            Action::File(TemplateFile { path, template, mode }) => {
                let text = template.spelled(spelled).fill(tree)?;
                Self::File { path: path.clone(), text, mode: *mode }
            }
        })
    }

    /// Whether a profile or a file is not what the tree says. What cannot be made from the tree as it
    /// is waits for a message that changes it: that is told, and no reason to run.
    pub fn is_behind(effect: &Effect, client: &AgentClient) -> bool {
        if matches!(effect.action, Action::Run(_)) {
            return false;
        }
        let effect_name = &effect.name;
        match Self::of(effect, None, &Owed::default(), client) {
            Ok(Self::Program { .. }) => false,
            Ok(Self::Profiles { folder, keyfiles }) => {
                for Unfit { uri, why } in keyfiles.iter().filter_map(|(_, it)| it.as_ref().err()) {
                    warn!(effect = effect_name, %uri, why, "no profile can be made");
                }
                network_manager::is_behind(&folder, &keyfiles)
            }
            Ok(Self::File { path, text, mode }) => {
                !whole_file::is_there(&path, text.as_bytes(), mode)
            }
            Err(failure) => {
                info!(effect = effect_name, %failure, "not yet");
                false
            }
        }
    }

    /// Does it; what was said.
    pub async fn run(self) -> Result<String, Failure> {
        match self {
            Self::Program { program, ids, input } => program::run(&program, ids, &input).await,
            Self::Profiles { folder, keyfiles } => {
                network_manager::apply(folder, keyfiles, network_manager::nmcli()).await
            }
            Self::File { path, text, mode } => {
                let write = move || whole_file::write(&path, text.as_bytes(), mode);
                let is_new = tokio::task::spawn_blocking(write).await??;
                Ok(if is_new { "written" } else { "the same already" }.to_owned())
            }
        }
    }
}

fn nodes(effect: &Effect) -> &[Uri] {
    match &effect.trigger {
        Trigger::On(nodes) => nodes,
        Trigger::Exec(_) | Trigger::Session => &[],
    }
}

fn input(effect: &Effect, owed: &Owed, tree: &Tree) -> Result<Vec<u8>, Failure> {
    Ok(match &effect.trigger {
        Trigger::On(_) => told::changed(&effect.name, owed, tree),
        Trigger::Exec(_) => {
            owed.exec.as_ref().map(|exec| told::exec(&effect.name, owed, exec)).unwrap_or_default()
        }
        Trigger::Session => {
            let account = account::find(tree, &owed.server_id).ok_or(Failure::Account)?;
            told::session(&effect.name, owed, &account)
        }
    })
}
