//! Serialized sub-trees, in the three shapes in which they travel.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dm_syncml::media_type::{DMTNDS_WBXML, DMTNDS_XML};
use dm_tnds::{MgmtTree, Node};
use dm_wbxml::Version;
use dm_xml::{Builder, Limits, ToInfoset, canonical};

use crate::command::{data, item, meta, one};
use crate::message::encode;

/// The identifier of a network access point.
pub const NAP: &str = "urn:oma:mo:oma-connmo-nap:1.0";
/// The identifier of a proxy.
pub const PROXY: &str = "urn:oma:mo:oma-connmo-proxy:1.0";

/// How an object travels inside `Data`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A WBXML document of its own, inside the message.
    Wbxml,
    /// Elements of the message, on code page 2.
    InPlace,
    /// XML text.
    Text,
}

impl Shape {
    /// All shapes.
    pub const ALL: [Self; 3] = [Self::Wbxml, Self::InPlace, Self::Text];
}

/// The object as XML text.
#[must_use]
pub fn text(nodes: Vec<Node<'_>>) -> String {
    let object = MgmtTree::new(nodes);
    let mut builder = Builder::new(Limits::default());
    object.write(&mut builder).expect("small");
    canonical::text(&builder.finish().expect("an object has a root"))
}

/// `Meta` and `Data` that carry the object.
#[must_use]
pub fn carried(object: &str, shape: Shape) -> String {
    match shape {
        Shape::Wbxml => {
            let octets = encode(object, Version::default());
            meta("xml", DMTNDS_WBXML) + &data(&STANDARD.encode(octets))
        }
        Shape::InPlace => meta("xml", DMTNDS_XML) + &format!("<Data>{object}</Data>"),
        Shape::Text => meta("xml", DMTNDS_XML) + &data(object),
    }
}

/// A command that carries an object to this target.
#[must_use]
pub fn command(verb: &str, cmd_id: &str, target: &str, object: &str, shape: Shape) -> String {
    one(verb, cmd_id, &item(target, &carried(object, shape)))
}

/// Add of an object to the Inbox.
#[must_use]
pub fn deliver(cmd_id: &str, nodes: Vec<Node<'_>>) -> String {
    command("Add", cmd_id, "./Inbox", &text(nodes), Shape::Wbxml)
}

/// A network access point with an address.
#[must_use]
pub fn nap(name: &'static str, address: &'static str) -> Node<'static> {
    Node::interior(name, NAP).with(Node::leaf("Addr", address))
}

/// A proxy that is reached by way of a network access point.
#[must_use]
pub fn proxy(name: &'static str, reference: &'static str) -> Node<'static> {
    let by_way_of = Node::interior("1", "").with(Node::leaf("ConRef", reference));
    Node::interior(name, PROXY)
        .with(Node::leaf("Addr", "proxy.example"))
        .with(Node::interior("ConRefs", "").with(by_way_of))
}

/// The node with this ACL in its run-time properties.
#[must_use]
pub fn with_acl<'a>(mut node: Node<'a>, acl: &'a str) -> Node<'a> {
    node.rt_properties.get_or_insert_default().acl = Some(acl.into());
    node
}
