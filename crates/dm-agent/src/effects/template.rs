//! A text with places for values of the tree: `apn = {./NAP/Home/Addr}`.

use std::fmt;

use dm_tree::{Tree, Uri};

/// A text in which `{URI}` stands for the value of a node; `{{` and `}}` are braces.
///
/// ```
/// use dm_agent::effects::template::Template;
/// use dm_tree::{Acl, Node, Tree, Uri};
/// let template = Template::parse("{{apn}} = {./Addr}\n")?;
/// let tree = Tree::from_nodes([(Uri::parse("./Addr")?, Node::text("internet"))])?;
/// assert_eq!(template.fill(&tree)?, "{apn} = internet\n");
/// assert!(template.fill(&Tree::new()).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Template(Vec<Part>);

#[derive(Clone, Debug, Eq, PartialEq)]
enum Part {
    Text(String),
    Value(Uri),
}

/// A text is no template.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TemplateError {
    /// A brace without its partner.
    #[error("`template` has a brace alone; write {{{{ or }}}} where a brace is meant")]
    Brace,
    /// What stands in braces is no URI.
    #[error("`{{{0}}}` in `template` is not a node URI; write one like {{./NAP/Home/Addr}}")]
    Uri(String),
}

/// A template cannot be filled from this tree.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Unfilled {
    /// The node at fault.
    pub uri: Uri,
    /// What is wrong with it.
    pub why: &'static str,
}

impl fmt::Display for Unfilled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.uri, self.why)
    }
}

impl std::error::Error for Unfilled {}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// When a brace stands alone, or braces hold what is no URI.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let (mut parts, mut plain, mut rest) = (Vec::new(), String::new(), text);
        while let Some(at) = rest.find(['{', '}']) {
            plain.push_str(&rest[..at]);
            let (brace, after) = rest[at..].split_at(1);
            if let Some(after) = after.strip_prefix(brace) {
                plain.push_str(brace);
                rest = after;
                continue;
            }
            let (uri, after) = match brace {
                "{" => after.split_once('}').ok_or(TemplateError::Brace)?,
                _ => return Err(TemplateError::Brace),
            };
            parts.push(Part::Text(std::mem::take(&mut plain)));
            let parsed = Uri::parse(uri).map_err(|_| TemplateError::Uri(uri.to_owned()))?;
            parts.push(Part::Value(parsed));
            rest = after;
        }
        parts.push(Part::Text(plain + rest));
        Ok(Self(parts))
    }

    /// The nodes whose values it takes.
    pub fn uris(&self) -> impl Iterator<Item = &Uri> {
        self.0.iter().filter_map(|part| match part {
            Part::Text(_) => None,
            Part::Value(uri) => Some(uri),
        })
    }

    /// The same with other URIs: as the tree spells them.
    #[must_use]
    pub fn spelled(&self, spelled: impl Fn(&Uri) -> Uri) -> Self {
        let part = |part: &Part| match part {
            Part::Text(plain) => Part::Text(plain.clone()),
            Part::Value(uri) => Part::Value(spelled(uri)),
        };
        Self(self.0.iter().map(part).collect())
    }

    /// The text with the values that the tree has now. A value is one line of text: who may set it
    /// must not be able to add lines to a file.
    ///
    /// # Errors
    /// When a node is not there, or its value is no line of text.
    pub fn fill(&self, tree: &Tree) -> Result<String, Unfilled> {
        let mut text = String::new();
        for part in &self.0 {
            match part {
                Part::Text(plain) => text.push_str(plain),
                Part::Value(uri) => text.push_str(value(tree, uri)?),
            }
        }
        Ok(text)
    }
}

fn value<'t>(tree: &'t Tree, uri: &Uri) -> Result<&'t str, Unfilled> {
    let wrong = |why| Unfilled { uri: uri.clone(), why };
    let node = tree.get(uri).ok_or_else(|| wrong("the node of the template is not there"))?;
    if node.is_interior() {
        return Err(wrong("the node of the template has no value: it is interior"));
    }
    let text = node.as_text().ok_or_else(|| wrong("the value is not text"))?;
    match text.chars().any(|character| character.is_control() && character != '\t') {
        true => Err(wrong("the value is more than a line of text")),
        false => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dm_tnds::Format;
    use dm_tree::Node;

    fn tree() -> Tree {
        let nodes = [
            ("./A", Node::interior("")),
            ("./A/Text", Node::text("it's {x}")),
            ("./A/Lines", Node::text("a\nb = evil")),
            ("./A/Octets", Node::leaf(Format::Bin, "x/y", [0xFF])),
        ];
        Tree::from_nodes(nodes.map(|(uri, node)| (Uri::parse(uri).unwrap(), node))).unwrap()
    }

    #[test]
    fn values_stand_where_their_nodes_are_named_and_are_not_read_again() {
        for (template, text) in [
            ("", ""),
            ("plain", "plain"),
            ("{{}}", "{}"),
            ("{./A/Text}", "it's {x}"),
            ("a {./A/Text} b {./A/Text}\n", "a it's {x} b it's {x}\n"),
            ("{{{./A/Text}}}", "{it's {x}}"),
        ] {
            assert_eq!(Template::parse(template).unwrap().fill(&tree()).unwrap(), text);
        }
    }

    #[test]
    fn what_is_no_line_of_text_is_an_error_that_names_the_node() {
        for (uri, words) in [
            ("./B", "is not there"),
            ("./A", "is interior"),
            ("./A/Octets", "not text"),
            ("./A/Lines", "more than a line"),
        ] {
            let said = Template::parse(&format!("x{{{uri}}}")).unwrap().fill(&tree()).unwrap_err();
            assert_eq!(said.uri.as_str(), uri);
            assert!(said.to_string().contains(words), "{said}");
        }
    }

    #[test]
    fn braces_come_in_pairs_around_uris() {
        for wrong in ["{", "}", "a {./A", "a } b", "{./A}}", "{{{./A}}"] {
            assert_eq!(Template::parse(wrong), Err(TemplateError::Brace), "{wrong}");
        }
        for wrong in ["{}", "{./A//B}", "{a b/}"] {
            assert!(matches!(Template::parse(wrong), Err(TemplateError::Uri(_))), "{wrong}");
        }
    }
}
