//! What a WSP push is for, whatever carried it here: a datagram, or segments of short messages.
//! [WSP §8.2.4.1]

use dm_push::http_push::{self, Misaddressed};
use dm_push::wsp::{Push, tables};

use super::proving::Proving;
use super::tally::Refusal;

/// What a push is for. The one never becomes the other: they go into queues of their own, as
/// types of their own.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Purpose<'a> {
    /// It proves itself with SEC or MAC: for the entry point of bootstrap, and as a whole, for the
    /// MAC is in its head. [SEC 1.2 §5.1.7.2]
    Bootstrap,
    /// A sessionless message.
    Message(&'a [u8]),
}

/// Reads a push that is for the device management client.
///
/// # Errors
/// What to count, and why.
pub(super) fn read(octets: &[u8]) -> Result<Purpose<'_>, (Refusal, String)> {
    let push = ours(octets)?;
    let r#type = &push.content_type;
    let has = |code, name| r#type.parameter(code, name).is_some();
    let proves_itself = has(tables::SEC, "sec") || has(tables::MAC, "mac");
    Ok(if proves_itself { Purpose::Bootstrap } else { Purpose::Message(push.body) })
}

/// Reads a push where every one has to prove itself: such a one is a message, and nothing else is.
///
/// # Errors
/// What to count, and why.
pub(super) fn read_proven<'a>(
    octets: &'a [u8],
    proving: &Proving,
) -> Result<&'a [u8], (Refusal, String)> {
    let push = ours(octets)?;
    match proving.is_good(&push) {
        true => Ok(push.body),
        false => Err((Refusal::Mac, "SEC and MAC are missing, others, or wrong".to_owned())),
    }
}

/// A push that is for the device management client.
fn ours(octets: &[u8]) -> Result<Push<'_>, (Refusal, String)> {
    let push = Push::read(octets).map_err(|error| (Refusal::Malformed, error.to_string()))?;
    // A code without a name is some application, and not ours.
    let application_id = push.application_id.map(|id| id.name().unwrap_or_default());
    match http_push::check(push.content_type.media_type.name(), application_id) {
        Ok(()) => {}
        Err(error @ Misaddressed::ApplicationId) => {
            return Err((Refusal::ApplicationId, error.to_string()));
        }
        Err(error) => return Err((Refusal::ContentType, error.to_string())),
    }
    Ok(push)
}

#[cfg(test)]
mod tests {
    use dm_push::wsp::{Parameter, ParameterName, Text, Value};

    use super::*;

    fn with(parameters: Vec<Parameter<'static>>) -> Vec<u8> {
        let mut push = Push::dm(1, b"\x02body");
        push.content_type.parameters = parameters;
        push.write()
    }

    #[test]
    fn what_has_sec_or_mac_is_bootstrap_and_nothing_else_is() {
        let parameter = |code, value| Parameter { name: ParameterName::Code(code), value };
        let text = Value::Text(Text::new(b"00").unwrap());
        let sec = |value| parameter(tables::SEC, value);
        let mac = || parameter(tables::MAC, text);
        assert_eq!(read(&with(vec![])), Ok(Purpose::Message(b"\x02body")));
        let sec_of_text = vec![sec(text)];
        let sec = || sec(Value::Short(0));
        for parameters in [vec![sec()], sec_of_text, vec![mac()], vec![sec(), mac()]] {
            assert_eq!(read(&with(parameters)), Ok(Purpose::Bootstrap));
        }
    }
}
