//! The Markdown files: relative links lead somewhere, and the change log can take an entry.

use crate::files;
use crate::floors::Violation;
use crate::outcome::Outcome;
use crate::workspace::Workspace;
use std::fs;
use std::path::Path;

/// Checks all Markdown files and prints each link that leads nowhere.
pub fn check(workspace: &Workspace) -> Outcome {
    let mut found = Vec::new();
    let mut links_seen = 0;
    let documents = files::with_extension(&workspace.root, "md");
    for path in &documents {
        let text = fs::read_to_string(path).unwrap_or_default();
        let folder = path.parent().unwrap_or(path);
        for (line, link) in links(&text) {
            links_seen += 1;
            if !resolves(&workspace.root, folder, link) {
                let path = workspace.shown(path).to_owned();
                found.push(Violation { path, line, rule: format!("`{link}` leads nowhere") });
            }
        }
    }
    let log = workspace.root.join("CHANGELOG.md");
    if !has_unreleased(&fs::read_to_string(&log).unwrap_or_default()) {
        let path = workspace.shown(&log).to_owned();
        let rule = "there is no section `## [Unreleased]`".to_owned();
        found.push(Violation { path, line: 1, rule });
    }
    for violation in &found {
        println!("{violation}");
    }
    if found.is_empty() {
        Outcome::passed(format!("{} documents, {links_seen} relative links", documents.len()))
    } else {
        Outcome::failed(format!("{} faults in documents", found.len()))
    }
}

/// The relative links of a document, each with its line. Code is not looked at.
fn links(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut in_code = false;
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") || line.trim_start().starts_with("~~~") {
            in_code = !in_code;
        } else if !in_code {
            let of_line = definition(line).into_iter().chain(inline(line));
            found.extend(of_line.filter(|link| is_relative(link)).map(|link| (index + 1, link)));
        }
    }
    found
}

/// The targets of `[text](target)` on one line, outside of `code`.
fn inline(line: &str) -> Vec<&str> {
    let prose = |at: usize| line[..at].matches('`').count().is_multiple_of(2);
    line.match_indices("](")
        .filter(|(at, _)| prose(*at))
        .filter_map(|(at, opening)| {
            let target = line[at + opening.len()..].split([')', ' ']).next()?;
            Some(target.trim_matches(['<', '>']))
        })
        .collect()
}

/// The target of `[label]: target`, when the line is that.
fn definition(line: &str) -> Option<&str> {
    let (label, target) = line.trim_start().strip_prefix('[')?.split_once("]: ")?;
    let is_footnote = label.starts_with('^') || label.contains(']');
    target.split_whitespace().next().filter(|_| !is_footnote)
}

fn is_relative(link: &str) -> bool {
    let scheme = link.split(['/', '#', '?']).next().unwrap_or_default();
    !link.is_empty() && !link.starts_with('#') && !scheme.contains(':')
}

/// Whether the file or folder is there; a leading slash means the root of the house.
fn resolves(root: &Path, folder: &Path, link: &str) -> bool {
    let path = link.split('#').next().unwrap_or_default().replace("%20", " ");
    match path.strip_prefix('/') {
        Some(path) => root.join(path).exists(),
        None => folder.join(path).exists(),
    }
}

fn has_unreleased(log: &str) -> bool {
    log.lines().any(|line| matches!(line.trim_end(), "## [Unreleased]" | "## Unreleased"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_links_are_found_with_their_lines() {
        let text = "See [a](a.md).\n\n[b](docs/b.md#part \"title\") and [c](<c.md>)\n[d]: d.md\n";
        assert_eq!(links(text), [(1, "a.md"), (3, "docs/b.md#part"), (3, "c.md"), (4, "d.md")]);
    }

    #[test]
    fn addresses_anchors_and_code_are_left_out() {
        assert_eq!(links("[a](https://example.org/x) [b](mailto:x@example.org) [c](#part)"), []);
        assert_eq!(links("`[a](a.md)`\n```\n[b](b.md)\n```\n"), []);
        assert_eq!(links("`x` [a](a.md)"), [(1, "a.md")]);
    }

    #[test]
    fn a_link_resolves_from_its_own_folder_or_from_the_root() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let src = here.join("src");
        assert!(resolves(here, &src, "documents.rs#part"));
        assert!(resolves(here, &src, "../Cargo.toml"));
        assert!(resolves(here, &src, "/src/main.rs"));
        assert!(!resolves(here, &src, "Cargo.toml"));
    }

    #[test]
    fn the_change_log_needs_a_section_for_what_is_not_released() {
        assert!(has_unreleased("# Changelog\n\n## [Unreleased]\n"));
        assert!(!has_unreleased("# Changelog\n\n## [0.1.0]\n\nNothing Unreleased.\n"));
    }
}
