//! Properties of the WSP reader and writer.

use dm_push::wsp::{
    ApplicationId, ContentType, Form, Header, HeaderName, MediaType, Name, Parameter,
    ParameterName, Push, Text, Value,
};
use proptest::collection::vec;
use proptest::prelude::*;

/// A push whose parts own their octets, to make the borrowing one from.
#[derive(Clone, Debug)]
struct Owned {
    transaction_id: u8,
    media_type: Id,
    parameters: Vec<(Id, Val)>,
    application_id: Option<Id>,
    headers: Vec<(Id, Val)>,
    body: Vec<u8>,
}

#[derive(Clone, Debug)]
enum Id {
    Code(u32),
    Name(String),
}

#[derive(Clone, Debug)]
enum Val {
    Data(Vec<u8>),
    Short(u8),
    Text(Vec<u8>),
}

impl Owned {
    fn push(&self) -> Push<'_> {
        let media_type = match &self.media_type {
            Id::Code(code) => MediaType::from_code(*code),
            Id::Name(name) => MediaType::new(name).expect("printable"),
        };
        Push {
            transaction_id: self.transaction_id,
            content_type: ContentType {
                media_type,
                parameters: self.parameters.iter().map(|(id, value)| id.parameter(value)).collect(),
            },
            application_id: self.application_id.as_ref().map(|id| match id {
                Id::Code(code) => ApplicationId::from_code(*code),
                Id::Name(name) => ApplicationId::new(name).expect("printable"),
            }),
            headers: self.headers.iter().filter_map(|(id, value)| id.header(value)).collect(),
            body: &self.body,
        }
    }
}

impl Id {
    fn parameter<'a>(&'a self, value: &'a Val) -> Parameter<'a> {
        let name = match self {
            Self::Code(code) => ParameterName::Code((*code).max(1)),
            Self::Name(name) => ParameterName::Name(Name::new(name).expect("visible")),
        };
        Parameter { name, value: value.value() }
    }

    fn header<'a>(&'a self, value: &'a Val) -> Option<Header<'a>> {
        let name = match self {
            Self::Code(code) => HeaderName::from_code(code.to_be_bytes()[3]),
            Self::Name(name) => HeaderName::from_name(Name::new(name).expect("visible")),
        };
        Header::new(name, value.value()).ok()
    }
}

impl Val {
    fn value(&self) -> Value<'_> {
        match self {
            Self::Data(data) => Value::Data(data),
            Self::Short(number) => Value::Short(*number),
            Self::Text(text) => Value::Text(Text::new(text).expect("no NUL")),
        }
    }
}

fn id() -> impl Strategy<Value = Id> {
    prop_oneof![
        (0..0x80_u32).prop_map(Id::Code),
        any::<u32>().prop_map(Id::Code),
        "[!-~]{1,40}".prop_map(Id::Name),
        Just(Id::Name("application/vnd.syncml.dm+wbxml".into())),
        Just(Id::Name("x-wap-application:syncml.dm".into())),
    ]
}

fn value() -> impl Strategy<Value = Val> {
    prop_oneof![
        vec(any::<u8>(), 0..40).prop_map(Val::Data),
        (0..0x80_u8).prop_map(Val::Short),
        vec(1..=255_u8, 0..40).prop_map(Val::Text),
    ]
}

prop_compose! {
    fn owned()(
        transaction_id: u8,
        media_type in id(),
        parameters in vec((id(), value()), 0..4),
        application_id in proptest::option::of(id()),
        headers in vec((id(), value()), 0..6),
        body in vec(any::<u8>(), 0..200),
    ) -> Owned {
        Owned { transaction_id, media_type, parameters, application_id, headers, body }
    }
}

proptest! {
    #[test]
    fn what_is_written_reads_back(owned in owned(), as_text: bool) {
        let push = owned.push();
        let form = if as_text { Form::Text } else { Form::Token };
        let octets = push.write_as(form);
        let read = Push::read(&octets).unwrap();
        prop_assert_eq!(&read, &push);
        prop_assert_eq!(read.write_as(form), octets);
    }

    #[test]
    fn any_octets_are_read_or_refused(octets in vec(any::<u8>(), 0..300)) {
        check(&octets)?;
    }

    #[test]
    fn any_header_block_is_read_or_refused(block in vec(any::<u8>(), 0..120)) {
        let length = u8::try_from(block.len()).unwrap();
        let octets = [&[0x01, 0x06, length], &block[..], b"body"].concat();
        check(&octets)?;
    }

    #[test]
    fn a_damaged_push_is_read_or_refused(owned in owned(), at: prop::sample::Index, to: u8) {
        let mut octets = owned.push().write();
        let at = at.index(octets.len());
        octets[at] = to;
        check(&octets)?;
    }
}

/// Reading ends; a fault lies inside the datagram; what was read reads back when rewritten.
fn check(octets: &[u8]) -> Result<(), TestCaseError> {
    match Push::read(octets) {
        Ok(push) => {
            let again = push.write();
            prop_assert_eq!(Push::read(&again), Ok(push));
        }
        Err(error) => prop_assert!(error.offset <= octets.len(), "{}", error),
    }
    Ok(())
}
