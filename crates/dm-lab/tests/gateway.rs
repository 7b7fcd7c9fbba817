//! The simulated push gateway, as one who posts to it sees it.

use std::time::Duration;

use dm_lab::{Answer, Bearer, Faults, Gateway, GatewayBehaviour};
use dm_push::pap::{self, Address, Code, Document, PushMessage, Selection, State, Timestamp};
use dm_push::wsp::Push;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::time::timeout;

const SOON: Duration = Duration::from_secs(10);
const NUMBER: &str = "358401234567";
const BODY: &[u8] = b"\x02message";

async fn start(behaviour: GatewayBehaviour) -> (Gateway, Bearer) {
    let bearer = Bearer::start(1, Faults::default()).await.expect("a bearer");
    (Gateway::start(behaviour, &bearer).await.expect("a gateway"), bearer)
}

fn to(number: &str) -> Address {
    format!("WAPPUSH=+{number}/TYPE=PLMN@ppg.example").parse().expect("an address")
}

fn push(id: &str) -> PushMessage {
    PushMessage::new(id, to(NUMBER)).expect("a push")
}

/// Posts something, and yields all that comes back.
async fn post(gateway: &Gateway, path: &str, fields: &str, body: &[u8]) -> String {
    let mut stream = TcpStream::connect(gateway.address()).await.expect("a connection");
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: lab\r\nconnection: close\r\ncontent-length: {length}\r\n\
         {fields}\r\n"
    );
    stream.write_all(&[head.as_bytes(), body].concat()).await.expect("posted");
    let mut answer = Vec::new();
    timeout(SOON, stream.read_to_end(&mut answer)).await.expect("in time").expect("an answer");
    String::from_utf8(answer).expect("text")
}

/// The status of an answer, and its document.
fn read(answer: &str) -> (&str, Document) {
    let (head, body) = answer.split_once("\r\n\r\n").expect("an answer");
    (&head[9..12], pap::read(body.as_bytes()).expect("a document of PAP"))
}

async fn send(gateway: &Gateway, message: &PushMessage) -> u16 {
    let entity = message.entity(BODY).expect("an entity");
    let fields = format!("content-type: {}\r\n", entity.content_type);
    let answer = post(gateway, "/pap", &fields, &entity.body).await;
    let ("202", Document::PushResponse(response)) = read(&answer) else { panic!("{answer}") };
    assert_eq!(response.push_id, message.push_id());
    response.result.code.number()
}

/// What is said about a push: code, and state.
async fn ask(gateway: &Gateway, document: Document) -> (u16, Option<State>) {
    let text = document.write().expect("written");
    let answer = post(gateway, "/pap", "content-type: application/xml\r\n", text.as_bytes()).await;
    let (Document::CancelResponse(results) | Document::StatusQueryResponse(results)) =
        read(&answer).1
    else {
        panic!("{answer}")
    };
    let word = &results.results[0];
    (word.verdict.code.number(), word.state)
}

fn which(id: &str) -> Selection {
    Selection::new(id).expect("an id")
}

async fn device(bearer: &Bearer) -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
    bearer.device(NUMBER, socket.local_addr().expect("an address"));
    socket
}

async fn got(device: &UdpSocket) -> Vec<u8> {
    let mut octets = vec![0; 2_000];
    let length = timeout(SOON, device.recv(&mut octets)).await.expect("in time");
    octets.truncate(length.expect("a datagram"));
    octets
}

async fn got_nothing(device: &UdpSocket) -> bool {
    timeout(Duration::from_millis(200), device.recv(&mut [0; 10])).await.is_err()
}

async fn until(gateway: &Gateway, id: &str, state: State) {
    let reached = async {
        while gateway.state(id) != Some(state) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(SOON, reached).await.expect("in time");
}

#[tokio::test]
async fn a_push_is_taken_once_and_carried_to_its_device() {
    let (gateway, bearer) = start(GatewayBehaviour::default()).await;
    let device = device(&bearer).await;
    assert_eq!(send(&gateway, &push("one")).await, 1001);
    let octets = got(&device).await;
    assert_eq!(Push::read(&octets).unwrap(), Push::dm(1, BODY));
    until(&gateway, "one", State::Delivered).await;
    assert_eq!(send(&gateway, &push("one")).await, 2007);
    assert!(got_nothing(&device).await);
    assert_eq!(ask(&gateway, Document::StatusQuery(which("one"))).await, {
        (1000, Some(State::Delivered))
    });
    assert_eq!(ask(&gateway, Document::CancelMessage(which("one"))).await, (2008, None));
    assert_eq!(ask(&gateway, Document::StatusQuery(which("two"))).await, (2004, None));
    assert_eq!(ask(&gateway, Document::CancelMessage(which("two"))).await, (2004, None));
    let counts = gateway.counts();
    assert_eq!((counts.pushes, counts.taken, counts.duplicates, counts.delivered), (2, 1, 1, 1));
}

#[tokio::test]
async fn the_first_pushes_and_those_for_some_devices_are_answered_as_it_is_told() {
    let code = |number| Answer::Code(Code::new(number).expect("a code"));
    let behaviour = GatewayBehaviour {
        answer_first: vec![code(4001), code(3000), Answer::Lose, code(1000)],
        answer_to: [("358407654321".to_owned(), code(2003))].into(),
        ..GatewayBehaviour::default()
    };
    let (gateway, bearer) = start(behaviour).await;
    let device = device(&bearer).await;
    for (id, code) in [("a", 4001), ("a", 3000), ("a", 1001), ("b", 1000), ("c", 1001)] {
        assert_eq!(send(&gateway, &push(id)).await, code, "{id}");
    }
    got(&device).await;
    got(&device).await;
    assert!(got_nothing(&device).await, "1001 of the first, which is lost");
    assert_eq!(gateway.state("a"), Some(State::Pending), "and nobody is told");
    let other = PushMessage::new("d", to("358407654321")).unwrap();
    assert_eq!(send(&gateway, &other).await, 2003);
    assert_eq!((gateway.counts().taken, gateway.counts().lost), (3, 1));
}

#[tokio::test]
async fn an_answer_can_get_lost_on_its_way() {
    let behaviour =
        GatewayBehaviour { answer_first: vec![Answer::Cut], ..GatewayBehaviour::default() };
    let (gateway, bearer) = start(behaviour).await;
    let device = device(&bearer).await;
    let entity = push("one").entity(BODY).unwrap();
    let fields = format!("content-type: {}\r\n", entity.content_type);
    assert_eq!(post(&gateway, "/pap", &fields, &entity.body).await, "");
    got(&device).await;
    assert_eq!(send(&gateway, &push("one")).await, 2007);
}

#[tokio::test]
async fn what_sleeps_can_be_withdrawn_and_what_is_late_expires() {
    let (gateway, bearer) = start(GatewayBehaviour::default()).await;
    let device = device(&bearer).await;
    bearer.sleep(NUMBER).await;
    let mut late = push("late");
    late.deliver_before = Some(Timestamp::from_unix(1_000_000_000));
    for message in [&push("one"), &push("two"), &late] {
        assert_eq!(send(&gateway, message).await, 1001);
    }
    until(&gateway, "late", State::Expired).await;
    assert_eq!(ask(&gateway, Document::CancelMessage(which("one"))).await, (1000, None));
    assert_eq!(ask(&gateway, Document::StatusQuery(which("one"))).await, {
        (1000, Some(State::Cancelled))
    });
    bearer.wake(NUMBER).await;
    until(&gateway, "two", State::Delivered).await;
    got(&device).await;
    assert!(got_nothing(&device).await);
    assert_eq!(gateway.state("one"), Some(State::Cancelled));
}

#[tokio::test]
async fn who_does_not_say_who_he_is_is_not_let_in() {
    let login = Some(("pi".to_owned(), "secret".to_owned()));
    let behaviour = GatewayBehaviour { login, ..GatewayBehaviour::default() };
    let (gateway, _bearer) = start(behaviour).await;
    let query = Document::StatusQuery(which("one")).write().unwrap();
    // "pi:secret" and "pi:wrong" in base64.
    for (fields, status) in [
        ("authorization: Basic cGk6c2VjcmV0\r\n", "200"),
        ("authorization: Basic cGk6d3Jvbmc=\r\n", "401"),
        ("", "401"),
    ] {
        let answer = post(&gateway, "/pap", fields, query.as_bytes()).await;
        assert_eq!(&answer[9..12], status);
        assert_eq!(answer.contains("www-authenticate: Basic realm="), status == "401");
    }
    assert_eq!((gateway.counts().requests, gateway.counts().logins_refused), (3, 2));
}

#[tokio::test]
async fn what_is_no_pap_is_refused_in_words() {
    let (gateway, _bearer) = start(GatewayBehaviour::default()).await;
    let control = Document::PushMessage(push("one")).write().unwrap();
    let other =
        Document::BadMessage(pap::Verdict { code: Code::new(2000).unwrap(), text: String::new() });
    for (content_type, body, code) in [
        ("application/xml", "<pap", 2000),
        ("application/xml", &*control, 3001),
        ("application/xml", &other.write().unwrap(), 3001),
        ("multipart/related; boundary=x", "no parts", 2000),
    ] {
        let fields = format!("content-type: {content_type}\r\n");
        let answer = post(&gateway, "/pap", &fields, body.as_bytes()).await;
        let ("200", Document::BadMessage(verdict)) = read(&answer) else { panic!("{answer}") };
        assert_eq!(verdict.code.number(), code, "{answer}");
    }
    assert!(post(&gateway, "/other", "", b"").await.starts_with("HTTP/1.1 404 "));
    // Deep, and without end: bounded by what is read of PAP, and of HTTP.
    let deep = "<a>".repeat(100_000);
    let answer = post(&gateway, "/pap", "content-type: application/xml\r\n", deep.as_bytes()).await;
    assert!(matches!(read(&answer).1, Document::BadMessage(_)));
    assert_eq!(send(&gateway, &push("one")).await, 1001, "it goes on");
}

/// One who hears notifications: answers each with the next of these statuses, and yields what came.
async fn ear(statuses: &'static [&'static str]) -> (String, tokio::task::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/heard?a=1", listener.local_addr().expect("an address"));
    let heard = tokio::spawn(async move {
        let mut heard = Vec::new();
        for status in statuses {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let mut octets = Vec::new();
            while !octets.ends_with(b"</pap>\n") {
                stream.read_buf(&mut octets).await.expect("a request");
            }
            heard.push(String::from_utf8(octets).expect("text"));
            let body = "<pap><resultnotification-response push-id='one' code='1000'/></pap>";
            let length = body.len();
            let answer = format!("HTTP/1.1 {status} x\r\ncontent-length: {length}\r\n\r\n{body}");
            stream.write_all(answer.as_bytes()).await.expect("answered");
        }
        heard
    });
    (url, heard)
}

#[tokio::test]
async fn who_asked_for_it_is_told_what_became_of_a_push_until_he_acknowledges() {
    let behaviour = GatewayBehaviour {
        notify_again: Duration::from_millis(10),
        notify_login: Some(("pi".to_owned(), "secret".to_owned())),
        ..GatewayBehaviour::default()
    };
    let (gateway, bearer) = start(behaviour).await;
    let (url, heard) = ear(&["503", "200", "200"]).await;
    let notified = |id: &str| {
        let mut message = push(id);
        message.notify = Some(url.clone());
        message
    };
    assert_eq!(send(&gateway, &notified("one")).await, 1001);
    let twice = async {
        while gateway.counts().acknowledged == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(SOON, twice).await.expect("acknowledged");
    bearer.behave(|faults| faults.undeliverable = 1_000);
    assert_eq!(send(&gateway, &notified("two")).await, 1001);
    let heard = timeout(SOON, heard).await.expect("in time").expect("heard");
    for (text, id, state) in [
        (&heard[0], "one", State::Delivered),
        (&heard[1], "one", State::Delivered),
        (&heard[2], "two", State::Undeliverable),
    ] {
        assert!(text.starts_with("POST /heard?a=1 HTTP/1.1\r\n"), "{text}");
        assert!(text.contains("authorization: Basic cGk6c2VjcmV0\r\n"), "{text}");
        let (_, body) = text.split_once("\r\n\r\n").unwrap();
        let Document::ResultNotification(report) = pap::read(body.as_bytes()).unwrap() else {
            panic!("{text}")
        };
        assert_eq!((&*report.push_id, report.state), (id, state));
        assert_eq!(report.address, to(NUMBER).to_string());
    }
}

#[tokio::test]
async fn notifications_meet_faults_of_their_own() {
    let behaviour = GatewayBehaviour {
        notices: Faults { lose: 1_000, ..Faults::default() },
        ..GatewayBehaviour::default()
    };
    let (gateway, _bearer) = start(behaviour).await;
    let (url, heard) = ear(&["200", "200"]).await;
    let mut message = push("one");
    message.notify = Some(url.clone());
    assert_eq!(send(&gateway, &message).await, 1001);
    until(&gateway, "one", State::Delivered).await;
    let lost = async {
        while gateway.counts().notices_lost == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(SOON, lost).await.expect("lost");
    gateway.behave(|behaviour| {
        behaviour.notices = Faults { duplicate: 1_000, ..Faults::default() };
    });
    let mut message = push("two");
    message.notify = Some(url);
    assert_eq!(send(&gateway, &message).await, 1001);
    let heard = timeout(SOON, heard).await.expect("in time").expect("heard");
    assert!(heard.iter().all(|text| text.contains("push-id=\"two\"")), "{heard:?}");
}
