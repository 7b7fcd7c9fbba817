//! Completing the header of a message before it is sealed. [Sessionless §5.2], R10, R14

use dm_syncml::tables::{METINF, SYNCML_1_2};
use dm_xml::{Builder, Child, Document, Element, LimitExceeded, Limits, Sink};

/// What to set; what stays open is left as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeaderOptions<'a> {
    /// `Source/LocURI`.
    pub server_id: Option<&'a str>,
    /// `Target/LocURI`.
    pub device_id: Option<&'a str>,
    /// `c` in `Meta/EMI`.
    pub counter: Option<u64>,
    /// `x` in `Meta/EMI`.
    pub expiry: Option<u64>,
}

/// Elements of a session: superfluous, mandatory, and always of the same use.
const USUAL: [(&str, &str); 4] =
    [("VerDTD", "1.2"), ("VerProto", "DM/1.3"), ("SessionID", "1"), ("MsgID", "1")];

/// The message with its header completed, in the order of the DTD.
///
/// # Errors
/// When the document is larger than a tool takes.
pub fn complete<'d>(
    document: &'d Document<'_>,
    options: &'d HeaderOptions<'_>,
) -> Result<Option<Document<'d>>, LimitExceeded> {
    let root = document.root();
    let mut builder = Builder::new(Limits::generous());
    builder.start(root.namespace(), root.local())?;
    copy_rest(&mut builder, root)?;
    let mut children = root.elements().peekable();
    let header = children.next_if(|child| child.is(SYNCML_1_2, "SyncHdr"));
    write_header(&mut builder, header, options)?;
    for child in children {
        copy(&mut builder, child)?;
    }
    builder.end();
    Ok(builder.finish())
}

fn write_header<'d>(
    builder: &mut Builder<'d>,
    header: Option<Element<'d>>,
    options: &'d HeaderOptions<'_>,
) -> Result<(), LimitExceeded> {
    // All of them: what stands twice is not for this tool to choose from.
    let existing = |local: &'static str| {
        let children = header.into_iter().flat_map(|header| header.elements());
        children.filter(move |child| child.local() == local)
    };
    builder.start(SYNCML_1_2, "SyncHdr")?;
    header.map_or(Ok(()), |header| copy_rest(builder, header))?;
    for (local, value) in USUAL {
        match existing(local).count() {
            0 => builder.leaf(SYNCML_1_2, local, value)?,
            _ => existing(local).try_for_each(|element| copy(builder, element))?,
        }
    }
    for (local, value) in [("Target", options.device_id), ("Source", options.server_id)] {
        let Some(value) = value else {
            existing(local).try_for_each(|element| copy(builder, element))?;
            continue;
        };
        builder.start(SYNCML_1_2, local)?;
        builder.leaf(SYNCML_1_2, "LocURI", value)?;
        builder.end();
    }
    let written = ["VerDTD", "VerProto", "SessionID", "MsgID", "Target", "Source", "Meta"];
    for child in header.iter().flat_map(|header| header.elements()) {
        if !written.contains(&child.local()) {
            copy(builder, child)?;
        }
    }
    let mut metas = existing("Meta");
    write_meta(builder, metas.next(), options)?;
    metas.try_for_each(|meta| copy(builder, meta))?;
    builder.end();
    Ok(())
}

fn write_meta<'d>(
    builder: &mut Builder<'d>,
    meta: Option<Element<'d>>,
    options: &HeaderOptions<'_>,
) -> Result<(), LimitExceeded> {
    let given = [("c", options.counter), ("x", options.expiry)];
    let given = given.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let given: Vec<(&str, u64)> = given.collect();
    if given.is_empty() {
        return meta.map_or(Ok(()), |meta| copy(builder, meta));
    }
    let fields = || meta.into_iter().flat_map(|meta| meta.elements());
    // What is given replaces its own part; the others stay: an expiry is not lost by a counter.
    let written = fields().filter(|field| field.local() == "EMI").map(Element::text);
    let written = written.flat_map(|emi| emi.split(';').map(str::to_owned).collect::<Vec<_>>());
    let is_given = |part: &str| given.iter().any(|(name, _)| part.split('=').next() == Some(name));
    let kept = written.filter(|part| !part.is_empty() && !is_given(part));
    let emi = given.iter().map(|(name, value)| format!("{name}={value}")).chain(kept);
    let emi = emi.collect::<Vec<_>>().join(";");
    builder.start(SYNCML_1_2, "Meta")?;
    meta.map_or(Ok(()), |meta| copy_rest(builder, meta))?;
    for field in fields().filter(|field| field.local() != "EMI") {
        copy(builder, field)?;
    }
    builder.leaf(METINF, "EMI", emi)?;
    builder.end();
    Ok(())
}

fn copy<'d>(builder: &mut Builder<'d>, element: Element<'d>) -> Result<(), LimitExceeded> {
    element.events().try_for_each(|event| builder.event(event))
}

/// Attributes and stray text of an element: wrong, and for the checks that follow to say so.
fn copy_rest<'d>(builder: &mut Builder<'d>, element: Element<'d>) -> Result<(), LimitExceeded> {
    for attribute in element.attributes() {
        builder.attribute(attribute.name, attribute.value)?;
    }
    element.children().try_for_each(|child| match child {
        Child::Text(text) => builder.text(text),
        Child::Element(_) | Child::Octets(_) => Ok(()),
    })
}
