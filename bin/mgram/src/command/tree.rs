//! `tree`: the management tree of a device with its properties. [TND 1.2 §7]

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use dm_tree::{Node, Tree, Uri};
use serde_json::{Value, json};

use crate::fault::Fault;
use crate::report::{Reporter, hex, plain};
use crate::state;

/// Prints the management tree of a device with its properties.
#[derive(Args, Debug)]
pub struct Show {
    /// The state folder of the device.
    state_dir: PathBuf,
    /// Begin at this node.
    uri: Option<String>,
    /// Show secrets and keys too (AAuthSecret, AAuthData, PWD, PSK, ...), which no server may read.
    #[arg(long)]
    secrets: bool,
}

impl Show {
    /// Runs it.
    pub fn run(self, reporter: &Reporter) -> Result<ExitCode, Fault> {
        let text = self.uri.as_deref().unwrap_or(".");
        let top = Uri::parse(text).map_err(|error| {
            Fault::unreadable(error).at(text).clause("TND 1.2 §7.1").next("write it like ./A/B")
        })?;
        let client = state::open_to_look(&self.state_dir)?;
        let tree = client.tree();
        if tree.get(&top).is_none() {
            return Err(Fault::refused("there is no such node")
                .at(&top)
                .next(format!("mgram tree {}", self.state_dir.display())));
        }
        let nodes = tree.subtree(&top);
        let value =
            json!({"nodes": nodes.map(|(uri, node)| self.to_json(uri, node)).collect::<Vec<_>>()});
        reporter.result(&value, || self.to_text(tree, &top));
        Ok(ExitCode::SUCCESS)
    }

    fn is_hidden(&self, uri: &Uri) -> bool {
        !self.secrets && (uri.name() == "AAuthData" || dm_mo::is_confidential(uri.name()))
    }

    fn to_json(&self, uri: &Uri, node: &Node) -> Value {
        let value = node.value.as_deref().filter(|_| !self.is_hidden(uri));
        let text = value.filter(|_| !node.format.is_octets());
        let text = text.and_then(|octets| std::str::from_utf8(octets).ok());
        json!({
            "uri": uri.as_str(), "format": node.format.as_str(), "type": node.r#type.as_str(),
            "acl": node.acl.to_string(), "title": node.title, "ver_no": node.ver_no,
            "t_stamp": node.t_stamp, "size": node.value.as_ref().map(|value| value.len()), "value": text,
            "value_hex": value.filter(|_| text.is_none()).map(hex),
        })
    }

    fn to_text(&self, tree: &Tree, top: &Uri) -> String {
        let depth = |uri: &Uri| uri.as_str().matches('/').count();
        let mut text = String::new();
        for (uri, node) in tree.subtree(top) {
            let indent = "  ".repeat(depth(uri) - depth(top));
            let name = if uri == top { uri.as_str() } else { uri.name() };
            text += &format!("{indent}{}", plain(name));
            match &node.value {
                None => text.push('/'),
                Some(_) if self.is_hidden(uri) => text += " = (hidden)",
                Some(octets) => match std::str::from_utf8(octets) {
                    Ok(value) if !node.format.is_octets() => text += &format!(" = {value:?}"),
                    _ => text += &format!(" = {} octets", octets.len()),
                },
            }
            text += &plain(&properties(node));
            text.push('\n');
        }
        text
    }
}

fn properties(node: &Node) -> String {
    let mut shown = Vec::new();
    if node.value.is_some() && node.format != dm_tnds::Format::Chr {
        shown.push(node.format.to_string());
    }
    if !node.r#type.is_empty() && node.r#type != "text/plain" {
        shown.push(node.r#type.to_string());
    }
    if !node.acl.is_empty() {
        shown.push(format!("ACL {}", node.acl));
    }
    if !node.title.is_empty() {
        shown.push(format!("Title {:?}", node.title));
    }
    if node.ver_no > 0 {
        shown.push(format!("VerNo {}", node.ver_no));
    }
    if shown.is_empty() { String::new() } else { format!("   [{}]", shown.join(", ")) }
}
