//! Completing the header of a message before it is sealed. [Sessionless §5.2], R10, R14

use dm_syncml::tables::{METINF, SYNCML_1_2};
use dm_xml::{Builder, Document, Element, LimitExceeded, Limits};

/// What to set; what stays open is left as it is.
#[derive(Clone, Debug, Default)]
pub struct HeaderOptions<'a> {
    /// `Source/LocURI`.
    pub server_id: Option<&'a str>,
    /// `Target/LocURI`.
    pub device_id: Option<&'a str>,
    /// `Meta/EMI`.
    pub emi: Option<String>,
}

/// Elements of a session: superfluous, mandatory, and always of the same use.
const USUAL: [(&str, &str); 4] =
    [("VerDTD", "1.2"), ("VerProto", "DM/1.2"), ("SessionID", "1"), ("MsgID", "1")];

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
    let mut children = root.elements().peekable();
    let header = children.next_if(|child| child.is(SYNCML_1_2, "SyncHdr"));
    write_header(&mut builder, header, options)?;
    for child in children {
        child.events().try_for_each(|event| builder.event(event))?;
    }
    builder.end();
    Ok(builder.finish())
}

fn write_header<'d>(
    builder: &mut Builder<'d>,
    header: Option<Element<'d>>,
    options: &'d HeaderOptions<'_>,
) -> Result<(), LimitExceeded> {
    let existing = |local: &str| {
        header.iter().flat_map(|header| header.elements()).find(|child| child.local() == local)
    };
    builder.start(SYNCML_1_2, "SyncHdr")?;
    for (local, value) in USUAL {
        match existing(local) {
            Some(element) => copy(builder, element)?,
            None => builder.leaf(SYNCML_1_2, local, value)?,
        }
    }
    for (local, value) in [("Target", options.device_id), ("Source", options.server_id)] {
        match (value, existing(local)) {
            (Some(value), _) => {
                builder.start(SYNCML_1_2, local)?;
                builder.leaf(SYNCML_1_2, "LocURI", value)?;
                builder.end();
            }
            (None, Some(element)) => copy(builder, element)?,
            (None, None) => {}
        }
    }
    let written = ["VerDTD", "VerProto", "SessionID", "MsgID", "Target", "Source", "Meta"];
    for child in header.iter().flat_map(|header| header.elements()) {
        if !written.contains(&child.local()) {
            copy(builder, child)?;
        }
    }
    write_meta(builder, existing("Meta"), options.emi.as_deref())?;
    builder.end();
    Ok(())
}

fn write_meta<'d>(
    builder: &mut Builder<'d>,
    meta: Option<Element<'d>>,
    emi: Option<&'d str>,
) -> Result<(), LimitExceeded> {
    let Some(emi) = emi else {
        return meta.map_or(Ok(()), |meta| copy(builder, meta));
    };
    builder.start(SYNCML_1_2, "Meta")?;
    let fields = meta.iter().flat_map(|meta| meta.elements());
    for field in fields.filter(|field| field.local() != "EMI") {
        copy(builder, field)?;
    }
    builder.leaf(METINF, "EMI", emi)?;
    builder.end();
    Ok(())
}

fn copy<'d>(builder: &mut Builder<'d>, element: Element<'d>) -> Result<(), LimitExceeded> {
    element.events().try_for_each(|event| builder.event(event))
}
