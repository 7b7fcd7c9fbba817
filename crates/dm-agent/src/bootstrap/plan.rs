//! `Plan`: what bootstrap makes of a tree, before anything of it is written.

use dm_mo::{DevDetail, DevInfo, DmAcc};
use dm_tnds::{MgmtTree, Node};
use dm_tree::{Changes, Limits, Note, Rules, Transaction, Tree, Uri};

use super::BootstrapError;

/// A device's tree before its first message, built object by object. It knows of no store.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) tree: Tree,
    before: Tree,
    /// What a new device says of itself, if nobody says it first.
    dev_detail: Option<Node<'static>>,
    /// Accounts that are there and go, for others of the same servers.
    replaced: Vec<Uri>,
    /// Whatever the device's own are: what is of it has to fit.
    limits: Limits,
}

impl Plan {
    /// Begins with what is stored, and gives a new device DevInfo, DevDetail and Inbox.
    ///
    /// # Errors
    /// When the tree is that of another device.
    pub(super) fn over(
        tree: Tree,
        dev_info: &DevInfo,
        limits: &Limits,
    ) -> Result<Self, BootstrapError> {
        let (before, replaced, limits_of_plan) = (tree.clone(), Vec::new(), widest(limits));
        let mut plan = Self { before, tree, dev_detail: None, replaced, limits: limits_of_plan };
        match plan.device_id() {
            Some(device_id) if device_id == dev_info.dev_id => {}
            Some(device_id) => return Err(BootstrapError::OtherDevice(device_id)),
            None => {
                let [inbox, accounts] = standard_nodes();
                plan.add(&MgmtTree::new(vec![dev_info.object(), inbox, accounts]))?;
                plan.dev_detail = Some(dev_detail(dev_info, limits).to_tnds());
            }
        }
        Ok(plan)
    }

    fn device_id(&self) -> Option<String> {
        let found = self.tree.iter().find(|(uri, _)| uri.as_str() == "./DevInfo/DevId");
        found.and_then(|(_, node)| node.as_text().map(str::to_owned))
    }

    /// Adds an account. Its node gets another name when there is one of that name.
    ///
    /// # Errors
    /// When one for this server is there.
    pub(super) fn add_account(
        &mut self,
        server_id: &str,
        mut account: Node<'_>,
    ) -> Result<(), BootstrapError> {
        if DmAcc::find_all(&self.tree).iter().any(|account| account.server_id == server_id) {
            return Err(BootstrapError::AccountExists(server_id.to_owned()));
        }
        let name = account.node_name.clone().unwrap_or_default();
        let is_taken = |name: &str| {
            Uri::parse(&format!("./DMAcc/{name}")).is_ok_and(|uri| self.tree.contains(&uri))
        };
        let mut number = 2_u32;
        while account.node_name.as_deref().is_some_and(is_taken) {
            account.node_name = Some(format!("{name}-{number}").into());
            number += 1;
        }
        self.add(&MgmtTree::new(vec![account]))
    }

    /// Adds an object at the root, with whatever its paths say.
    ///
    /// # Errors
    /// When a node is there already or the object is malformed.
    pub(super) fn add(&mut self, object: &MgmtTree<'_>) -> Result<(), BootstrapError> {
        let rules = Rules { limits: self.limits, ..Rules::default() };
        let mut transaction = Transaction::local(&mut self.tree, &rules);
        transaction.add_object(&Uri::root(), object).map_err(BootstrapError::Object)?;
        let _ = transaction.commit(None); // compared as a whole when everything is there
        Ok(())
    }

    /// Delivers objects to the Inbox, as a server would: each goes where its type says, and
    /// references between them are resolved. [STD 1.2 §7.1.3.4, BOOT 1.2] Accounts that are to be
    /// replaced go in the same step: their servers keep the rights that ACLs give them.
    pub(super) fn deliver(
        &mut self,
        objects: &MgmtTree<'_>,
        replaced: Vec<Uri>,
        rules: &Rules,
    ) -> Result<Vec<Note>, BootstrapError> {
        let mut transaction = Transaction::local(&mut self.tree, rules);
        for uri in &replaced {
            transaction.delete(uri).map_err(BootstrapError::Object)?;
        }
        transaction.add_object(&Uri::inbox(), objects).map_err(BootstrapError::Object)?;
        let notes = transaction.take_notes();
        let _ = transaction.commit(None);
        self.replaced = replaced;
        Ok(notes)
    }

    /// Takes DevDetail of a document for a new device, but for what is the device's own: the limits
    /// of its tree, and that it takes no large objects. Yields what was left out.
    ///
    /// # Errors
    /// When it does not fit.
    pub(super) fn describe(&mut self, stated: Node<'_>) -> Result<Vec<String>, BootstrapError> {
        let Some(own) = self.dev_detail.take() else {
            return Ok(vec!["DevDetail of the document left out: the device has one".to_owned()]);
        };
        let mut detail: Node<'_> = own;
        let (kept, taken): (Vec<_>, Vec<_>) = stated
            .nodes
            .into_iter()
            .partition(|node| matches!(node.node_name.as_deref(), Some("URI" | "LrgObj")));
        detail.nodes.retain(|node| taken.iter().all(|it| it.node_name != node.node_name));
        detail.nodes.extend(taken);
        self.add(&MgmtTree::new(vec![detail]))?;
        let name = |node: Node<'_>| node.node_name.unwrap_or_default().into_owned();
        let left_out =
            |name| format!("DevDetail/{name} of the document left out: it is the device's own");
        Ok(kept.into_iter().map(name).map(left_out).collect())
    }

    /// The tree as it is to be, and what has to be written for it.
    ///
    /// # Errors
    /// When a node does not fit.
    pub(super) fn finish(mut self) -> Result<(Tree, Changes), BootstrapError> {
        let is_there = self.tree.iter().any(|(uri, _)| uri.as_str() == "./DevDetail");
        if let Some(dev_detail) = self.dev_detail.take().filter(|_| !is_there) {
            self.add(&MgmtTree::new(vec![dev_detail]))?;
        }
        // What is in the plan was let in by the limits that hold, and all of it is touched once.
        let rules = Rules { limits: self.limits, ..Rules::default() };
        let mut transaction = Transaction::local(&mut self.before, &rules);
        for uri in &self.replaced {
            transaction.delete(uri).map_err(BootstrapError::Object)?;
        }
        for (uri, node) in self.tree.iter() {
            // Otherwise bootstrap only adds, and a parent sorts before what is below it.
            if !transaction.tree().contains(uri) {
                transaction.add(uri.clone(), node.clone()).map_err(BootstrapError::Object)?;
            }
        }
        let changes = transaction.commit(None);
        Ok((self.tree, changes))
    }
}

/// The limits of a library's default tree, or those of the device where they are wider.
fn widest(own: &Limits) -> Limits {
    let default = Limits::default();
    Limits {
        nodes: own.nodes.max(default.nodes),
        octets: own.octets.max(default.octets),
        children: own.children.max(default.children),
        depth: own.depth.max(default.depth),
        octets_of_a_value: own.octets_of_a_value.max(default.octets_of_a_value),
        uri_characters: own.uri_characters.max(default.uri_characters),
        segment_characters: own.segment_characters.max(default.segment_characters),
    }
}

/// The Inbox, which every server with an account may add to, and the place of the accounts.
fn standard_nodes() -> [Node<'static>; 2] {
    let node = |name, identifier, acl: &'static str| {
        let mut node = Node::interior(name, identifier);
        node.rt_properties.get_or_insert_default().acl = Some(acl.into());
        node
    };
    [node("Inbox", "urn:oma:mo:oma-dm-inbox:1.0", "Add=*"), node("DMAcc", "", "Get=*")]
}

fn dev_detail(dev_info: &DevInfo, limits: &Limits) -> DevDetail {
    let unknown = || "unknown".to_owned();
    let detail = DevDetail {
        dev_typ: unknown(),
        oem: dev_info.man.clone(),
        fw_v: unknown(),
        sw_v: env!("CARGO_PKG_VERSION").to_owned(),
        hw_v: unknown(),
        ..DevDetail::default()
    };
    detail.with_limits(limits)
}
