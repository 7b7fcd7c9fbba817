//! Where a session would go: the addresses of the one account of a server. [STD 1.2 §7.1], R20

use dm_tree::{Tree, Uri};
use serde::Serialize;

/// An account, as far as a session needs it.
#[derive(Debug, Eq, PartialEq, Serialize)]
pub(super) struct Account {
    pub uri: String,
    pub addresses: Vec<Address>,
}

/// `AppAddr/<x>`.
#[derive(Debug, Eq, PartialEq, Serialize)]
pub(super) struct Address {
    pub addr: String,
    /// `URI` where the account does not say it.
    pub addr_type: String,
    pub ports: Vec<u16>,
}

/// The account of this server: none if it has none now, or more than one (R22).
pub(super) fn find(tree: &Tree, server_id: &str) -> Option<Account> {
    let is_its = |uri: &&Uri| text(tree, uri, "ServerID") == Some(server_id);
    let mut found = tree.accounts().filter(is_its);
    let account = found.next().filter(|_| found.next().is_none())?;
    let below = account.join("AppAddr").ok()?;
    let addresses = tree.children(&below).filter_map(|(at, _)| address(tree, at));
    Some(Account { uri: account.to_string(), addresses: addresses.collect() })
}

fn address(tree: &Tree, at: &Uri) -> Option<Address> {
    let addr = text(tree, at, "Addr")?.to_owned();
    let addr_type = text(tree, at, "AddrType").filter(|text| !text.is_empty()).unwrap_or("URI");
    let port = |(port, _): (&Uri, _)| text(tree, port, "PortNbr")?.parse().ok();
    let ports = tree.children(&at.join("Port").ok()?).filter_map(port).collect();
    Some(Address { addr, addr_type: addr_type.to_owned(), ports })
}

fn text<'t>(tree: &'t Tree, parent: &Uri, name: &str) -> Option<&'t str> {
    tree.get(&parent.join(name).ok()?)?.as_text()
}

#[cfg(test)]
mod tests {
    use super::*;
    use dm_tree::Node;

    const TYPE: &str = "urn:oma:mo:oma-dm-dmacc:1.0";

    fn tree(nodes: &[(&str, Option<&str>)]) -> Tree {
        let node = |text: &Option<&str>, uri: &str| match text {
            Some(text) => Node::text(*text),
            None if uri.matches('/').count() == 2 => Node::interior(TYPE),
            None => Node::interior(""),
        };
        let nodes = nodes.iter().map(|(uri, text)| (Uri::parse(uri).unwrap(), node(text, uri)));
        Tree::from_nodes(nodes).unwrap()
    }

    #[test]
    fn the_addresses_are_those_of_the_one_account_of_the_server() {
        let mut nodes = vec![
            ("./DMAcc", None),
            ("./DMAcc/A", None),
            ("./DMAcc/A/ServerID", Some("srv")),
            ("./DMAcc/A/AppAddr", None),
            ("./DMAcc/A/AppAddr/1", None),
            ("./DMAcc/A/AppAddr/1/Addr", Some("https://dm.example/")),
            ("./DMAcc/A/AppAddr/1/Port", None),
            ("./DMAcc/A/AppAddr/1/Port/1", None),
            ("./DMAcc/A/AppAddr/1/Port/1/PortNbr", Some("443")),
            ("./DMAcc/A/AppAddr/2", None),
            ("./DMAcc/A/AppAddr/2/Addr", Some("192.0.2.1")),
            ("./DMAcc/A/AppAddr/2/AddrType", Some("IPv4")),
        ];
        let address = |addr: &str, addr_type: &str, ports: &[u16]| Address {
            addr: addr.into(),
            addr_type: addr_type.into(),
            ports: ports.to_vec(),
        };
        let addresses =
            vec![address("https://dm.example/", "URI", &[443]), address("192.0.2.1", "IPv4", &[])];
        let expected = Account { uri: "./DMAcc/A".into(), addresses };
        assert_eq!(find(&tree(&nodes), "srv"), Some(expected));
        assert_eq!(find(&tree(&nodes), "Srv"), None);
        nodes.extend([("./DMAcc/B", None), ("./DMAcc/B/ServerID", Some("srv"))]);
        assert_eq!(find(&tree(&nodes), "srv"), None, "which of the two is meant?");
    }
}
