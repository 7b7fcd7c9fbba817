use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use proptest::prelude::*;

use super::*;
use crate::receipt::Says;
use crate::wsp::{MediaType, Parameter, ParameterName, Push, Text, Value, tables};
use crate::{Error, ErrorKind};

fn fault<T: core::fmt::Debug>(outcome: Result<T, Error>) -> PapFault {
    match outcome.unwrap_err().kind {
        ErrorKind::Pap(fault) => fault,
        other => panic!("{other}"),
    }
}

#[test]
fn an_address_that_a_gateway_dies_of_is_none() {
    for (text, expected, offset) in [
        ("WAPPUSH=127.0.0.256/TYPE=IPv4@ppg.example", PapFault::AddressIpv4, 8),
        ("WAPPUSH=127.0.0.1.1/TYPE=IPv4@ppg.example", PapFault::AddressIpv4, 8),
        ("WAPPUSH=127.0.0.01/TYPE=IPv4@ppg.example", PapFault::AddressIpv4, 8),
        ("WAPPUSH=/TYPE=IPv4@ppg.example", PapFault::AddressIpv4, 8),
        ("WAPPUSH=[::1]/TYPE=IPv6@ppg.example", PapFault::AddressIpv6, 8),
        ("WAPPUSH=::1%25lo/TYPE=IPv6@ppg.example", PapFault::AddressIpv6, 8),
        ("WAPPUSH=358401234567/TYPE=PLMN@ppg.example", PapFault::AddressPlmn, 8),
        ("WAPPUSH=+1234567890123456/TYPE=PLMN@ppg.example", PapFault::AddressPlmn, 8),
        ("WAPPUSH=+35 840/TYPE=PLMN@ppg.example", PapFault::AddressPlmn, 8),
        ("WAPPUSH=/TYPE=USER@ppg.example", PapFault::AddressUser, 8),
        ("WAPPUSH=a%4/TYPE=USER@ppg.example", PapFault::AddressUser, 8),
        ("WAPPUSH=a\"b/TYPE=USER@ppg.example", PapFault::AddressUser, 8),
        ("WAPPUSH=a/b/TYPE=USER@ppg.example", PapFault::AddressUser, 8),
        ("WAPPUSH=+35840/TYPE=FAX@ppg.example", PapFault::AddressType, 20),
        ("WAPPUSH=+35840@ppg.example", PapFault::AddressType, 15),
        ("WAPPUSH=+35840/PLMN@ppg.example", PapFault::AddressType, 14),
        ("WAPPUSH=+35840/TYPE=PLMN", PapFault::AddressGateway, 24),
        ("WAPPUSH=+35840/TYPE=PLMN@", PapFault::AddressGateway, 25),
        ("WAPPUSH=+35840/TYPE=PLMN@-ppg.example", PapFault::AddressGateway, 25),
        ("WAPPUSH=+35840/TYPE=PLMN@ppg..example", PapFault::AddressGateway, 25),
        ("+35840/TYPE=PLMN@ppg.example", PapFault::AddressForm, 0),
        ("", PapFault::AddressForm, 0),
        ("WAPPUSÄ=1", PapFault::AddressForm, 0),
    ] {
        let error = text.parse::<Address>().unwrap_err();
        assert_eq!((error.kind, error.offset), (ErrorKind::Pap(expected), offset), "{text}");
    }
    let either_case: Address = "wappush=+35840/type=plmn@ppg.example".parse().unwrap();
    assert_eq!(either_case.to_string(), "WAPPUSH=+35840/TYPE=PLMN@ppg.example");
}

fn address() -> Address {
    "WAPPUSH=+358401234567/TYPE=PLMN@ppg.example".parse().unwrap()
}

#[test]
fn a_push_without_push_id_cannot_be_made() {
    for id in ["", "a b", "ä", "a\nb", "a<b", "a&b", "a\"b", &"x".repeat(1_025)] {
        let attribute = PapFault::Attribute { element: "push-message", attribute: "push-id" };
        assert_eq!(fault(PushMessage::new(id, address())), attribute, "{id}");
        assert_eq!(fault(Selection::new(id)), attribute, "{id}");
    }
}

#[test]
fn a_push_is_written_as_it_stands_in_the_standard() {
    let mut message = PushMessage::new("7@server.example", address()).unwrap();
    message.deliver_before = Some(Timestamp::from_unix(1_795_455_912));
    message.source_reference = Some("Tom & \"Co\" <1>".to_string());
    message.notify = Some("https://server.example/pap?a=1&b=2".to_string());
    let text = Document::PushMessage(message).write().unwrap();
    let (head, body) = text.split_once("<pap>").unwrap();
    assert!(head.contains("<!DOCTYPE pap PUBLIC \"-//WAPFORUM//DTD PAP 2.0//EN\" \"http://"));
    assert_eq!(
        body,
        "<push-message push-id=\"7@server.example\" deliver-before-timestamp=\"2026-11-23T17:45:12Z\" \
         source-reference=\"Tom &amp; &quot;Co&quot; &lt;1>\" \
         ppg-notify-requested-to=\"https://server.example/pap?a=1&amp;b=2\">\
         <address address-value=\"WAPPUSH=+358401234567/TYPE=PLMN@ppg.example\"/>\
         <quality-of-service delivery-method=\"unconfirmed\"/></push-message></pap>\n"
    );
}

#[test]
fn a_boundary_does_not_occur_in_the_message() {
    let message = PushMessage::new("1", address()).unwrap();
    let mut octets = b"\x02".to_vec();
    for number in [0, 1, 2, 4, 5, 0xFFFF_FFFF_u32] {
        octets.extend(alloc::format!("\r\n--mgram-part-{number:08X}x").to_lowercase().as_bytes());
    }
    let entity = message.entity(&octets).unwrap();
    assert!(entity.content_type.ends_with("boundary=\"mgram-part-00000003\""));
    assert_eq!(split(&entity.content_type, &entity.body).unwrap().content, octets);
}

#[test]
fn a_gateway_makes_a_push_of_the_parts_or_says_that_it_cannot() {
    let parts = |content_type, application_id| {
        Parts { control: b"", content_type, application_id, content: b"\x02" }.push(1)
    };
    let dm = Push::dm(1, b"\x02");
    assert_eq!(parts(crate::media_type::DM_WBXML, Some(crate::APPLICATION_ID)), Ok(dm.clone()));
    assert_eq!(parts(crate::media_type::DM_WBXML, Some("7")), Ok(dm));
    assert!(parts("text/plain; charset=\"utf-8\"", None).is_ok());
    for (content_type, id) in [
        ("", None),
        ("text/plain; sec=300", None),
        ("text/plain; sec", None),
        ("text/plain; a b=1", None),
        ("text/plain", Some("a\u{E4}")),
    ] {
        assert_eq!(fault(parts(content_type, id)), PapFault::HeaderNotCarried, "{content_type}");
    }
}

#[test]
fn of_a_wsp_push_the_content_travels_with_its_mac() {
    let mut push = Push::dm(9, b"<octets>");
    let sec = Parameter { name: ParameterName::Code(tables::SEC), value: Value::Short(1) };
    let mac = Value::Text(Text::new(b"0123ABCD").unwrap());
    let mac = Parameter { name: ParameterName::Code(tables::MAC), value: mac };
    push.content_type.parameters = vec![sec, mac];
    push.content_type.media_type =
        MediaType::new("application/vnd.wap.connectivity-wbxml").unwrap();
    push.application_id = None;
    let message = PushMessage::new("1", address()).unwrap();
    let entity = message.entity(&push.write()).unwrap();
    let parts = split(&entity.content_type, &entity.body).unwrap();
    assert_eq!(parts.push(9).unwrap(), push, "as the device gets it");
    let content_type = "application/vnd.wap.connectivity-wbxml; SEC=1; MAC=0123ABCD";
    assert_eq!((parts.content_type, parts.application_id), (content_type, None));
    assert_eq!(parts.content, b"<octets>");
}

#[test]
fn a_header_that_would_get_into_the_message_is_refused() {
    // 01 06: a push; its headers: content type, application id, Push-Flag (0xB4).
    let push = b"\x01\x06\x05\xC2\xAF\x87\xB4\x81body";
    let message = PushMessage::new("1", address()).unwrap();
    assert_eq!(fault(message.entity(push)), PapFault::HeaderNotCarried);
}

#[test]
fn the_state_says_what_became_of_it_and_a_code_that_contradicts_it_is_believed() {
    let report = |state: &str, code: &str| {
        let text = alloc::format!(
            "<pap><resultnotification-message push-id='1' code='{code}' message-state='{state}'>\
             <address address-value='x'/></resultnotification-message></pap>"
        );
        match read(text.as_bytes()).unwrap() {
            Document::ResultNotification(report) => report.receipt().map(|told| told.says()),
            other => panic!("{other:?}"),
        }
    };
    for (state, says) in [
        ("delivered", Some(Says::Reached)),
        ("rejected", Some(Says::Refused)),
        ("cancelled", Some(Says::Refused)),
        ("expired", Some(Says::Expired)),
        ("undeliverable", Some(Says::Undeliverable)),
        ("aborted", Some(Says::Undeliverable)),
        ("timeout", Some(Says::Undeliverable)),
        ("pending", Some(Says::HandedOver)),
        ("unknown", None),
    ] {
        assert_eq!(report(state, "1000"), says, "{state}");
    }
    assert_eq!(report("delivered", "5000"), Some(Says::HandedOver));
    assert_eq!(report("expired", "3000"), Some(Says::Expired));
}

#[test]
fn an_answer_of_kannel_is_read() {
    let text = b"<?xml version=\"1.0\"?>\n<!DOCTYPE pap PUBLIC \"-//WAPFORUM//DTD PAP 1.0//EN\" \
        \"http://www.wapforum.org/DTD/pap_1.0.dtd\">\n<pap>\n<push-response push-id=\"1@a.example\" \
        sender-address=\"127.0.0.1:18080\" sender-name=\"WAP/1.3 KANNEL\" \
        reply-time=\"2026-11-23T18:00:00Z\">\n<response-result code =\"1001\" desc=\"accepted\">\n\
        </response-result>\n</push-response></pap>";
    let Document::PushResponse(response) = read(text).unwrap() else { panic!() };
    assert_eq!(response.push_id, "1@a.example");
    assert_eq!(response.result.code.meaning(), Meaning::Accepted);
    assert_eq!(response.receipt().says(), Says::HandedOver);
    assert_eq!(response.receipt().rung(), Some(2));
}

#[test]
fn every_code_has_a_meaning_and_a_step_and_one_that_is_not_assigned_those_of_its_class() {
    for code in 1000..=5999 {
        let code = Code::new(code).unwrap();
        let class = Code::new(code.number() / 1000 * 1000).unwrap();
        let is_assigned = code == class || code.meaning() != class.meaning();
        assert!(is_assigned || code.step() == class.step());
        assert_eq!(matches!(code.step(), Step::Taken), code.number() < 2000, "{code}");
        assert!(!code.advice().is_empty());
    }
    for number in [0, 999, 6000, u16::MAX] {
        assert_eq!(fault(Code::new(number)), PapFault::NoCode);
    }
    assert_eq!(Code::new(3010).unwrap().meaning(), Meaning::BearerNotAvailable);
    assert_eq!(Code::new(5236).unwrap().meaning(), Meaning::Aborted);
}

#[test]
fn what_is_no_answer_is_refused() {
    for (text, expected) in [
        ("", PapFault::Xml),
        ("<html><body>It works!</body></html>", PapFault::NotPap),
        ("<pap/>", PapFault::NotPap),
        ("<pap><ccq-response/></pap>", PapFault::NotPap),
        (
            "<pap><badmessage-response desc='x'/></pap>",
            PapFault::Attribute { element: "badmessage-response", attribute: "code" },
        ),
        ("<pap><badmessage-response code='x'/></pap>", PapFault::NoCode),
        ("<pap><badmessage-response code='99999'/></pap>", PapFault::NoCode),
        (
            "<pap><push-response push-id='1'/></pap>",
            PapFault::Missing { inside: "push-response", element: "response-result" },
        ),
        (
            "<pap><resultnotification-message push-id='1' message-state='lost' code='1000'/></pap>",
            PapFault::Attribute {
                element: "resultnotification-message",
                attribute: "message-state",
            },
        ),
        (
            "<pap><push-message push-id='1'><address address-value='WAPPUSH=1.1.1.1/TYPE=IPv4@g'/>\
          <quality-of-service delivery-method='confirmed'/></push-message></pap>",
            PapFault::Attribute { element: "quality-of-service", attribute: "delivery-method" },
        ),
        (
            "<!DOCTYPE pap [<!ENTITY a 'b'>]><pap><badmessage-response code='1000' desc='&a;'/></pap>",
            PapFault::Xml,
        ),
    ] {
        assert_eq!(fault(read(text.as_bytes())), expected, "{text}");
    }
}

#[test]
fn hostile_xml_is_bounded() {
    let deep = "<a>".repeat(20_000);
    let long = alloc::format!(
        "<pap><badmessage-response code='1000' desc='{}'/></pap>",
        "x".repeat(70_000)
    );
    let many = "<pap>".to_string() + &"<address/>".repeat(5_000) + "</pap>";
    let attributes: String = (0..200).map(|at| alloc::format!(" a{at}='1'")).collect();
    let wide = alloc::format!("<pap><badmessage-response code='1000'{attributes}/></pap>");
    for text in [deep, long, many, wide] {
        assert_eq!(fault(read(text.as_bytes())), PapFault::Xml);
    }
}

fn text() -> impl Strategy<Value = String> {
    "[ -~äß漢\u{85}\u{2028}]{0,40}"
}

fn verdict() -> impl Strategy<Value = Verdict> {
    (1000_u16..6000, text())
        .prop_map(|(code, text)| Verdict { code: Code::new(code).unwrap(), text })
}

fn any_address() -> impl Strategy<Value = Address> {
    let text = prop_oneof![
        any::<[u8; 4]>().prop_map(|it| core::net::Ipv4Addr::from(it).to_string() + "/TYPE=IPv4"),
        any::<[u8; 16]>().prop_map(|it| core::net::Ipv6Addr::from(it).to_string() + "/TYPE=IPv6"),
        "\\+[0-9]{3,15}/TYPE=PLMN",
        "([a-z0-9._+!~*'(),-]|%[0-9a-fA-F]{2}){1,30}/TYPE=USER",
    ];
    let gateway = "[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?(\\.[a-z]{1,5}){0,3}";
    (text, gateway)
        .prop_map(|(text, gateway)| alloc::format!("WAPPUSH={text}@{gateway}").parse().unwrap())
}

fn state() -> impl Strategy<Value = State> {
    prop::sample::select(&[State::Pending, State::Delivered, State::Expired, State::Unknown][..])
}

fn at() -> impl Strategy<Value = Timestamp> {
    (0_u64..253_402_300_800).prop_map(Timestamp::from_unix)
}

const ID: &str = "[!#$%(-;=?-~]{1,80}";

fn push_message() -> impl Strategy<Value = PushMessage> {
    let options = (prop::option::of(at()), prop::option::of(text()), prop::option::of(text()));
    (ID, any_address(), options, any::<bool>()).prop_map(|(id, address, options, is_open)| {
        let mut message = PushMessage::new(&id, address).unwrap();
        (message.deliver_before, message.source_reference, message.notify) = options;
        if is_open {
            message.exchanged = Exchanged::NotSpecified;
        }
        message
    })
}

fn results(with_state: bool) -> impl Strategy<Value = Results> {
    let state = prop::option::of(state());
    let word = (verdict(), state, prop::option::of(at()), prop::collection::vec(text(), 0..3));
    let word = word.prop_map(move |(verdict, state, at, addresses)| Word {
        verdict,
        state: state.filter(|_| with_state),
        at: at.filter(|_| with_state),
        addresses,
    });
    (text(), prop::collection::vec(word, 0..4))
        .prop_map(|(push_id, results)| Results { push_id, results })
}

fn document() -> impl Strategy<Value = Document> {
    let selection = || {
        (ID, prop::collection::vec(any_address(), 0..3))
            .prop_map(|(id, addresses)| Selection { addresses, ..Selection::new(&id).unwrap() })
    };
    let report = (text(), text(), state(), verdict(), prop::option::of(at())).prop_map(
        |(push_id, address, state, verdict, at)| Report { push_id, address, state, verdict, at },
    );
    prop_oneof![
        push_message().prop_map(Document::PushMessage),
        (text(), verdict()).prop_map(|(push_id, result)| {
            Document::PushResponse(PushResponse { push_id, result })
        }),
        selection().prop_map(Document::CancelMessage),
        results(false).prop_map(Document::CancelResponse),
        selection().prop_map(Document::StatusQuery),
        results(true).prop_map(Document::StatusQueryResponse),
        report.prop_map(Document::ResultNotification),
        (text(), text(), verdict()).prop_map(|(push_id, address, verdict)| {
            Document::ResultNotificationResponse(ReportAnswer { push_id, address, verdict })
        }),
        verdict().prop_map(Document::BadMessage),
    ]
}

proptest! {
    #[test]
    fn what_is_written_can_be_read(document in document()) {
        let text = document.write().unwrap();
        prop_assert_eq!(read(text.as_bytes()), Ok(document));
    }

    #[test]
    fn whatever_the_message_is_it_comes_out_of_the_entity(
        message in push_message(),
        octets in prop::collection::vec(any::<u8>(), 1..200),
        ending in prop::sample::select(&["", "\r\n", "\r\n--", "\r\n--mgram-part-00000000--\r\n"][..]),
    ) {
        let octets: Vec<u8> = [b"\x02", &octets[..], ending.as_bytes()].concat();
        let entity = message.entity(&octets).unwrap();
        let parts = split(&entity.content_type, &entity.body).unwrap();
        let pushed = Push::read(&octets).map_or(&octets[..], |push| push.body);
        prop_assert_eq!(parts.content, pushed);
        prop_assert_eq!(read(parts.control), Ok(Document::PushMessage(message)));
    }

    #[test]
    fn a_time_that_is_written_can_be_read(at in at()) {
        prop_assert_eq!(at.to_string().parse(), Ok(at));
    }

    #[test]
    fn whatever_comes_is_read_or_refused(octets in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(&octets);
        let _ = split("multipart/related; boundary=a", &octets);
    }
}

#[test]
fn a_time_that_is_none_is_refused() {
    for text in [
        "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-11-23",
        "1969-12-31T23:59:59Z",
        "2026-11-23T24:00:00Z",
        "2026-11-23T17:45:12",
        "2026-11-23T17:45:12+00:00",
        "2026-00-10T00:00:00Z",
    ] {
        assert_eq!(fault(text.parse::<Timestamp>()), PapFault::NoTime, "{text}");
    }
    assert!("2024-02-29T23:59:59Z".parse::<Timestamp>().is_ok());
    assert_eq!(Timestamp::from_unix(0).to_string(), "1970-01-01T00:00:00Z");
    assert_eq!(Timestamp::from_unix(u64::MAX).to_string(), "9999-12-31T23:59:59Z");
}
