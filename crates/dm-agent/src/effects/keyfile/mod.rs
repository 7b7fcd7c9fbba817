//! From an access point of the tree (ConnMO NAP) to a keyfile of NetworkManager (nm-settings-keyfile(5)).
//!
//! Everything is decided from the tree alone: the same tree makes the same files, the same UUIDs.

mod address;
mod bearer;
mod section;

use dm_crypto::AwsLc;
use dm_seal::{DigestMethod, Hasher, Provider};
use dm_tree::{Node, Tree, Uri};
use dm_xml::canonical::Output;

use section::Sections;

/// A profile: the name of its file, and what is in it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Keyfile {
    /// The name of the file.
    pub name: String,
    /// All of it.
    pub text: String,
}

/// No profile can be made of an access point.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Unfit {
    /// The node at fault.
    pub uri: Uri,
    /// What is wrong with it.
    pub why: &'static str,
}

/// What the names of our files begin with.
pub const PREFIX: &str = "marconigram-";
/// What they end in.
pub const SUFFIX: &str = ".nmconnection";
/// The object identifier, without its version.
const NAP: &str = "urn:oma:mo:oma-connmo-nap:";

/// The file of each access point at or below these nodes, none of which is below another, by the
/// name that the file has: made, or why it cannot be. No two have one name.
///
/// ```
/// use dm_agent::effects::keyfile::keyfiles;
/// use dm_tree::{Node, Tree, Uri};
/// let tree = Tree::from_nodes([
///     (Uri::parse("./NAP")?, Node::interior("")),
///     (Uri::parse("./NAP/Home")?, Node::interior("urn:oma:mo:oma-connmo-nap:1.0")),
///     (Uri::parse("./NAP/Home/Addr")?, Node::text("internet")),
/// ])?;
/// let files = keyfiles(&tree, &[Uri::parse("./NAP")?]);
/// assert_eq!(files[0].0, "marconigram-Home.nmconnection");
/// assert!(files[0].1.as_ref().unwrap().text.contains("\n[gsm]\napn=internet\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn keyfiles(tree: &Tree, on: &[Uri]) -> Vec<(String, Result<Keyfile, Unfit>)> {
    let points = on.iter().flat_map(|on| tree.subtree(on));
    points
        .filter(|(_, node)| is_point(node))
        .map(|(uri, _)| {
            // What is followed decides the names, never what else the tree holds.
            let name = match on {
                [on] => file_name(on, uri),
                _ => file_name(&Uri::root(), uri),
            };
            let text = AccessPoint { tree, uri }.text();
            (name.clone(), text.map(|text| Keyfile { name, text }))
        })
        .collect()
}

/// An access point in its tree.
#[derive(Clone, Copy)]
struct AccessPoint<'t> {
    tree: &'t Tree,
    uri: &'t Uri,
}

impl<'t> AccessPoint<'t> {
    fn text(self) -> Result<String, Unfit> {
        let mut above = self.uri.ancestors().skip(1).filter_map(|uri| Uri::parse(uri).ok());
        if above.any(|uri| self.tree.get(&uri).is_some_and(is_point)) {
            return Err(Unfit {
                uri: self.uri.clone(),
                why: "it stands within another access point",
            });
        }
        let mut sections = Sections::default();
        let name = self.value("Name")?.filter(|name| !name.is_empty());
        let name = name.unwrap_or_else(|| self.uri.name());
        let is_wifi = bearer::is_wifi(self)?;
        sections.begin("connection");
        sections.set("id", name);
        sections.set("uuid", &uuid(self.uri));
        sections.set("type", if is_wifi { "wifi" } else { "gsm" });
        if is_wifi {
            bearer::wifi(self, &mut sections)?;
        } else {
            bearer::gsm(self, &mut sections)?;
        }
        address::ipv4(self, &mut sections)?;
        address::ipv6(self, &mut sections)?;
        Ok(sections.finish())
    }

    /// The value of a leaf below, if it is there. It has no control characters.
    fn value(self, path: &str) -> Result<Option<&'t str>, Unfit> {
        let Some(uri) = self.below(path) else { return Ok(None) };
        value(self.tree, &uri)
    }

    /// The value of a leaf that may have one of several places.
    fn one_of(self, paths: &[&str]) -> Result<Option<&'t str>, Unfit> {
        let mut values = paths.iter().map(|path| self.value(path));
        values.find(|value| !matches!(value, Ok(None) | Ok(Some("")))).unwrap_or(Ok(None))
    }

    fn below(self, path: &str) -> Option<Uri> {
        path.split('/').try_fold(self.uri.clone(), |uri, name| uri.join(name).ok())
    }

    /// What is wrong with a node that may have one of several places: with the one that is there,
    /// else with the nearest that is there above the first place.
    fn unfit(self, paths: &[&str], why: &'static str) -> Unfit {
        let is_there = |uri: &Uri| self.tree.contains(uri);
        let there = paths.iter().filter_map(|path| self.below(path)).find(is_there);
        let above = |path: &str| {
            let names = path.split('/').scan(self.uri.clone(), |uri, name| {
                *uri = uri.join(name).ok().filter(is_there)?;
                Some(uri.clone())
            });
            names.last()
        };
        let uri = there.or_else(|| above(paths.first()?)).unwrap_or_else(|| self.uri.clone());
        Unfit { uri, why }
    }
}

fn is_point(node: &Node) -> bool {
    node.r#type.starts_with(NAP)
}

fn value<'t>(tree: &'t Tree, uri: &Uri) -> Result<Option<&'t str>, Unfit> {
    let Some(node) = tree.get(uri).filter(|node| !node.is_interior()) else { return Ok(None) };
    let unfit = |why| Unfit { uri: uri.clone(), why };
    let text = node.as_text().ok_or_else(|| unfit("the value is not text"))?;
    match text.chars().any(char::is_control) {
        true => Err(unfit("the value has control characters")),
        false => Ok(Some(text)),
    }
}

/// The name of the file: where the access point is below the node that is followed; from the root,
/// if several are followed.
fn file_name(on: &Uri, uri: &Uri) -> String {
    let below = uri.as_str().strip_prefix(on.as_str()).unwrap_or_default();
    let below = below.trim_start_matches('/');
    let own = if below.is_empty() { uri.name() } else { below };
    let mut name = PREFIX.to_owned();
    for octet in own.bytes() {
        match octet {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                name.push(char::from(octet));
            }
            other => name.push_str(&format!("%{other:02X}")),
        }
    }
    // A name that is too long is told from others by the URI's own UUID.
    if name.len() + SUFFIX.len() > LONGEST {
        let uuid = uuid(uri);
        name.truncate(LONGEST - SUFFIX.len() - uuid.len() - 1); // ASCII only
        name.push('~'); // in no name that is not too long
        name.push_str(&uuid);
    }
    name + SUFFIX
}

/// Octets of the longest name: what file systems hold, with room for that of a file in the making.
const LONGEST: usize = 255 - "..new".len();

/// A UUID that is the URI's own for ever: of version 8, from its SHA-256. [RFC 9562 §5.8]
fn uuid(uri: &Uri) -> String {
    let mut hasher = AwsLc.hasher(DigestMethod::Sha256);
    hasher.write(uri.as_str().as_bytes());
    let digest = hasher.finish();
    let mut octets = [0; 16];
    octets.copy_from_slice(&digest.as_octets()[..16]);
    octets[6] = octets[6] & 0x0F | 0x80;
    octets[8] = octets[8] & 0x3F | 0x80;
    let hex: String = octets.iter().map(|octet| format!("{octet:02x}")).collect();
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

#[cfg(test)]
mod tests;
