//! Messages of any size, always the same for the same number: lists of commands, and objects.

use std::fmt::Write;

/// The form of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One Replace of one leaf for each node.
    Commands,
    /// One Add of an object with so many nodes, as TNDS in place.
    Tree,
}

impl Shape {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Commands, Self::Tree];

    /// Its name in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Commands => "commands",
            Self::Tree => "tree",
        }
    }

    /// XML text of a message with this many nodes.
    #[must_use]
    pub fn message(self, nodes: usize) -> String {
        match self {
            Self::Commands => commands(nodes),
            Self::Tree => tree(nodes),
        }
    }
}

/// A message of this many Replace commands, each of one leaf.
#[must_use]
pub fn commands(count: usize) -> String {
    let mut body = String::new();
    let mut numbers = Numbers(1);
    for id in 1..=count {
        let (account, number) = (id / 8, numbers.next());
        // Writing to a string cannot fail; so below.
        let _ = write!(
            body,
            "<Replace><CmdID>{id}</CmdID><Item><Target><LocURI>./DMAcc/Account{account}/AppAddr/{}/Addr</LocURI>\
             </Target>{}<Data>https://dm{number}.operator.example/dm</Data></Item></Replace>",
            id % 8,
            meta("chr", "text/plain"),
        );
    }
    message(&body)
}

/// A message that adds one object of this many nodes, at least one: a root, below it interior
/// nodes with eight leaves each.
#[must_use]
pub fn tree(nodes: usize) -> String {
    const LEAVES: [&str; 8] =
        ["Addr", "AddrType", "AuthName", "AuthPW", "ConRef", "Name", "Pref", "Enabled"];
    let mut body =
        String::from("<Add><CmdID>1</CmdID><Item><Target><LocURI>./Inbox</LocURI></Target>");
    body.push_str(&meta("xml", "application/vnd.syncml.dmtnds+xml"));
    body.push_str("<Data><MgmtTree xmlns=\"syncml:dmddf1.2\"><VerDTD>1.2</VerDTD>");
    let access = "<ACL>Add=dm.operator.example&amp;Replace=dm.operator.example&amp;Get=*</ACL>";
    open(
        &mut body,
        "Vendor",
        access,
        "node",
        "<DDFName>urn:example:mo:access-points:1.0</DDFName>",
    );
    let mut numbers = Numbers(1);
    let mut left = nodes.saturating_sub(1);
    let mut group = 0;
    while left > 0 {
        let name = format!("Point{group:03}");
        open(&mut body, &name, "", "node", "<DDFName>urn:example:mo:access-point:1.0</DDFName>");
        left -= 1;
        for leaf in LEAVES.iter().take(left) {
            let number = numbers.next();
            let (format, value) = match *leaf {
                "Addr" => ("chr", format!("http://dm{}.operator.example/dm", number % 1000)),
                "AddrType" => ("chr", "URI".to_owned()),
                "ConRef" => ("chr", format!("./Inbox/Vendor/Point{group:03}")),
                "Pref" => ("int", (number % 100).to_string()),
                "Enabled" => ("bool", number.is_multiple_of(2).to_string()),
                name => ("chr", format!("{name}-{number:08x}")),
            };
            open(&mut body, leaf, "", format, "<MIME>text/plain</MIME>");
            let _ = write!(body, "<Value>{value}</Value></Node>");
        }
        left = left.saturating_sub(LEAVES.len());
        body.push_str("</Node>");
        group += 1;
    }
    body.push_str("</Node></MgmtTree></Data></Item></Add>");
    message(&body)
}

/// A node up to where its children or its value stand.
fn open(body: &mut String, name: &str, access: &str, format: &str, r#type: &str) {
    let _ = write!(
        body,
        "<Node><NodeName>{name}</NodeName><RTProperties>{access}<Format><{format}/></Format>\
         <Type>{type}</Type></RTProperties>"
    );
}

fn meta(format: &str, r#type: &str) -> String {
    format!(
        "<Meta><Format xmlns=\"syncml:metinf\">{format}</Format>\
         <Type xmlns=\"syncml:metinf\">{type}</Type></Meta>"
    )
}

fn message(body: &str) -> String {
    format!(
        "<SyncML xmlns=\"SYNCML:SYNCML1.2\"><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto>\
         <SessionID>1</SessionID><MsgID>1</MsgID>\
         <Target><LocURI>urn:imei:004999010640001</LocURI></Target>\
         <Source><LocURI>dm.operator.example</LocURI></Source></SyncHdr>\
         <SyncBody>{body}<Final/></SyncBody></SyncML>"
    )
}

/// Numbers without a pattern that a string table could use, and the same ones every time.
struct Numbers(u32);

impl Numbers {
    fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        self.0 >> 4
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_as_many_nodes_as_were_asked_for() {
        for nodes in [1, 2, 9, 10, 11, 30, 1_000] {
            assert_eq!(tree(nodes).matches("<Node>").count(), nodes);
            assert_eq!(tree(nodes).matches("</Node>").count(), nodes);
            assert_eq!(commands(nodes).matches("<Replace>").count(), nodes);
        }
    }

    #[test]
    fn the_octets_of_a_message_grow_with_its_nodes() {
        for shape in Shape::ALL {
            let (one, ten) = (shape.message(1_000).len(), shape.message(10_000).len());
            assert!((99..=103).contains(&(ten * 10 / one)), "{shape:?}: {one} and {ten}");
        }
    }
}
