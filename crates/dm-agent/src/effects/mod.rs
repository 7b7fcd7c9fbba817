//! What the device does after a message: programs, network profiles, files. [Sessionless §5.5], R20
//!
//! A consequence is durable with the message that set it going, and stays until it is settled: after
//! a loss of power it comes again. So a program may run twice for one message, and does what it does
//! by what it is told, not by how often. Nothing here rolls the tree back, holds a message up, or
//! leads back to a server (R19).

mod account;
mod failure;
pub mod keyfile;
mod network_manager;
mod owed;
mod program;
mod runner;
mod schedule;
pub mod template;
mod told;
mod user;
mod whole_file;
mod work;

#[cfg(test)]
#[path = "../../../../tests/peers/left_out.rs"]
mod left_out;
#[cfg(test)]
mod tests;

pub(crate) use runner::{Runner, Turn};

use crate::config::{Action, Config};

/// An effect of the configuration cannot be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EffectsError {
    /// There is no such user.
    #[error(
        "the effect {effect:?} runs as user {user:?}, which this system has not: correct `user`, \
         or make the user"
    )]
    User {
        /// The name of the effect.
        effect: String,
        /// The name of the user.
        user: String,
    },
    /// The users of this system cannot be read.
    #[error("the user of the effect {effect:?} cannot be looked up in /etc/passwd: {error}")]
    Users {
        /// The name of the effect.
        effect: String,
        /// What the operating system said.
        error: std::io::Error,
    },
}

/// Checks what a configuration says of effects against this system.
///
/// # Errors
/// When the user of a program is none here.
pub fn check(config: &Config) -> Result<(), EffectsError> {
    config.effect.iter().try_for_each(|effect| ids(effect).map(|_| ()))
}

fn ids(effect: &crate::config::Effect) -> Result<Option<user::Ids>, EffectsError> {
    match &effect.action {
        Action::Run(program) => {
            program.user.as_deref().map(|name| user::find(&effect.name, name)).transpose()
        }
        Action::NetworkManager(_) | Action::File(_) => Ok(None),
    }
}
