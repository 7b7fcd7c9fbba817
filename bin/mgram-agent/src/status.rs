//! `status`: how the agent is, asked over the socket in its state folder.

use std::process::ExitCode;

use dm_agent::Config;
use dm_agent::persist::{FILE, PersistError};
use dm_agent::status::{AskError, ask_status};
use serde_json::{Value, json};

use crate::{FAILED, Report, say};

/// Prints how it is: status 0 if it runs, 1 if it does not.
pub fn status(config: &Config, report: Report) -> ExitCode {
    let status = match ask_status(&config.state) {
        Ok(status) => status,
        Err(AskError::NotRunning(_)) => return not_running(config, report),
        Err(error) => return report.failed(&error, Some(error.remedy()), FAILED),
    };
    if report.json {
        let mut value = serde_json::to_value(&status).unwrap_or(Value::Null);
        if let Value::Object(fields) = &mut value {
            fields.insert("running".to_owned(), true.into());
        }
        say(&value.to_string());
    } else {
        say(status.text().trim_end());
    }
    ExitCode::SUCCESS
}

/// The state is not opened: an agent may be about to.
fn not_running(config: &Config, report: Report) -> ExitCode {
    let state = config.state.display();
    if !config.state.join(FILE).is_file() {
        return report.of_run(&PersistError::NotAState(config.state.clone()).into());
    }
    say(&match report.json {
        true => json!({"running": false, "state": state.to_string()}).to_string(),
        false => format!("not running: no agent answers on the state {state}"),
    });
    ExitCode::from(FAILED)
}
