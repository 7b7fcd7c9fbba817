use super::*;

fn shown(text: &str) -> Result<String, AddressError> {
    text.parse::<Address>().map(|address| address.to_string())
}

#[test]
fn what_is_shown_can_be_parsed_again() {
    for text in [
        "https://[2001:db8::1]:4036/push",
        "WAPPUSH=+358401234567/TYPE=PLMN@ppg.example",
        "udp://[::1]:9",
        "http://dev-1.example:8080/a/b?c=d",
        "udp://10.0.0.1:2948",
        "mqtt:/a",
        "tel:+3584012345",
        "file:/var/spool/dm/",
        "file:a.wbxml",
        "poll:urn:imei:1",
        "qr:-",
        "qr:a b.png",
    ] {
        assert_eq!(shown(text).as_deref(), Ok(text));
    }
}

#[test]
fn defaults_are_filled_in() {
    assert_eq!(shown("UDP://dev/").as_deref(), Ok("udp://dev:2948"));
    assert_eq!(shown("file:///a/b").as_deref(), Ok("file:/a/b"));
    assert_eq!(shown("sip:a@dev").as_deref(), Ok("sip:a@dev;transport=udp"));
    assert_eq!(shown("sip:a@dev;transport=TLS").as_deref(), Ok("sip:a@dev;transport=tls"));
    assert_eq!(shown("sips:a@dev").as_deref(), Ok("sip:a@dev;transport=tls"));
    assert_eq!(shown("sips:a@dev;transport=tcp").as_deref(), Ok("sip:a@dev;transport=tls"));
    assert_eq!(shown("http://dev").as_deref(), Ok("http://dev:80/push"));
    assert_eq!(shown("https://dev").as_deref(), Ok("https://dev:443/push"));
    assert_eq!(shown("http://dev/").as_deref(), Ok("http://dev:80/"));
}

#[test]
fn a_scheme_is_the_same_in_any_case() {
    for (text, same) in [
        ("SIP:a@dev", "sip:a@dev;transport=udp"),
        ("Sips:a@dev", "sip:a@dev;transport=tls"),
        ("TEL:+358401234567", "tel:+358401234567"),
        ("FILE:a.wbxml", "file:a.wbxml"),
        ("MQTT:Dev/1", "mqtt:Dev/1"),
        ("Poll:d", "poll:d"),
        ("QR:-", "qr:-"),
        ("HTTPS://dev/Push", "https://dev:443/Push"),
    ] {
        assert_eq!(shown(text).as_deref(), Ok(same));
    }
}

#[test]
fn every_fault_has_an_address() {
    for (text, error) in [
        ("http://user:secret@dev/push", AddressError::Credentials),
        ("udp://:2948", AddressError::Host),
        ("udp://::1", AddressError::Host),
        ("udp://[1.2.3.4]", AddressError::Host),
        ("udp://[::1]2948", AddressError::Host),
        ("http://a b/push", AddressError::Host),
        ("https://user@dev/push", AddressError::Credentials),
        ("http://dev/<push>", AddressError::Path),
        ("http://dev/push#part", AddressError::Path),
        ("http://dev/pu sh", AddressError::Path),
        ("udp://dev/push", AddressError::PathOnUdp),
        ("udp://dev:0", AddressError::Port),
        ("udp://dev:65536", AddressError::Port),
        ("udp://dev:+1", AddressError::Port),
        ("udp://dev:", AddressError::Port),
        ("file:", AddressError::File),
        ("file://host/path", AddressError::File),
        ("poll:", AddressError::Device),
        ("poll:a\nb", AddressError::Device),
        ("qr:codes/", AddressError::File),
        ("dev:2948", AddressError::Scheme),
        ("sip://dev", AddressError::Scheme),
        ("sip:dev.example", AddressError::Sip),
        ("sip:@dev.example", AddressError::Sip),
        ("sip:a b@dev.example", AddressError::Sip),
        ("sip:a@dev.example;transport=sctp", AddressError::Sip),
        ("sip:a@dev.example;transport=tls;lr", AddressError::Sip),
        ("tel:358401234567", AddressError::Tel),
        ("tel:+0401234567", AddressError::Tel),
        ("tel:+358 40 1234567", AddressError::Tel),
        ("tel:+358-40-1234567", AddressError::Tel),
        ("tel:+123456", AddressError::Tel),
        ("tel:+1234567890123456", AddressError::Tel),
        ("tel:+358401234567;ext=1", AddressError::Tel),
        ("sip:a@dev.example;", AddressError::Sip),
        ("sips:a@dev.example;transport=udp", AddressError::Sip),
        ("sips://dev", AddressError::Scheme),
        ("mqtt:", AddressError::Mqtt),
        ("mqtt:dm/+/push", AddressError::Mqtt),
        ("mqtt:dm/#", AddressError::Mqtt),
        ("mqtt:$SYS/broker", AddressError::Mqtt),
        ("mqtt:a b", AddressError::Mqtt),
        ("mqtt://broker/dm", AddressError::Scheme),
        ("sip:a@dev.example:0", AddressError::Port),
        ("sip:a:secret@b@dev.example", AddressError::Sip),
    ] {
        assert_eq!(shown(text), Err(error), "{text}");
    }
    let error = shown("wappush=127.0.0.256/TYPE=IPv4@ppg.example").unwrap_err();
    assert!(matches!(error, AddressError::Pap(_)), "{error}");
}
