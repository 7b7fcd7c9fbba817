//! Two messages compared as infosets: the order of elements counts, their encoding does not.
//! [profile §1]

use std::collections::HashMap;

use dm_xml::{Document, Element, brief};

use crate::words::document_inside;
use crate::{Message, examine};

/// A difference, or a line that both have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Only the second has it.
    Added(String),
    /// Only the first has it.
    Removed(String),
    /// Both have the element, with another text or other attributes.
    Changed {
        /// Its path.
        path: String,
        /// What the first has.
        old: String,
        /// What the second has.
        new: String,
    },
}

/// What differs between two messages. White space between elements does not count, and octets
/// are their base64 text.
#[must_use]
pub fn diff(old: &Message, new: &Message) -> Vec<Change> {
    let (old, new) = (lines(old), lines(new));
    let steps = edits(&numbers(&old, &new));
    paired(&steps, &old, &new)
}

/// An element: where it stands, and what it says itself. Names and depths, in document order, say
/// what stands in what, though a long path has only its end.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Line {
    depth: usize,
    path: String,
    content: String,
}

fn lines(message: &Message) -> Vec<Line> {
    let mut lines = Vec::new();
    let (deviations, _) = examine::read(&message.octets, |document| {
        if let Some(document) = document {
            document_lines(document, &mut lines);
        }
    });
    if lines.is_empty() {
        let why = deviations.first().map_or("no document", |first| &first.what);
        lines.push(Line {
            depth: 0,
            path: "(unreadable)".to_owned(),
            content: format!("{why}, {:?}", message.octets),
        });
    }
    lines
}

fn document_lines(document: &Document<'_>, lines: &mut Vec<Line>) {
    element_lines(document.root(), (0, ""), "", true, lines);
}

/// Octets of a path; of a longer one the end is kept. Each line has its path, and elements can be
/// many and deep.
const LONGEST_PATH: usize = 256;

fn path_below(above: &str, local: &str) -> String {
    if above.is_empty() {
        return brief(local).into();
    }
    let path = format!("{above}/{}", brief(local));
    let Some(cut) = path.len().checked_sub(LONGEST_PATH) else { return path };
    let start = path.match_indices('/').map(|(at, _)| at).find(|at| *at >= cut);
    format!("\u{2026}{}", &path[start.unwrap_or(0)..])
}

fn element_lines(
    element: Element<'_>,
    (depth, above): (usize, &str),
    namespace: &str,
    may_nest: bool,
    lines: &mut Vec<Line>,
) {
    let path = path_below(above, element.local());
    let mut content = String::new();
    if element.local().len() > 64 {
        content += &format!("name={:?} ", element.local()); // the path has only its beginning
    }
    if element.namespace() != namespace {
        content += &format!("xmlns={:?} ", element.namespace());
    }
    let mut attributes: Vec<_> = element.attributes().collect();
    attributes.sort_by_key(|attribute| attribute.name);
    for attribute in attributes {
        content += &format!("{}={:?} ", attribute.name, attribute.value);
    }
    // Text of any element may be the base64 text of a document: its lines say more.
    let is_leaf = element.elements().next().is_none();
    let inside = Some(element).filter(|element| is_leaf && element.local() == "Data" && may_nest);
    let inside = inside.and_then(|element| document_inside(element, true));
    if let Some(octets) = &inside {
        content += &format!("a document of {} octets, {:016x}", octets.len(), fingerprint(octets));
    } else if element.has_text() || is_leaf {
        content += &format!("{:?}", element.text());
    }
    lines.push(Line { depth, path: path.clone(), content: content.trim_end().to_owned() });
    let below = (depth + 1, path.as_str());
    if let Some(octets) = inside {
        let _ = examine::read(&octets, |document| {
            if let Some(document) = document {
                element_lines(document.root(), below, "", false, lines);
            }
        });
    }
    for child in element.elements() {
        element_lines(child, below, element.namespace(), may_nest, lines);
    }
}

/// Tells two encodings of one document apart. FNV-1a: against accident, not against intent.
fn fingerprint(octets: &[u8]) -> u64 {
    octets.iter().fold(0xCBF2_9CE4_8422_2325, |hash, &octet| {
        (hash ^ u64::from(octet)).wrapping_mul(0x0100_0000_01B3)
    })
}

/// Both as numbers, equal ones for equal lines.
fn numbers(old: &[Line], new: &[Line]) -> (Vec<u32>, Vec<u32>) {
    let mut known: HashMap<&Line, u32> = HashMap::new();
    let mut number = |key| {
        let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
        *known.entry(key).or_insert(next)
    };
    let old = old.iter().map(&mut number).collect();
    (old, new.iter().map(&mut number).collect())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Keep,
    Remove(usize),
    Add(usize),
}

/// Differences up to which the fewest are looked for; beyond it, what differs is told as a whole.
const MOST: usize = 2_000;

/// The fewest steps from one to the other. [Myers 1986]
fn edits((old, new): &(Vec<u32>, Vec<u32>)) -> Vec<Step> {
    let front = old.iter().zip(new).take_while(|(one, other)| one == other).count();
    let (a, b) = (&old[front..], &new[front..]);
    let back = a.iter().rev().zip(b.iter().rev()).take_while(|(one, other)| one == other).count();
    let (a, b) = (&a[..a.len() - back], &b[..b.len() - back]);
    let mut steps = vec![Step::Keep; front];
    match middle(a, b) {
        Some(found) => steps.extend(found.into_iter().map(|step| match step {
            Step::Keep => Step::Keep,
            Step::Remove(at) => Step::Remove(at + front),
            Step::Add(at) => Step::Add(at + front),
        })),
        None => {
            steps.extend((0..a.len()).map(|at| Step::Remove(at + front)));
            steps.extend((0..b.len()).map(|at| Step::Add(at + front)));
        }
    }
    steps.extend(core::iter::repeat_n(Step::Keep, back));
    steps
}

fn middle(a: &[u32], b: &[u32]) -> Option<Vec<Step>> {
    let size = (a.len() + b.len()).min(MOST);
    // For each diagonal k = x - y, how far in `a` one comes; one copy for each number of steps.
    let mut furthest = vec![0_usize; 2 * size + 2];
    let mut rounds = Vec::new();
    let at = |k: isize| k.rem_euclid((2 * size + 2).cast_signed()).cast_unsigned();
    for steps in 0..=size.cast_signed() {
        rounds.push(furthest.clone());
        for k in (-steps..=steps).step_by(2) {
            let down = k == -steps || (k != steps && furthest[at(k - 1)] < furthest[at(k + 1)]);
            let mut x = if down { furthest[at(k + 1)] } else { furthest[at(k - 1)] + 1 };
            let mut y = x.cast_signed() - k;
            while x < a.len() && y.cast_unsigned() < b.len() && a[x] == b[y.cast_unsigned()] {
                (x, y) = (x + 1, y + 1);
            }
            furthest[at(k)] = x;
            if x >= a.len() && y.cast_unsigned() >= b.len() {
                return Some(trace(&rounds, a.len(), b.len(), at));
            }
        }
    }
    None
}

fn trace(
    rounds: &[Vec<usize>],
    mut x: usize,
    mut y: usize,
    at: impl Fn(isize) -> usize,
) -> Vec<Step> {
    let mut steps = Vec::new();
    for (count, furthest) in rounds.iter().enumerate().rev() {
        let (count, k) = (count.cast_signed(), x.cast_signed() - y.cast_signed());
        let down = k == -count || (k != count && furthest[at(k - 1)] < furthest[at(k + 1)]);
        let before = if down { k + 1 } else { k - 1 };
        let (from_x, from_y) = if count == 0 {
            (0, 0)
        } else {
            let from_x = furthest[at(before)];
            (from_x, (from_x.cast_signed() - before).cast_unsigned())
        };
        while x > from_x && y > from_y {
            (x, y) = (x - 1, y - 1);
            steps.push(Step::Keep);
        }
        if count > 0 {
            steps.push(if down { Step::Add(from_y) } else { Step::Remove(from_x) });
        }
        (x, y) = (from_x, from_y);
    }
    steps.reverse();
    steps
}

/// What was removed and added, one for one where the path is the same.
fn paired(steps: &[Step], old: &[Line], new: &[Line]) -> Vec<Change> {
    let mut changes = Vec::new();
    for run in steps.split(|step| *step == Step::Keep) {
        let removed = run.iter().filter_map(|step| match step {
            Step::Remove(at) => Some(&old[*at]),
            _ => None,
        });
        let mut added = run
            .iter()
            .filter_map(|step| match step {
                Step::Add(at) => Some(&new[*at]),
                _ => None,
            })
            .peekable();
        for line in removed {
            match added.next_if(|next| next.path == line.path) {
                Some(next) => changes.push(Change::Changed {
                    path: line.path.clone(),
                    old: line.content.clone(),
                    new: next.content.clone(),
                }),
                None => changes.push(Change::Removed(told(line))),
            }
        }
        changes.extend(added.map(|line| Change::Added(told(line))));
    }
    changes
}

fn told(line: &Line) -> String {
    if line.content.is_empty() {
        line.path.clone()
    } else {
        format!("{}: {}", line.path, line.content)
    }
}

#[cfg(test)]
mod tests;
