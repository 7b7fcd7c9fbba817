//! Registrars of all tempers.

use dm_push::sip::digest::Credentials as Login;

use super::write::hash;
use super::*;
use crate::config::Config;

const LOCAL: &str = "10.0.0.2:40000";

fn registration(url: &str, lines: &str) -> Registration {
    let security = if url.starts_with("sips") {
        "security = \"tls\"\nca = \"ca\"\n"
    } else {
        "security = \"none\"\ndanger_insecure = true\n"
    };
    let text = format!(
        "device_id = \"d\"\nstate = \"s\"\n[[sip]]\nurl = \"{url}\"\n{security}\
         aor = \"sip:device1@push.example\"\nuser = \"d1\"\npassword_file = \"p\"\n{lines}"
    );
    let config = Config::parse("test.toml".as_ref(), &text, [("", ""); 0]).unwrap();
    let mut next = 0;
    let random = Box::new(move || {
        next += 1;
        next
    });
    let mut registration = Registration::new(&config.sip[0], random);
    registration.log_in(Some("secret".into()));
    registration
}

/// A registration that has sent its first REGISTER.
fn begun(registration: &mut Registration, now: Instant) -> String {
    registration.begin(LOCAL.parse().unwrap(), now);
    text(registration.due(now).unwrap())
}

fn text(octets: Option<Vec<u8>>) -> String {
    String::from_utf8(octets.expect("something to send")).unwrap()
}

/// The response to this REGISTER, from a registrar that sees its sender there.
fn response(register: &str, seen: &str, status: &str, fields: &str) -> String {
    let message = Message::read(register.as_bytes()).unwrap();
    let (ip, port) = seen.rsplit_once(':').unwrap();
    let via =
        message.field("Via").unwrap().replace(";rport", &format!(";rport={port};received={ip}"));
    let field = |name| message.field(name).unwrap();
    format!(
        "SIP/2.0 {status}\r\nVia: {via}\r\nFrom: {}\r\nTo: {};tag=r\r\nCall-ID: {}\r\nCSeq: {}\r\n{fields}\
         Content-Length: 0\r\n\r\n",
        field("From"),
        field("To"),
        field("Call-ID"),
        field("CSeq")
    )
}

fn contact(register: &str) -> &str {
    Message::read(register.as_bytes()).unwrap().field("Contact").unwrap()
}

impl Registration {
    fn hears(&mut self, response: &str, now: Instant) -> Result<Next, RegisterError> {
        self.response(&Message::read(response.as_bytes()).unwrap(), now)
    }

    fn sends(&mut self, response: &str, now: Instant) -> String {
        match self.hears(response, now) {
            Ok(Next::Send(octets)) => text(Some(octets)),
            other => panic!("{other:?}"),
        }
    }
}

const CHALLENGE: &str = "WWW-Authenticate: Digest realm=\"r\", nonce=\"n1\", qop=\"auth\"\r\n";

fn granted(seconds: u64) -> Result<Next, RegisterError> {
    Ok(Next::Registered { granted: Duration::from_secs(seconds), is_new: true })
}

#[test]
fn a_challenge_is_answered_and_its_nonce_used_again_until_it_is_stale() {
    let now = Instant::now();
    let mut registration = registration("sip://h", "");
    let first = begun(&mut registration, now);
    assert!(
        first.starts_with("REGISTER sip:push.example SIP/2.0\r\nVia: SIP/2.0/TCP 10.0.0.2:40000;")
    );
    assert!(!first.contains("Authorization"), "{first}");
    let second = registration.sends(&response(&first, LOCAL, "401 No", CHALLENGE), now);
    assert!(second.contains("\r\nCSeq: 2 REGISTER\r\n"), "{second}");
    assert!(second.contains("username=\"d1\", realm=\"r\", nonce=\"n1\""), "{second}");
    assert!(second.contains("nc=00000001"), "{second}");
    let ok = response(&second, LOCAL, "200 OK", &format!("Contact: {}\r\n", contact(&second)));
    assert_eq!(registration.hears(&ok, now), granted(3600));
    let refresh = registration.deadline().unwrap();
    assert_eq!(refresh, now + Duration::from_secs(3300));
    assert_eq!(registration.due(refresh - T1), Ok(None));
    let third = text(registration.due(refresh).unwrap());
    assert!(third.contains("nonce=\"n1\"") && third.contains("nc=00000002"), "{third}");
    let stale = CHALLENGE.replace("n1\"", "n2\", stale=true");
    let fourth = registration.sends(&response(&third, LOCAL, "401 No", &stale), refresh);
    assert!(fourth.contains("nonce=\"n2\"") && fourth.contains("nc=00000001"), "{fourth}");
    let ok = response(&fourth, LOCAL, "200 OK", "Expires: 40\r\n");
    let again = Next::Registered { granted: Duration::from_secs(40), is_new: false };
    assert_eq!(registration.hears(&ok, refresh), Ok(again));
    assert_eq!(registration.deadline(), Some(refresh + Duration::from_secs(30)));
}

/// RFC 7616 §3.9.1, with its method and URI.
#[test]
fn digest_is_what_the_standard_computes() {
    let parameters = "realm=\"http-auth@example.org\", qop=\"auth, auth-int\", \
                      nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\"";
    let login = Login {
        method: "GET",
        uri: "/dir/index.html",
        user: "Mufasa",
        password: "Circle of Life",
        count: 1,
        cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    };
    for (algorithm, expected) in [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ] {
        let value = format!("Digest {parameters}, algorithm={algorithm}");
        let challenge = Challenge::strongest([value.as_str()].into_iter()).unwrap();
        let authorization = challenge.authorization(login, hash);
        assert!(authorization.contains(&format!("response=\"{expected}\"")), "{authorization}");
    }
}

#[test]
fn a_wrong_password_is_not_tried_again_at_once() {
    let now = Instant::now();
    for nonce in ["n1", "n2"] {
        let mut registration = registration("sip://h", "");
        let first = begun(&mut registration, now);
        let second = registration.sends(&response(&first, LOCAL, "401 No", CHALLENGE), now);
        let again = response(&second, LOCAL, "401 No", &CHALLENGE.replace("n1", nonce));
        assert_eq!(registration.hears(&again, now), Err(RegisterError::WrongPassword));
    }
    let mut registration = registration("sip://h", "");
    let first = begun(&mut registration, now);
    let basic = response(&first, LOCAL, "401 No", "WWW-Authenticate: Basic realm=\"r\"\r\n");
    assert_eq!(registration.hears(&basic, now), Err(RegisterError::Challenge));
    registration.log_in(None);
    let first = begun(&mut registration, now);
    let proxy = CHALLENGE.replace("WWW", "Proxy");
    let no_login = response(&first, LOCAL, "407 No", &proxy);
    assert_eq!(registration.hears(&no_login, now), Err(RegisterError::NoLogin));
    registration.log_in(Some("secret".into()));
    let first = begun(&mut registration, now);
    let second = registration.sends(&response(&first, LOCAL, "407 No", &proxy), now);
    assert!(second.contains("\r\nProxy-Authorization: Digest "), "{second}");
}

#[test]
fn a_registrar_that_asks_for_ever_is_left() {
    let now = Instant::now();
    let mut registration = registration("sip://h", "");
    let mut register = begun(&mut registration, now);
    let mut rounds = 0;
    loop {
        let stale = CHALLENGE.replace("qop", &format!("stale=true, opaque=\"{rounds}\", qop"));
        match registration.hears(&response(&register, LOCAL, "401 No", &stale), now) {
            Ok(Next::Send(octets)) => register = text(Some(octets)),
            other => break assert_eq!(other, Err(RegisterError::Rounds)),
        }
        rounds += 1;
    }
    assert_eq!(rounds, ROUNDS);
}

#[test]
fn behind_nat_the_contact_is_where_the_registrar_sees_us() {
    let (now, seen) = (Instant::now(), "198.51.100.7:6111");
    let mut registration = registration("sip://h", "");
    let first = begun(&mut registration, now);
    let second = registration.sends(&response(&first, seen, "401 No", CHALLENGE), now);
    assert!(contact(&second).starts_with("<sip:device1@198.51.100.7:6111;transport=tcp>"));
    assert!(!second.contains("expires=0"), "nothing else was bound: {second}");

    registration.challenge = None;
    let first = begun(&mut registration, now);
    let old = format!("Contact: {}\r\n", contact(&first));
    let second = registration.sends(&response(&first, seen, "200 OK", &old), now);
    assert!(contact(&second).starts_with("<sip:device1@198.51.100.7:6111;"));
    assert!(
        second.contains("\r\nContact: <sip:device1@10.0.0.2:40000;transport=tcp>;expires=0\r\n")
    );
    let elsewhere = format!("Contact: {}\r\n", contact(&second));
    let ok = response(&second, "198.51.100.7:6112", "200 OK", &elsewhere);
    assert_eq!(registration.hears(&ok, now), granted(3600), "corrected once, not for ever");
}

#[test]
fn what_the_registrar_grants_counts_and_no_binding_is_a_failure() {
    let now = Instant::now();
    for (status, fields, expected) in [
        ("200 OK", "Expires: 4\r\n", granted(4)),
        (
            "200 OK",
            "Contact: <sip:x@y>;expires=9, <sip:device1@10.0.0.2:40000>;expires=7\r\n",
            granted(7),
        ),
        ("200 OK", "Contact: <sip:x@y>;expires=9\r\n", Err(RegisterError::NotBound)),
        (
            "200 OK",
            "Contact: <sip:device1@10.0.0.2:40000>;expires=0\r\n",
            Err(RegisterError::NotBound),
        ),
        ("200 OK", "Expires: 99999999999\r\n", granted(MOST.as_secs())),
        ("100 Trying", "", Ok(Next::Nothing)),
        ("403 Not here", "", Err(RegisterError::Refused(403, "Not here".into()))),
        (
            "423 Too brief",
            "Min-Expires: 60\r\n",
            Err(RegisterError::Refused(423, "Too brief".into())),
        ),
        ("302 There", "Contact: <sip:x@y>\r\n", Err(RegisterError::Refused(302, "There".into()))),
    ] {
        let mut registration = registration("sip://h", "");
        let first = begun(&mut registration, now);
        assert_eq!(
            registration.hears(&response(&first, LOCAL, status, fields), now),
            expected,
            "{fields}"
        );
    }
    let mut registration = registration("sip://h", "expires = \"30 s\"");
    let first = begun(&mut registration, now);
    let brief = response(&first, LOCAL, "423 Too brief", "Min-Expires: 60\r\n");
    let second = registration.sends(&brief, now);
    assert!(second.contains("\r\nExpires: 60\r\n"), "{second}");
}

#[test]
fn responses_to_others_change_nothing() {
    let now = Instant::now();
    let mut registration = registration("sip://h", "");
    let first = begun(&mut registration, now);
    let ok = response(&first, LOCAL, "200 OK", "");
    for other in [
        ok.replace("z9hG4bK", "z9hG4bL"),
        ok.replace("CSeq: 1 ", "CSeq: 2 "),
        ok.replace("1 REGISTER", "1 MESSAGE"),
    ] {
        assert_eq!(registration.hears(&other, now), Ok(Next::Nothing));
    }
    assert_eq!(registration.hears(&ok, now), granted(3600));
    assert_eq!(registration.hears(&ok, now), Ok(Next::Nothing), "it was answered");
}

#[test]
fn over_udp_it_is_repeated_and_over_tcp_it_is_not() {
    let now = Instant::now();
    let mut udp = registration("sip://h", "transport = \"udp\"");
    let (first, mut sent) = (begun(&mut udp, now), Vec::new());
    while let Ok(octets) = udp.due(udp.deadline().unwrap()) {
        assert_eq!(text(octets), first);
        sent.push(udp.deadline().unwrap() - now);
    }
    let times: Vec<_> = sent.iter().map(Duration::as_millis).collect();
    assert_eq!(times, [1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500, 32_000]);
    let mut tcp = registration("sips://h", "");
    let first = begun(&mut tcp, now);
    assert!(
        first.contains("SIP/2.0/TLS") && contact(&first).contains(";transport=tls>"),
        "{first}"
    );
    assert_eq!(tcp.deadline(), Some(now + 64 * T1));
    assert_eq!(tcp.due(now + 64 * T1), Err(RegisterError::Silent));
}

#[test]
fn a_binding_is_taken_back_at_the_end() {
    let now = Instant::now();
    let mut registration = registration("sip://h", "");
    let first = begun(&mut registration, now);
    registration.hears(&response(&first, LOCAL, "200 OK", ""), now).unwrap();
    registration.remove(now);
    let last = text(registration.due(now).unwrap());
    assert!(
        last.contains("\r\nExpires: 0\r\n") && contact(&last).contains(";expires=0;"),
        "{last}"
    );
    let challenged = registration.sends(&response(&last, LOCAL, "401 No", CHALLENGE), now);
    assert!(challenged.contains("\r\nExpires: 0\r\n"), "{challenged}");
    registration.hears(&response(&challenged, LOCAL, "200 OK", ""), now).unwrap();
    assert_eq!((registration.deadline(), registration.due(now)), (None, Ok(None)));

    let first = begun(&mut registration, now);
    registration.remove(now);
    let last = text(registration.due(now).unwrap());
    assert!(last.contains("\r\nExpires: 0\r\n"), "it may be bound already: {last}");
    let late = response(&first, LOCAL, "200 OK", "");
    assert_eq!(registration.hears(&late, now), Ok(Next::Nothing));
}
