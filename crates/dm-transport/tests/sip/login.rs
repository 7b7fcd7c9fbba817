//! Digest: challenges answered, nonces used again, passwords that are wrong.

use dm_transport::{Next, Route, SendError};

use crate::lab::{Lab, Line, SOON, field, hash, listener};

fn lab() -> (Lab, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let password = folder.path().join("password");
    std::fs::write(&password, "secret\n").expect("written");
    let lab = Lab::new(&format!("user = \"server\"\npassword = {{ file = {password:?} }}"));
    (lab, folder)
}

fn challenge(nonce: &str, stale: &str) -> String {
    format!("Proxy-Authenticate: Digest realm=\"r\", nonce=\"{nonce}\", qop=\"auth\"{stale}\r\n")
}

fn parameter(request: &[u8], name: &str) -> String {
    let value = field(request, "Proxy-Authorization");
    let found = value.split(", ").find_map(|part| part.strip_prefix(&format!("{name}=")));
    found.unwrap_or_default().trim_matches('"').to_owned()
}

#[tokio::test]
async fn a_nonce_serves_the_next_messages_in_the_order_in_which_they_leave() {
    let (listener, to) = listener().await;
    let (lab, _folder) = lab();
    let first = lab.sends("first", &to, b"\x02m", SOON);
    let mut line = Line::accept(&listener).await;
    let request = line.next().await;
    assert_eq!(field(&request, "CSeq"), "1 MESSAGE");
    line.answer(&request, "407 Who", &challenge("one", "")).await;
    let request = line.next().await;
    assert_eq!(field(&request, "CSeq"), "2 MESSAGE");
    let ha1 = hash(dm_push::sip::digest::Algorithm::Md5, b"server:r:secret");
    let uri = to.strip_suffix(";transport=tcp").expect("it is there");
    let ha2 = hash(dm_push::sip::digest::Algorithm::Md5, format!("MESSAGE:{uri}").as_bytes());
    let cnonce = parameter(&request, "cnonce");
    let text = format!("{ha1}:one:00000001:{cnonce}:auth:{ha2}");
    let response = hash(dm_push::sip::digest::Algorithm::Md5, text.as_bytes());
    assert_eq!(parameter(&request, "response"), response);
    line.answer(&request, "200 OK", "").await;
    first.await.expect("no panic").expect("taken");

    let sending: Vec<_> = (0..20).map(|_| lab.sends("m", &to, b"\x02m", SOON)).collect();
    for count in 2..22 {
        let request = line.next().await;
        assert_eq!(parameter(&request, "nc"), format!("{count:08x}"));
        line.answer(&request, "200 OK", "").await;
    }
    for sending in sending {
        sending.await.expect("no panic").expect("taken");
    }
    // Too old: the new one is taken, and the message goes.
    let sending = lab.sends("m", &to, b"\x02m", SOON);
    let request = line.next().await;
    line.answer(&request, "407 Who", &challenge("two", ", stale=true")).await;
    let request = line.next().await;
    assert_eq!(
        (parameter(&request, "nonce").as_str(), parameter(&request, "nc").as_str()),
        ("two", "00000001")
    );
    line.answer(&request, "200 OK", "").await;
    sending.await.expect("no panic").expect("taken");
}

#[tokio::test]
async fn a_wrong_password_is_the_routes_fault_and_asked_twice_at_most() {
    let (listener, to) = listener().await;
    let (lab, _folder) = lab();
    let sending = lab.sends("m", &to, b"\x02m", SOON);
    let mut line = Line::accept(&listener).await;
    for nonce in ["one", "two"] {
        let request = line.next().await;
        line.answer(&request, "407 Who", &challenge(nonce, "")).await;
    }
    let error = sending.await.expect("no panic").expect_err("refused");
    assert!(matches!(error, SendError::SipLogin { status: 407, .. }), "{error}");
    assert!(error.to_string().contains("which were refused"), "{error}");
    assert_eq!((error.next(), error.may_have_arrived()), (Next::Again, false));
    assert!(lab.route.is_to_blame(&error), "and not the message");
}

#[tokio::test]
async fn a_proxy_that_asks_for_ever_is_left() {
    let (listener, to) = listener().await;
    let (lab, _folder) = lab();
    let sending = lab.sends("m", &to, b"\x02m", SOON);
    let mut line = Line::accept(&listener).await;
    let mut asked = 0;
    while !sending.is_finished() && asked < 20 {
        let Ok(request) =
            tokio::time::timeout(std::time::Duration::from_millis(500), line.next()).await
        else {
            break;
        };
        asked += 1;
        line.answer(&request, "407 Who", &challenge(&asked.to_string(), ", stale=true")).await;
    }
    let error = sending.await.expect("no panic").expect_err("refused");
    assert!(matches!(error, SendError::Sip { status: 407, .. }), "{error}");
    assert_eq!(asked, 6);
}

#[tokio::test]
async fn without_a_user_a_challenge_is_a_refusal() {
    let (listener, to) = listener().await;
    let sending = Lab::new("").sends("m", &to, b"\x02m", SOON);
    let mut line = Line::accept(&listener).await;
    let request = line.next().await;
    assert!(field(&request, "From").starts_with("<sip:anonymous@anonymous.invalid>;tag="));
    line.answer(&request, "407 Who", &challenge("one", "")).await;
    let error = sending.await.expect("no panic").expect_err("refused");
    assert!(matches!(error, SendError::Sip { status: 407, .. }), "{error}");
}

#[tokio::test]
async fn r16_digest_is_named_only_of_a_request_that_carried_it() {
    let (listener, to) = listener().await;
    let (mut lab, _folder) = lab();
    let sending = lab.sends("m", &to, b"\x02m", SOON);
    let mut line = Line::accept(&listener).await;
    let request = line.next().await;
    line.answer(&request, "200 OK", "").await;
    sending.await.expect("no panic").expect("taken");
    assert_eq!(lab.told().await.security, None, "nobody asked who sends");

    let sending = lab.sends("m", &to, b"\x02m", SOON);
    let request = line.next().await;
    line.answer(&request, "407 Who", &challenge("one", "")).await;
    let request = line.next().await;
    line.answer(&request, "200 OK", "").await;
    sending.await.expect("no panic").expect("taken");
    assert_eq!(lab.told().await.security.as_deref(), Some("digest"));
}
