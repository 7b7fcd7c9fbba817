//! Whose rights a program has: a user of this system, from `/etc/passwd`.

use std::io;

use super::EffectsError;

/// The numbers of a user.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Ids {
    pub uid: u32,
    pub gid: u32,
}

/// The numbers of this user.
pub(super) fn find(effect: &str, user: &str) -> Result<Ids, EffectsError> {
    let unreadable = |error: io::Error| EffectsError::Users { effect: effect.to_owned(), error };
    let octets = std::fs::read(PASSWD).map_err(unreadable)?;
    parse(&String::from_utf8_lossy(&octets), user)
        .ok_or_else(|| EffectsError::User { effect: effect.to_owned(), user: user.to_owned() })
}

/// Name, password, uid, gid and more, with colons between them.
fn parse(text: &str, user: &str) -> Option<Ids> {
    let mut lines = text.lines().map(|line| line.split(':'));
    let mut fields = lines.find_map(|mut line| (line.next()? == user).then_some(line))?;
    Some(Ids { uid: fields.nth(1)?.parse().ok()?, gid: fields.next()?.parse().ok()? })
}

const PASSWD: &str = "/etc/passwd";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_found_by_the_whole_name() {
        let text = "root:x:0:0:root:/root:/bin/sh\n# note\n\nnobody2:x:7:8::/:\n\
                    nobody:x:65534:65533:nobody:/:/sbin/nologin\nbad:x:a:1::/:\nshort:x\n";
        assert_eq!(parse(text, "nobody"), Some(Ids { uid: 65_534, gid: 65_533 }));
        assert_eq!(parse(text, "root"), Some(Ids { uid: 0, gid: 0 }));
        for none in ["nobod", "bad", "short", "# note", "Root"] {
            assert_eq!(parse(text, none), None, "{none}");
        }
    }

    #[test]
    fn a_user_that_this_system_has_not_is_named_with_its_effect() {
        let said = find("apn", "no such user").unwrap_err().to_string();
        assert!(said.contains("\"apn\"") && said.contains("\"no such user\""), "{said}");
    }
}
