//! `status`: how the agent is, asked over the socket in its state folder.

use std::process::ExitCode;

use dm_agent::Config;
use dm_agent::persist::{PersistError, RedbStore};
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

/// What its state says. It is not opened for longer than that takes.
fn not_running(config: &Config, report: Report) -> ExitCode {
    let state = config.state.display();
    let said = RedbStore::open(&config.state).and_then(|store| {
        let reader = store.reader();
        Ok((reader.count_of_nodes()?, reader.last_number()?))
    });
    let (nodes, last) = match said {
        Ok(said) => said,
        Err(error @ PersistError::InUse(_)) => {
            let next = "it is not this agent, or it could not make its socket: look at its log";
            return report.failed(&error, Some(next), FAILED);
        }
        Err(error) => return report.of_run(&error.into()),
    };
    say(&match report.json {
        true => json!({"running": false, "nodes": nodes, "last_entry": last}).to_string(),
        false => format!(
            "not running: {state} is good, with {nodes} nodes and {last} journal entries so far"
        ),
    });
    ExitCode::from(FAILED)
}
