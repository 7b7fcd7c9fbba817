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

    pub fn is_account(&self) -> bool {
        self.r#type.starts_with("urn:oma:mo:oma-dm-dmacc")
    }

    /// 415 for a value that is none of its format.
    pub fn check(&self) -> Done {
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

pub fn is_below(path: &[String], above: &[String]) -> bool {
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

    pub fn existing(&self, path: &[String]) -> Result<&Node, u16> {
        self.get(path).ok_or(404)
    }

    pub fn put(&mut self, path: &[String], node: Node) {
        self.nodes.retain(|(at, _)| at != path);
        self.nodes.push((path.to_vec(), node));
    }

    /// The paths below a node, each before those below it, beside each other by name.
    pub fn below(&self, path: &[String]) -> Vec<Path> {
        let mut below: Vec<_> =
            self.nodes.iter().map(|(at, _)| at.clone()).filter(|at| is_below(at, path)).collect();
        below.sort();
        below
    }

    pub fn children(&self, path: &[String]) -> usize {
        self.below(path).iter().filter(|at| at.len() == path.len() + 1).count()
    }

    /// The ACL of the node, or else of the nearest node above that has one.
    pub fn allows(&self, server: &str, command: &str, path: &[String]) -> bool {
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

    pub fn is_in_account(&self, path: &[String]) -> bool {
        (0..=path.len()).any(|length| {
            let above = self.get(&path[..length]);
            above.is_some_and(Node::is_account)
        })
    }

    pub fn check_account(&self, path: &[String]) -> Done {
        if self.is_in_account(path) { Err(405) } else { Ok(()) }
    }

    /// AccessType: of the node, or of the nearest above it of which the maker says anything.
    pub fn need_access(&self, asking: Asking<'_>, command: &str, path: &[String]) -> Done {
        for length in (0..=path.len()).rev() {
            let said = asking.maker.access.iter().find(|(at, _)| *at == path[..length]);
            if let Some((_, commands)) = said {
                return if commands.iter().any(|c| c == command) { Ok(()) } else { Err(405) };
            }
        }
        Ok(())
    }

    pub fn need(&self, asking: Asking<'_>, command: &str, path: &[String]) -> Done {
        self.need_access(asking, command, path)?;
        if self.allows(asking.server, command, path) { Ok(()) } else { Err(425) }
    }

    /// An interior node: Replace on it or on its parent; a leaf: on its parent.
    pub fn need_acl(&self, asking: Asking<'_>, path: &[String]) -> Done {
        let own = self.existing(path)?.value.is_none();
        let own = own && self.allows(asking.server, "Replace", path);
        let parent =
            !path.is_empty() && self.allows(asking.server, "Replace", &path[..path.len() - 1]);
        if own || parent { Ok(()) } else { Err(425) }
    }

    pub fn is_permanent(asking: Asking<'_>, path: &[String]) -> bool {
        path.is_empty() || asking.maker.permanent.iter().any(|at| at == path)
    }

    pub fn is_permanent_below(asking: Asking<'_>, path: &[String]) -> bool {
        asking.maker.permanent.iter().any(|at| is_below(at, path))
    }

    pub fn fits(asking: Asking<'_>, path: &[String]) -> Done {
        let maker = asking.maker;
        let fits = path.len() <= maker.depth
            && uri_characters(path) <= maker.uri
            && path.iter().all(|name| name.chars().count() <= maker.segment);
        if fits { Ok(()) } else { Err(414) }
    }

    /// What every write asks last.
    pub fn write(&mut self, asking: Asking<'_>, path: &[String], node: Node) -> Done {
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
}
