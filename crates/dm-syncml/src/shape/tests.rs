use alloc::format;
use alloc::string::String;

use dm_xml::{Limits, canonical, parse};

use crate::{Command, Shape, ShapeError, SyncBody, reshape, wbxml};

const TREE: &str = "<MgmtTree xmlns=\"syncml:dmddf1.2\"><VerDTD>1.2</VerDTD><Node>\
    <NodeName>N</NodeName><RTProperties><Format><bin></bin></Format></RTProperties>\
    <Value>AAEC</Value></Node></MgmtTree>";
const XML: &str = "application/vnd.syncml.dmtnds+xml";
const SHAPES: [Shape; 3] = [Shape::Nested, Shape::InPlace, Shape::Text];

fn message(command_meta: &str, item: &str) -> String {
    format!(
        "<SyncML xmlns=\"SYNCML:SYNCML1.2\"><SyncBody><Atomic><CmdID>1</CmdID><Add><CmdID>2\
         </CmdID>{command_meta}<Item><Target><LocURI>./A</LocURI></Target><Data>x</Data></Item>\
         {item}</Add></Atomic></SyncBody></SyncML>"
    )
}

fn meta(fields: &[(&str, &str)]) -> String {
    let field =
        |(name, text): &(&str, &str)| format!("<{name} xmlns=\"syncml:metinf\">{text}</{name}>");
    format!("<Meta>{}</Meta>", fields.iter().map(field).collect::<String>())
}

fn in_place() -> String {
    let meta = meta(&[("Type", XML), ("EMI", "e")]);
    message(
        "",
        &format!("<Item><Target><LocURI>./B</LocURI></Target>{meta}<Data>{TREE}</Data></Item>"),
    )
}

fn reshaped(text: &str, shape: Shape) -> String {
    let message = parse(text.as_bytes(), &Limits::default()).unwrap();
    reshape(&message, shape, &Limits::default()).unwrap()
}

/// The object of the second item as canonical text, read by the model from WBXML.
fn object(text: &str) -> String {
    let limits = Limits::default();
    let message = parse(text.as_bytes(), &limits).unwrap();
    let octets = wbxml::encode(&message, dm_wbxml::Version::V1_2).unwrap();
    let source = wbxml::open(&octets, &limits).unwrap();
    let message = wbxml::decode(&source, &limits).unwrap();
    let body = SyncBody::read(message.root()).unwrap();
    let Command::Group(group) = &body.commands[0] else { panic!() };
    let Command::Items(add) = &group.commands[0] else { panic!() };
    let item = &add.items[1];
    assert_eq!(item.meta.emi(), ["e"], "what else the Meta says stays");
    let r#type = item.meta.r#type.as_deref().unwrap();
    let is_bin = item.meta.format.as_deref() == Some("bin");
    let data = item.data.as_ref().unwrap();
    data.with_object(r#type, is_bin, &limits, |tree| canonical::text(tree)).unwrap()
}

#[test]
fn every_shape_becomes_every_other_and_stays_the_same_object() {
    for first in SHAPES {
        let one = reshaped(&in_place(), first);
        assert_eq!(object(&one), TREE, "{first:?}");
        for second in SHAPES {
            let other = reshaped(&one, second);
            assert_eq!(object(&other), TREE, "{first:?} to {second:?}");
            assert_eq!(reshaped(&other, first), one, "{first:?} to {second:?} and back");
        }
    }
}

#[test]
fn the_shapes_are_what_they_are_called() {
    let nested = reshaped(&in_place(), Shape::Nested);
    assert!(nested.contains("dmtnds+wbxml</Type>") && nested.contains(">bin</Format>"));
    let text = reshaped(&in_place(), Shape::Text);
    assert!(text.contains("dmtnds+xml</Type>") && text.contains("<Data>&lt;MgmtTree"));
    let in_place = reshaped(&nested, Shape::InPlace);
    assert!(in_place.contains("dmtnds+xml</Type>") && in_place.contains("<Data><MgmtTree"));
}

#[test]
fn the_type_may_stand_at_the_command_and_in_a_wrapper() {
    let command = meta(&[("Type", XML)]);
    let item = format!(
        "<Item><Meta><EMI xmlns=\"syncml:metinf\">e</EMI></Meta><Data>{TREE}</Data></Item>"
    );
    // The first item has Data that is no object, under the same Type: it is refused, not skipped.
    let text = message(&command, &item);
    let document = parse(text.as_bytes(), &Limits::default()).unwrap();
    let refused = reshape(&document, Shape::Nested, &Limits::default());
    assert!(matches!(refused, Err(ShapeError::Object(_))), "{refused:?}");

    let wrapped = in_place()
        .replace("<Meta>", "<Meta><MetInf xmlns=\"syncml:metinf\">")
        .replace("</Meta>", "</MetInf></Meta>");
    let shaped = reshaped(&wrapped, Shape::Nested);
    assert_eq!(object(&shaped), TREE);
    assert_eq!(shaped.matches("</Type>").count(), 1);
}

#[test]
fn a_signed_message_keeps_its_shape() {
    let text = in_place().replace("</SyncML>", "<Signature xmlns=\"urn:x\"/></SyncML>");
    let document = parse(text.as_bytes(), &Limits::default()).unwrap();
    let refused = reshape(&document, Shape::Text, &Limits::default());
    assert_eq!(refused, Err(ShapeError::Signed));
}

#[test]
fn an_item_within_data_does_not_take_the_object_of_the_next() {
    let text = br#"<SyncML xmlns="SYNCML:SYNCML1.2"><SyncBody><Add><CmdID>1</CmdID><Item><Data>
      <x xmlns="urn:x"><Item xmlns="SYNCML:SYNCML1.2"><Data>inner</Data></Item></x></Data></Item>
      <Item><Meta><Type xmlns="syncml:metinf">application/vnd.syncml.dmtnds+xml</Type></Meta><Data>
      <MgmtTree xmlns="syncml:dmddf1.2"><VerDTD>1.2</VerDTD></MgmtTree></Data></Item></Add>
      </SyncBody></SyncML>"#;
    let limits = Limits::default();
    let message = parse(text, &limits).unwrap().without_white_space();
    let text = reshape(&message, Shape::Text, &limits).unwrap();
    assert!(text.contains("<Data>inner</Data>"), "{text}");
    assert!(text.ends_with("&lt;/MgmtTree&gt;</Data></Item></Add></SyncBody></SyncML>"), "{text}");
}
