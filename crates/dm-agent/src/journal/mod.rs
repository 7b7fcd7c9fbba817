//! The journal in words, for people; and which entries of it somebody wants to see.

mod selection;

use dm_client::{EffectEntry, EffectResult, Entry, JournalEntry, Verdict};
use dm_tree::Status;

pub use selection::{Kind, Selection};

/// An entry in words: a line, with further lines for its commands and notes. What came from outside
/// is [`plain`].
#[must_use]
pub fn text(number: u64, entry: &JournalEntry) -> String {
    match entry {
        JournalEntry::Effect(entry) => of_effect(number, entry),
        JournalEntry::Message(entry) => of_message(number, entry),
    }
}

fn of_effect(number: u64, entry: &EffectEntry) -> String {
    let time = at(entry.time);
    let effect = plain(&entry.effect);
    let cause = match entry.server_id.as_str() {
        "" => "without a message".to_owned(), // it follows what bootstrap brought
        server => format!("after a message of {}", plain(server)),
    };
    let result = match entry.result {
        EffectResult::Done => "done",
        EffectResult::Failed => "failed, will be tried again",
        EffectResult::GivenUp => "failed, given up",
    };
    let what = entry.what.as_deref().map_or(String::new(), |what| format!(": {}", plain(what)));
    let attempt = entry.attempt;
    format!("{number} {time} effect {effect:?} {cause}, attempt {attempt}: {result}{what}\n")
}

fn at(time: Option<u64>) -> String {
    time.map_or("no clock".to_owned(), |time| format!("t={time}"))
}

fn of_message(number: u64, entry: &Entry) -> String {
    let server = plain(entry.server_id.as_deref().unwrap_or("unknown server"));
    let time = at(entry.time);
    let from = entry.from.as_deref().map_or(String::new(), |from| format!(" by {}", plain(from)));
    match entry.verdict {
        Verdict::Accepted => {
            let mut text = format!(
                "{number} {time} accepted from {server}{from}: {}{} changed\n",
                if entry.left_out > 0 { "at least " } else { "" },
                entry.changed.len()
            );
            for command in &entry.commands {
                let status = Status::from_code(command.status);
                let status = status.map_or(command.status.to_string(), |status| status.to_string());
                let why = command.why.clone().unwrap_or(status);
                let (cmd_id, why) = (plain(&command.cmd_id), plain(&why));
                text += &format!("    command {cmd_id} {}: {why}\n", command.name);
            }
            entry.notes.iter().for_each(|note| text += &format!("    note: {}\n", plain(note)));
            if entry.left_out > 0 {
                let more = entry.left_out;
                text += &format!("    not listed: {more} more commands, notes or changed nodes\n");
            }
            text
        }
        Verdict::Refused => format!(
            "{number} {time} refused, claimed from {server}{from}: {} at stage {} ({}): {}\n",
            entry.refusal.as_deref().unwrap_or("?"),
            entry.stage.as_deref().unwrap_or("?"),
            entry.clause.as_deref().unwrap_or("?"),
            plain(entry.reason.as_deref().unwrap_or("?")),
        ),
    }
}

/// A text that came from outside as it may be shown: one line, without control characters and
/// without those that turn the direction of writing. What a message says must not look like what
/// we say.
#[must_use]
pub fn plain(text: &str) -> String {
    let is_unsafe = |character: char| {
        character.is_control()
            || matches!(character, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
    };
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_unsafe(character) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::{JournalEntry, plain, text};

    #[test]
    fn what_an_entry_does_not_list_is_said() {
        let entry = |left_out: &str| {
            let text = format!(
                r#"{{"time":1,"verdict":"accepted","octets":1,"server_id":"s","target":null,
                    "session_id":null,"msg_id":null,"changed":["./A","./B"]{left_out}}}"#
            );
            JournalEntry::decode(text.as_bytes()).unwrap()
        };
        assert_eq!(text(1, &entry("")), "1 t=1 accepted from s: 2 changed\n");
        let cut = text(1, &entry(r#","left_out":7"#));
        assert_eq!(
            cut,
            "1 t=1 accepted from s: at least 2 changed\n    not listed: 7 more commands, notes or \
             changed nodes\n"
        );
    }

    #[test]
    fn what_came_from_outside_stays_on_its_line() {
        assert_eq!(plain("a\nb\u{9B}2J\u{202E}c"), "a\\u{a}b\\u{9b}2J\\u{202e}c");
        assert_eq!(plain("grün €"), "grün €");
    }
}
