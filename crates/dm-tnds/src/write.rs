//! `MgmtTree` to infoset, in the order of the DTD. [TNDS 1.2 §9.2]

use alloc::borrow::Cow;

use dm_xml::{Sink, ToInfoset};

use crate::tables::NAMESPACE;
use crate::{MgmtTree, Node, RtProperties, Type, Value};

impl ToInfoset for MgmtTree<'_> {
    fn write<'s, S: Sink<'s>>(&'s self, sink: &mut S) -> Result<(), S::Error> {
        sink.start(NAMESPACE.into(), "MgmtTree")?;
        sink.leaf(NAMESPACE, "VerDTD", &self.ver_dtd)?;
        optional(sink, "Man", self.man.as_deref())?;
        optional(sink, "Mod", self.r#mod.as_deref())?;
        for node in &self.nodes {
            node.write(sink)?;
        }
        sink.end()
    }
}

impl ToInfoset for Node<'_> {
    fn write<'s, S: Sink<'s>>(&'s self, sink: &mut S) -> Result<(), S::Error> {
        sink.start(NAMESPACE.into(), "Node")?;
        optional(sink, "NodeName", self.node_name.as_deref())?;
        optional(sink, "Path", self.path.as_deref())?;
        if let Some(properties) = &self.rt_properties {
            properties.write(sink)?;
        }
        if let Some(value) = &self.value {
            sink.start(NAMESPACE.into(), "Value")?;
            match value {
                Value::Text(text) => sink.text(Cow::Borrowed(text))?,
                Value::Octets(octets) => sink.octets(Cow::Borrowed(octets))?,
            }
            sink.end()?;
        }
        for child in &self.nodes {
            child.write(sink)?;
        }
        sink.end()
    }
}

impl ToInfoset for RtProperties<'_> {
    fn write<'s, S: Sink<'s>>(&'s self, sink: &mut S) -> Result<(), S::Error> {
        sink.start(NAMESPACE.into(), "RTProperties")?;
        optional(sink, "ACL", self.acl.as_deref())?;
        if let Some(format) = self.format {
            sink.start(NAMESPACE.into(), "Format")?;
            sink.leaf(NAMESPACE, format.as_str(), "")?;
            sink.end()?;
        }
        optional(sink, "Title", self.title.as_deref())?;
        optional(sink, "TStamp", self.t_stamp.as_deref())?;
        if let Some(r#type) = &self.r#type {
            sink.start(NAMESPACE.into(), "Type")?;
            match r#type {
                Type::DdfName(name) => sink.leaf(NAMESPACE, "DDFName", name)?,
                Type::Mime(mime) => sink.leaf(NAMESPACE, "MIME", mime)?,
            }
            sink.end()?;
        }
        optional(sink, "VerNo", self.ver_no.as_deref())?;
        sink.end()
    }
}

fn optional<'s, S: Sink<'s>>(
    sink: &mut S,
    local: &'static str,
    text: Option<&'s str>,
) -> Result<(), S::Error> {
    text.map_or(Ok(()), |text| sink.leaf(NAMESPACE, local, text))
}

#[cfg(test)]
mod tests {
    use alloc::{format, vec};

    use super::*;
    use dm_xml::{Builder, Limits};

    #[test]
    fn what_is_written_reads_back() {
        let mut leaf = Node::leaf("L", "v");
        leaf.value = Some(Value::Octets(vec![0, 255].into()));
        leaf.path = Some("A/B".into());
        let properties = leaf.rt_properties.get_or_insert_default();
        properties.acl = Some("Get=*".into());
        properties.title = Some("T".into());
        properties.t_stamp = Some("20260101T000000Z".into());
        properties.ver_no = Some("3".into());
        let mut tree = MgmtTree::new(vec![Node::interior("I", "x/1.0/y").with(leaf)]);
        tree.man = Some("M".into());
        tree.r#mod = Some("N".into());
        let mut builder = Builder::new(Limits::default());
        tree.write(&mut builder).unwrap();
        let document = builder.finish().unwrap();
        assert_eq!(MgmtTree::read(document.root()).unwrap(), tree);
    }

    #[test]
    fn what_the_dtd_does_not_allow_is_refused() {
        for (content, kind) in [
            ("<Node/>", crate::ErrorKind::VerDtd),
            ("<VerDTD>1.1</VerDTD>", crate::ErrorKind::VerDtd),
            ("<VerDTD>1.2</VerDTD><VerDTD>1.2</VerDTD>", crate::ErrorKind::Twice),
            ("<VerDTD>1.2</VerDTD><Foo/>", crate::ErrorKind::Unexpected),
            ("<VerDTD>1.2</VerDTD><Node>x</Node>", crate::ErrorKind::MixedContent),
            (
                "<VerDTD>1.2</VerDTD><Node><Value><a/></Value></Node>",
                crate::ErrorKind::MixedContent,
            ),
            ("<VerDTD>1.2</VerDTD><Node xmlns='urn:x'/>", crate::ErrorKind::Unexpected),
            (
                "<VerDTD>1.2</VerDTD><Node><RTProperties><Format><text/></Format></RTProperties></Node>",
                crate::ErrorKind::UnknownFormat,
            ),
        ] {
            let text = format!("<MgmtTree xmlns='syncml:dmddf1.2'>{content}</MgmtTree>");
            let document = dm_xml::parse(text.as_bytes(), &Limits::default()).unwrap();
            assert_eq!(MgmtTree::read(document.root()).unwrap_err().kind, kind, "{content}");
        }
    }
}
