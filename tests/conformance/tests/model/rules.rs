//! What each command does to the obvious tree: the rules, one after the other. [TND 1.2], [REP 1.2 §6.6]

use crate::tree::{Asking, Done, Model, Node, Path, acl, is_below, name};

impl Model {
    /// Adds a node and the missing ones above it. `decided`: rights were decided further up.
    pub fn add(&mut self, asking: Asking<'_>, path: &[String], node: Node, decided: bool) -> Done {
        if node.is_account() {
            return Err(403);
        }
        Self::fits(asking, path)?;
        if self.get(path).is_some() {
            return Err(418);
        }
        for length in 1..path.len() {
            if self.get(&path[..length]).is_none() {
                self.add_child(asking, &path[..length], Node::interior(""), decided)?;
            }
        }
        self.add_child(asking, path, node, decided)
    }

    fn add_child(
        &mut self,
        asking: Asking<'_>,
        path: &[String],
        mut node: Node,
        decided: bool,
    ) -> Done {
        let parent = &path[..path.len() - 1];
        if self.existing(parent)?.value.is_some() {
            return Err(405);
        }
        self.need_access(asking, "Add", parent)?;
        if !decided && !self.allows(asking.server, "Add", parent) {
            return Err(425);
        }
        node.check()?;
        let is_full = self.nodes.len() >= asking.maker.nodes
            || self.children(parent) >= asking.maker.children;
        if is_full {
            return Err(420);
        }
        // Who may not replace the parent gets rights on an interior node that it adds.
        let gets_rights = !decided
            && node.value.is_none()
            && node.acl.is_empty()
            && !self.allows(asking.server, "Replace", parent);
        if gets_rights {
            let rights = ["Add", "Delete", "Get", "Replace"];
            node.acl = rights.map(|c| (c.to_owned(), asking.server.to_owned())).to_vec();
        }
        self.write(asking, path, node)
    }

    pub fn replace(
        &mut self,
        asking: Asking<'_>,
        path: &[String],
        value: &[u8],
        (format, r#type): (Option<&str>, Option<&str>),
    ) -> Done {
        self.check_account(path)?;
        let old = self.existing(path)?.clone();
        if old.value.is_none() {
            return Err(405);
        }
        let format = format.unwrap_or(&old.format);
        let mut new = Node::leaf(format, r#type.unwrap_or(&old.r#type), value);
        (new.acl, new.title) = (old.acl, old.title);
        self.need(asking, "Replace", path)?;
        let is_other = new.format != old.format || new.r#type != old.r#type;
        if is_other && Self::is_permanent(asking, path) {
            return Err(405);
        }
        new.check()?;
        self.write(asking, path, new)
    }

    pub fn delete(&mut self, asking: Asking<'_>, path: &[String]) -> Done {
        self.existing(path)?;
        self.check_account(path)?;
        if Self::is_permanent(asking, path) || Self::is_permanent_below(asking, path) {
            return Err(405);
        }
        self.need(asking, "Delete", path)?;
        // Nothing is asked about what is below, but accounts stay.
        let below = self.below(path);
        below.iter().rev().try_for_each(|at| self.check_account(at))?;
        self.nodes.retain(|(at, _)| at != path && !is_below(at, path));
        Ok(())
    }

    pub fn copy(&mut self, asking: Asking<'_>, source: &[String], target: &[String]) -> Done {
        self.check_account(target)?;
        let from = self.existing(source)?.clone();
        let Some(value) = &from.value else { return Err(403) };
        if from_secret(source) && self.is_in_account(source) {
            return Err(405);
        }
        self.need(asking, "Get", source)?;
        if self.get(target).is_some() {
            return self.replace(asking, target, value, (None, None));
        }
        // What is added is a leaf, whatever its type says.
        let node = Node::leaf(&from.format, &from.r#type, value);
        self.add(asking, target, node, false)
    }

    pub fn read(&self, asking: Asking<'_>, path: &[String], property: Option<&str>) -> Done {
        let node = self.existing(path)?;
        if from_secret(path) && self.is_in_account(path) {
            return Err(405);
        }
        if property == Some("Size") && node.value.is_none() {
            return Err(406);
        }
        self.need_access(asking, "Get", path)?;
        // The ACL of a leaf is shown to who may read the leaf or its parent.
        let by_parent = property == Some("ACL")
            && node.value.is_some()
            && self.allows(asking.server, "Get", &path[..path.len() - 1]);
        if by_parent || self.allows(asking.server, "Get", path) { Ok(()) } else { Err(425) }
    }

    pub fn exec(&self, asking: Asking<'_>, path: &[String]) -> Done {
        self.existing(path)?;
        if !asking.maker.exec.iter().any(|at| at == path) {
            return Err(405);
        }
        self.need(asking, "Exec", path)
    }

    pub fn set_property(
        &mut self,
        asking: Asking<'_>,
        path: &[String],
        property: &str,
        new: &str,
    ) -> Done {
        let old = self.existing(path)?.clone();
        match property {
            "ACL" => {
                self.need_acl(asking, path)?;
                let pairs = acl(new)?;
                if path.is_empty() && !pairs.contains(&("Add".to_owned(), "*".to_owned())) {
                    return Err(405);
                }
                self.write(asking, path, Node { acl: pairs, ..old })
            }
            "Name" => self.rename(asking, path, new),
            "Title" => {
                self.need(asking, "Replace", path)?;
                self.write(asking, path, Node { title: new.to_owned(), ..old })
            }
            _ => Err(405),
        }
    }

    fn rename(&mut self, asking: Asking<'_>, path: &[String], new: &str) -> Done {
        self.need(asking, "Replace", path)?;
        if path.is_empty() {
            return Err(405);
        }
        let mut to = path[..path.len() - 1].to_vec();
        to.push(name(new)?);
        if Self::is_permanent(asking, path) {
            return Err(405);
        }
        if self.get(&to).is_some() {
            return Err(418);
        }
        // A rule of the maker that speaks of the node, or of something in it, keeps its name.
        let maker = asking.maker;
        let fixed = maker.permanent.iter().chain(&maker.exec);
        let mut fixed = fixed.chain(maker.access.iter().map(|(at, _)| at));
        if fixed.any(|at| at == path || is_below(at, path)) {
            return Err(405);
        }
        let mut moved = vec![path.to_vec()];
        moved.extend(self.below(path));
        moved.iter().try_for_each(|at| self.check_account(at))?;
        let new_path = |at: &Path| [&to, &at[path.len()..]].concat();
        moved.iter().try_for_each(|at| Self::fits(asking, &new_path(at)))?;
        for (at, _) in &mut self.nodes {
            if moved.contains(at) {
                *at = new_path(at);
            }
        }
        Ok(())
    }

    /// A sub-tree takes the place of another: `object` is its root and what is below, by paths.
    pub fn replace_object(
        &mut self,
        asking: Asking<'_>,
        target: &[String],
        object: &[(Path, Node)],
    ) -> Done {
        self.check_account(target)?;
        object.iter().try_for_each(|(_, node)| node.check())?;
        let old = self.existing(target)?.clone();
        let [(first, root), rest @ ..] = object else { return Err(404) };
        if first != target {
            return Err(404);
        }
        let mut root = root.clone();
        self.need(asking, "Replace", target)?;
        let is_other = root.format != old.format || root.r#type != old.r#type;
        if is_other && Self::is_permanent(asking, target) {
            return Err(405);
        }
        if root.acl.is_empty() {
            root.acl = old.acl;
        } else if root.acl != old.acl {
            self.need_acl(asking, target)?;
            if target.is_empty() && !root.acl.contains(&("Add".to_owned(), "*".to_owned())) {
                return Err(405);
            }
        }
        for at in self.below(target) {
            match rest.iter().find(|(new, _)| *new == at) {
                None => self.need(asking, "Delete", &at)?,
                Some((_, new)) if self.get(&at) != Some(new) => {
                    self.need_access(asking, "Replace", &at)?;
                }
                Some(_) => {}
            }
            if Self::is_permanent(asking, &at) {
                return Err(405);
            }
        }
        self.below(target).iter().rev().try_for_each(|at| self.check_account(at))?;
        self.nodes.retain(|(at, _)| !is_below(at, target));
        self.write(asking, target, root)?;
        for (at, node) in rest {
            let decided = at.len() > target.len() + 1;
            self.add(asking, at, node.clone(), decided)?;
        }
        Ok(())
    }

    /// The nodes of an object stand below a target; rights are decided at the topmost.
    pub fn add_object(
        &mut self,
        asking: Asking<'_>,
        top: &[String],
        object: &[(Path, Node)],
    ) -> Done {
        object.iter().try_for_each(|(_, node)| node.check())?;
        let depth = top.len() + 1;
        object
            .iter()
            .try_for_each(|(at, node)| self.add(asking, at, node.clone(), at.len() > depth))
    }
}

/// Whether the standard of accounts lets nobody read this leaf.
fn from_secret(path: &[String]) -> bool {
    path.last().is_some_and(|name| name == "AAuthSecret" || name == "AAuthData")
}
