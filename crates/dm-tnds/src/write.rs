//! `MgmtTree` to infoset, in the order of the DTD. [TNDS 1.2 §9.2]

use dm_xml::{Builder, LimitExceeded};

use crate::tables::NAMESPACE;
use crate::{MgmtTree, Node, RtProperties, Type, Value};

impl<'a> MgmtTree<'a> {
    /// Writes the object as one element.
    ///
    /// # Errors
    /// When a limit of the builder is passed.
    pub fn write(&'a self, builder: &mut Builder<'a>) -> Result<(), LimitExceeded> {
        builder.start(NAMESPACE, "MgmtTree")?;
        builder.leaf(NAMESPACE, "VerDTD", &*self.ver_dtd)?;
        optional(builder, "Man", self.man.as_deref())?;
        optional(builder, "Mod", self.r#mod.as_deref())?;
        for node in &self.nodes {
            write_node(node, builder)?;
        }
        builder.end();
        Ok(())
    }
}

fn write_node<'a>(node: &'a Node<'a>, builder: &mut Builder<'a>) -> Result<(), LimitExceeded> {
    builder.start(NAMESPACE, "Node")?;
    optional(builder, "NodeName", node.node_name.as_deref())?;
    optional(builder, "Path", node.path.as_deref())?;
    if let Some(properties) = &node.rt_properties {
        write_rt_properties(properties, builder)?;
    }
    if let Some(value) = &node.value {
        builder.start(NAMESPACE, "Value")?;
        match value {
            Value::Text(text) => builder.text(&**text)?,
            Value::Octets(octets) => builder.octets(&**octets)?,
        }
        builder.end();
    }
    for child in &node.nodes {
        write_node(child, builder)?;
    }
    builder.end();
    Ok(())
}

fn write_rt_properties<'a>(
    properties: &'a RtProperties<'a>,
    builder: &mut Builder<'a>,
) -> Result<(), LimitExceeded> {
    builder.start(NAMESPACE, "RTProperties")?;
    optional(builder, "ACL", properties.acl.as_deref())?;
    if let Some(format) = properties.format {
        builder.start(NAMESPACE, "Format")?;
        builder.leaf(NAMESPACE, format.as_str(), "")?;
        builder.end();
    }
    optional(builder, "Title", properties.title.as_deref())?;
    optional(builder, "TStamp", properties.t_stamp.as_deref())?;
    if let Some(r#type) = &properties.r#type {
        builder.start(NAMESPACE, "Type")?;
        match r#type {
            Type::DdfName(name) => builder.leaf(NAMESPACE, "DDFName", &**name)?,
            Type::Mime(mime) => builder.leaf(NAMESPACE, "MIME", &**mime)?,
        }
        builder.end();
    }
    optional(builder, "VerNo", properties.ver_no.as_deref())?;
    builder.end();
    Ok(())
}

fn optional<'a>(
    builder: &mut Builder<'a>,
    local: &'static str,
    text: Option<&'a str>,
) -> Result<(), LimitExceeded> {
    text.map_or(Ok(()), |text| builder.leaf(NAMESPACE, local, text))
}

#[cfg(test)]
mod tests {
    use alloc::{format, vec};

    use super::*;
    use dm_xml::Limits;

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
