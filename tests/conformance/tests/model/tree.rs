//! The obvious tree: a list of nodes, and the rules of `TND 1.2` one after the other.
//!
//! Nothing here is fast, shared with the product, or clever. A node is looked for by comparing
//! paths, an ACL is a list of pairs, and what fails is taken back by a copy that was made before.

/// The path of a node: the names from the root down.
pub type Path = Vec<String>;

/// Which server may do what: pairs of a command and an id, in no order, none twice.
pub type Pairs = Vec<(String, String)>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    pub format: String,
    pub r#type: String,
    pub value: Option<Vec<u8>>,
    pub acl: Pairs,
    pub title: String,
}

/// What the maker fixed.
#[derive(Clone, Debug)]
pub struct Maker {
    pub permanent: Vec<Path>,
    pub access: Vec<(Path, Vec<String>)>,
    pub exec: Vec<Path>,
    pub nodes: usize,
    pub children: usize,
    pub depth: usize,
    pub value: usize,
    pub segment: usize,
    pub uri: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    pub nodes: Vec<(Path, Node)>,
}

/// What becomes of a command, or of a part of one: the code of its status if it fails.
pub type Done = Result<(), u16>;

impl Node {
    pub fn interior(r#type: &str) -> Self {
        let (format, r#type) = ("node".to_owned(), r#type.to_owned());
        Self { format, r#type, value: None, acl: Vec::new(), title: String::new() }
    }

    pub fn leaf(format: &str, r#type: &str, value: &[u8]) -> Self {
        // b64 says how a value was written.
        let format = if format == "b64" { "bin" } else { format }.to_owned();
        let (r#type, value) = (r#type.to_owned(), Some(value.to_vec()));
        Self { format, r#type, value, acl: Vec::new(), title: String::new() }
    }

    fn is_account(&self) -> bool {
        self.r#type.starts_with("urn:oma:mo:oma-dm-dmacc")
    }

    /// 415 for a value that is none of its format.
    fn check(&self) -> Done {
        let Some(value) = &self.value else { return Ok(()) };
        let text = str::from_utf8(value);
        let fits = match (&*self.format, text) {
            ("bin", _) => true,
            (_, Err(_)) => false,
            ("bool", Ok(text)) => text == "true" || text == "false",
            ("int", Ok(text)) => text.parse::<i32>().is_ok(),
            _ => true,
        };
        if fits { Ok(()) } else { Err(415) }
    }
}

/// The path of a `LocURI`; 404 for one that is none.
pub fn parse(text: &str) -> Result<Path, u16> {
    if text == "." {
        return Ok(Vec::new());
    }
    let rest = text.strip_prefix("./").or(text.strip_prefix("/")).unwrap_or(text);
    rest.split('/').map(name).collect()
}

/// One name, its escapes undone once.
pub fn name(text: &str) -> Result<String, u16> {
    let mut octets = Vec::new();
    let mut rest = text.as_bytes();
    while let [octet, behind @ ..] = rest {
        rest = behind;
        if *octet != b'%' {
            octets.push(*octet);
            continue;
        }
        let digits = rest.get(..2).and_then(|digits| str::from_utf8(digits).ok()).ok_or(404_u16)?;
        octets.push(u8::from_str_radix(digits, 16).map_err(|_| 404_u16)?);
        rest = &rest[2..];
    }
    let name = String::from_utf8(octets).map_err(|_| 404_u16)?;
    let is_bad = name.is_empty()
        || name == "."
        || name == ".."
        || name.chars().any(|c| "/?#%".contains(c) || c.is_whitespace() || c.is_control());
    if is_bad { Err(404) } else { Ok(name) }
}

/// The pairs of an ACL; 400 for a text that is none.
pub fn acl(text: &str) -> Result<Pairs, u16> {
    let mut pairs = Pairs::new();
    if text.is_empty() {
        return Ok(pairs);
    }
    for entry in text.split('&') {
        let (command, ids) = entry.split_once('=').ok_or(400_u16)?;
        if !["Add", "Delete", "Exec", "Get", "Replace"].contains(&command) {
            return Err(400);
        }
        for id in ids.split('+') {
            let is_bad = id.is_empty()
                || id.chars().any(|c| "=&+".contains(c) || c.is_whitespace())
                || (id != "*" && id.contains('*'));
            if is_bad {
                return Err(400);
            }
            pairs.push((command.to_owned(), id.to_owned()));
        }
    }
    // `*` overrides the other ids of its command.
    let all: Vec<_> = pairs.iter().filter(|(_, id)| id == "*").map(|(c, _)| c.clone()).collect();
    pairs.retain(|(command, id)| id == "*" || !all.contains(command));
    pairs.sort();
    pairs.dedup();
    Ok(pairs)
}

/// The text of pairs: a command, its ids, sorted.
pub fn text(pairs: &Pairs) -> String {
    let mut entries: Vec<(String, Vec<String>)> = Vec::new();
    for (command, id) in pairs {
        match entries.last_mut() {
            Some((last, ids)) if last == command => ids.push(id.clone()),
            _ => entries.push((command.clone(), vec![id.clone()])),
        }
    }
    let entries: Vec<_> = entries.iter().map(|(c, ids)| format!("{c}={}", ids.join("+"))).collect();
    entries.join("&")
}

fn is_below(path: &[String], above: &[String]) -> bool {
    path.len() > above.len() && path[..above.len()] == *above
}

/// The text of a path as it stands in limits.
pub fn uri_characters(path: &[String]) -> usize {
    1 + path.iter().map(|name| name.chars().count() + 1).sum::<usize>()
}

/// Who asks, of a maker's tree.
#[derive(Clone, Copy)]
pub struct Asking<'a> {
    pub maker: &'a Maker,
    pub server: &'a str,
}

impl Model {
    pub fn get(&self, path: &[String]) -> Option<&Node> {
        self.nodes.iter().find(|(at, _)| at == path).map(|(_, node)| node)
    }

    fn existing(&self, path: &[String]) -> Result<&Node, u16> {
        self.get(path).ok_or(404)
    }

    fn put(&mut self, path: &[String], node: Node) {
        self.nodes.retain(|(at, _)| at != path);
        self.nodes.push((path.to_vec(), node));
    }

    /// The paths below a node, each before those below it, beside each other by name.
    fn below(&self, path: &[String]) -> Vec<Path> {
        let mut below: Vec<_> =
            self.nodes.iter().map(|(at, _)| at.clone()).filter(|at| is_below(at, path)).collect();
        below.sort();
        below
    }

    fn children(&self, path: &[String]) -> usize {
        self.below(path).iter().filter(|at| at.len() == path.len() + 1).count()
    }

    /// The ACL of the node, or else of the nearest node above that has one.
    fn allows(&self, server: &str, command: &str, path: &[String]) -> bool {
        let mut at = path;
        loop {
            match self.get(at) {
                Some(node) if !node.acl.is_empty() => {
                    let is_it = |id: &str| id == "*" || id == server;
                    return node.acl.iter().any(|(c, id)| c == command && is_it(id));
                }
                _ if at.is_empty() => return false,
                _ => at = &at[..at.len() - 1],
            }
        }
    }

    fn is_in_account(&self, path: &[String]) -> bool {
        (0..=path.len()).any(|length| {
            let above = self.get(&path[..length]);
            above.is_some_and(Node::is_account)
        })
    }

    fn check_account(&self, path: &[String]) -> Done {
        if self.is_in_account(path) { Err(405) } else { Ok(()) }
    }

    /// AccessType: of the node, or of the nearest above it of which the maker says anything.
    fn need_access(&self, asking: Asking<'_>, command: &str, path: &[String]) -> Done {
        for length in (0..=path.len()).rev() {
            let said = asking.maker.access.iter().find(|(at, _)| *at == path[..length]);
            if let Some((_, commands)) = said {
                return if commands.iter().any(|c| c == command) { Ok(()) } else { Err(405) };
            }
        }
        Ok(())
    }

    fn need(&self, asking: Asking<'_>, command: &str, path: &[String]) -> Done {
        self.need_access(asking, command, path)?;
        if self.allows(asking.server, command, path) { Ok(()) } else { Err(425) }
    }

    /// An interior node: Replace on it or on its parent; a leaf: on its parent.
    fn need_acl(&self, asking: Asking<'_>, path: &[String]) -> Done {
        let own = self.existing(path)?.value.is_none();
        let own = own && self.allows(asking.server, "Replace", path);
        let parent =
            !path.is_empty() && self.allows(asking.server, "Replace", &path[..path.len() - 1]);
        if own || parent { Ok(()) } else { Err(425) }
    }

    fn is_permanent(asking: Asking<'_>, path: &[String]) -> bool {
        path.is_empty() || asking.maker.permanent.iter().any(|at| at == path)
    }

    fn is_permanent_below(asking: Asking<'_>, path: &[String]) -> bool {
        asking.maker.permanent.iter().any(|at| is_below(at, path))
    }

    fn fits(asking: Asking<'_>, path: &[String]) -> Done {
        let maker = asking.maker;
        let fits = path.len() <= maker.depth
            && uri_characters(path) <= maker.uri
            && path.iter().all(|name| name.chars().count() <= maker.segment);
        if fits { Ok(()) } else { Err(414) }
    }

    /// What every write asks last.
    fn write(&mut self, asking: Asking<'_>, path: &[String], node: Node) -> Done {
        let longest = asking.maker.value;
        if node.value.as_ref().is_some_and(|value| value.len() > longest)
            || text(&node.acl).len() > longest
            || node.title.len() > 255
        {
            return Err(413);
        }
        self.check_account(path)?;
        if node.is_account() {
            return Err(403);
        }
        self.put(path, node);
        Ok(())
    }

    // ------------------------------------------------------------------ commands

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
