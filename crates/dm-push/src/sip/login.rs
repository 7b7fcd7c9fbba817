//! What a sender knows of the challenges that were put to it: a nonce is used again, with its count, as long
//! as the other end takes it. [RFC 7616 §3.3, RFC 3261 §22]

use alloc::format;
use alloc::string::String;

use super::digest::{Challenge, Credentials, Hash};

/// The challenges of one next hop: those of its proxy, and those of who stands behind it.
#[derive(Debug, Default)]
pub struct Login {
    kept: [Kept; 2],
}

#[derive(Debug, Default)]
struct Kept {
    challenge: Option<Challenge>,
    /// Which one it is, from 1.
    number: u32,
    /// How often it was answered.
    count: u32,
}

/// Who sends.
#[derive(Clone, Copy, Debug)]
pub struct Sender<'a> {
    /// The name.
    pub user: &'a str,
    /// The password.
    pub password: &'a str,
    /// The hash functions of digest.
    pub hash: Hash,
}

/// Answers that stand in one request.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Answers {
    /// The fields, each with its CRLF.
    pub fields: String,
    /// Which challenges they answer, and for which time.
    used: [Option<(u32, u32)>; 2],
}

impl Login {
    /// Answers all challenges that are known, for a request of this method and URI. They count: requests must
    /// leave in the order in which they were answered.
    pub fn answers(
        &mut self,
        (method, uri): (&str, &str),
        sender: Sender<'_>,
        cnonce: &str,
    ) -> Answers {
        let Sender { user, password, hash } = sender;
        let mut answers = Answers::default();
        for (at, kept) in self.kept.iter_mut().enumerate() {
            let Some(challenge) = &kept.challenge else { continue };
            kept.count = kept.count.saturating_add(1);
            let count = kept.count;
            let credentials = Credentials { method, uri, user, password, count, cnonce };
            let value = challenge.authorization(credentials, hash);
            answers.fields += &format!("{}: {value}\r\n", FIELDS[at]);
            answers.used[at] = Some((kept.number, count));
        }
        answers
    }

    /// A request with these answers was challenged, by 401 or else 407. Whether it is worth asking again: not if
    /// the very challenge that was put to it was answered wrong, for the password is wrong then.
    pub fn challenged(&mut self, status: u16, challenge: Challenge, answers: &Answers) -> bool {
        let at = usize::from(status != 401);
        let kept = &mut self.kept[at];
        let is_known = match answers.used[at] {
            // Others were challenged meanwhile, and know better.
            None => kept.challenge.is_some(),
            Some((number, _)) => kept.number != number,
        };
        if is_known {
            return true;
        }
        // One that was good for others may be used up, though not every registrar says "stale" then.
        let is_first = matches!(answers.used[at], Some((_, 1)));
        let is_wrong = is_first && !challenge.stale;
        let challenge = (!is_wrong).then_some(challenge);
        *kept = Kept { challenge, number: kept.number.wrapping_add(1), count: 0 };
        !is_wrong
    }
}

const FIELDS: [&str; 2] = ["Authorization", "Proxy-Authorization"];

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::super::digest::Algorithm;
    use super::*;

    const SENDER: Sender<'_> = Sender { user: "u", password: "p", hash: shown };
    const ASKED: (&str, &str) = ("MESSAGE", "sip:d");

    fn shown(_: Algorithm, octets: &[u8]) -> String {
        String::from_utf8_lossy(octets).into_owned()
    }

    fn challenge(nonce: &str, is_stale: bool) -> Challenge {
        let value =
            format!("Digest realm=\"r\", nonce=\"{nonce}\", qop=\"auth\", stale={is_stale}");
        Challenge::strongest([value.as_str()].into_iter()).unwrap()
    }

    #[test]
    fn a_nonce_is_used_again_with_its_count() {
        let mut login = Login::default();
        let none = login.answers(ASKED, SENDER, "c");
        assert_eq!(none, Answers::default());
        assert!(login.challenged(407, challenge("n", false), &none));
        for count in 1..4 {
            let fields = login.answers(ASKED, SENDER, "c").fields;
            let counted = "nonce=\"n\", uri=\"sip:d\", response=";
            assert!(fields.starts_with("Proxy-Authorization: Digest username=\"u\""), "{fields}");
            assert!(fields.contains(counted), "{fields}");
            assert!(fields.contains(&format!("nc=0000000{count}, cnonce=\"c\"")), "{fields}");
        }
    }

    #[test]
    fn a_wrong_password_is_not_tried_for_ever_and_an_old_nonce_is_replaced() {
        let mut login = Login::default();
        let none = login.answers(ASKED, SENDER, "c");
        assert!(login.challenged(401, challenge("a", false), &none));
        let first = login.answers(ASKED, SENDER, "c");
        assert!(login.challenged(401, challenge("b", true), &first), "too old");
        let second = login.answers(ASKED, SENDER, "c");
        assert!(second.fields.contains("nonce=\"b\""));
        assert!(!login.challenged(401, challenge("c", false), &second), "wrong");
        assert_eq!(login.answers(ASKED, SENDER, "c"), Answers::default(), "and forgotten");
    }

    #[test]
    fn a_nonce_that_was_good_and_is_not_any_more_is_replaced_without_a_word_of_stale() {
        let mut login = Login::default();
        let none = login.answers(ASKED, SENDER, "c");
        login.challenged(407, challenge("a", false), &none);
        let [_, second] = [(); 2].map(|()| login.answers(ASKED, SENDER, "c"));
        assert!(login.challenged(407, challenge("b", false), &second));
        assert!(login.answers(ASKED, SENDER, "c").fields.contains("nonce=\"b\""));
    }

    #[test]
    fn of_many_that_are_challenged_at_once_all_take_the_first_nonce() {
        let mut login = Login::default();
        let none = login.answers(ASKED, SENDER, "c");
        for nonce in 0..9 {
            assert!(login.challenged(407, challenge(&nonce.to_string(), false), &none));
        }
        let answers = [(); 9].map(|()| login.answers(ASKED, SENDER, "c"));
        assert!(answers.iter().all(|one| one.fields.contains("nonce=\"0\"")));
        assert!(login.challenged(407, challenge("x", true), &answers[3]));
        assert!(login.challenged(407, challenge("y", false), &answers[0]), "others know better");
        assert!(login.answers(ASKED, SENDER, "c").fields.contains("nonce=\"x\""));
    }

    #[test]
    fn a_proxy_and_a_registrar_behind_it_are_both_answered() {
        let mut login = Login::default();
        let none = login.answers(ASKED, SENDER, "c");
        assert!(login.challenged(407, challenge("a", false), &none));
        let one = login.answers(ASKED, SENDER, "c");
        assert!(login.challenged(401, challenge("b", false), &one));
        let both = login.answers(ASKED, SENDER, "c").fields;
        assert!(both.starts_with("Authorization: ") && both.contains("\r\nProxy-Authorization: "));
        assert!(both.contains("nonce=\"b\"") && both.contains("nc=00000002"), "{both}");
    }
}
