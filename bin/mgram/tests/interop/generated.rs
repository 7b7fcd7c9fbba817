//! Infosets at random: all that WBXML of SyncML can carry, sensible or not. [profile §2]

use std::fmt::Write;

/// A document as canonical XML text without white space between elements; the same for a seed.
pub fn document(seed: u64) -> String {
    let mut generator = Generator { state: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1 };
    let mut text = String::from("<SyncML xmlns=\"SYNCML:SYNCML1.2\"><SyncHdr>");
    for name in ["VerDTD", "VerProto", "SessionID", "MsgID"] {
        let value = generator.text(6);
        write!(text, "<{name}>{value}</{name}>").expect("a string grows");
    }
    text += "</SyncHdr><SyncBody>";
    for _ in 0..=generator.below(6) {
        text += &generator.command(3);
    }
    text + "</SyncBody></SyncML>"
}

/// Pieces of text: plain, of other scripts, and all that has to be written in another way.
const PIECES: [&str; 16] = [
    "a",
    "Z9",
    " ",
    "./A/B",
    "\u{E4}",
    "\u{20AC}",
    "\u{1F600}",
    "e\u{301}",
    "&lt;",
    "&gt;",
    "&amp;",
    "&#xD;",
    "\n",
    "\t",
    "]]&gt;",
    "syncml:metinf",
];
const COMMANDS: [&str; 6] = ["Add", "Replace", "Delete", "Exec", "Get", "Copy"];
const NAMES: [&str; 5] = ["Signature", "x-1", "\u{C4}rger", "data", "_"];
const NAMESPACES: [&str; 3] = ["http://www.w3.org/2000/09/xmldsig#", "urn:example:a", "a:"];
const TYPES: [&str; 4] =
    ["text/plain", "application/vnd.syncml.dmtnds+wbxml", "application/x+WBXML", "a+xml"];

struct Generator {
    state: u64,
}

impl Generator {
    /// Below `bound`: xorshift.
    fn below(&mut self, bound: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        usize::try_from(self.state >> 33).expect("31 bits") % bound
    }

    fn one_of<'t>(&mut self, choices: &[&'t str]) -> &'t str {
        choices[self.below(choices.len())]
    }

    fn text(&mut self, most: usize) -> String {
        (0..self.below(most + 1)).map(|_| self.one_of(&PIECES)).collect()
    }

    fn base64(&mut self) -> String {
        use base64::Engine;
        let octets: Vec<u8> =
            (0..self.below(40)).map(|_| self.below(256).to_le_bytes()[0]).collect();
        base64::engine::general_purpose::STANDARD.encode(octets)
    }

    fn command(&mut self, depth: usize) -> String {
        if depth > 0 && self.below(5) == 0 {
            let name = self.one_of(&["Atomic", "Sequence"]);
            let commands: String = (0..self.below(4)).map(|_| self.command(depth - 1)).collect();
            return format!("<{name}><CmdID>1</CmdID>{commands}</{name}>");
        }
        let name = self.one_of(&COMMANDS);
        let meta = if self.below(3) == 0 { self.meta().0 } else { String::new() };
        let items: String = (0..self.below(4)).map(|_| self.item(!meta.is_empty())).collect();
        format!("<{name}><CmdID>{}</CmdID>{meta}{items}</{name}>", self.below(100))
    }

    /// A Meta, and whether it makes octets of the Data behind it.
    fn meta(&mut self) -> (String, bool) {
        let format = self.one_of(&["chr", "bin", "b64", "xml", "node"]);
        let r#type = self.one_of(&TYPES);
        let is_octets = format == "bin" || r#type.to_ascii_lowercase().ends_with("+wbxml");
        let metinf = "xmlns=\"syncml:metinf\"";
        let fields = match self.below(3) {
            0 => format!("<MetInf {metinf}><Format>{format}</Format><Type>{type}</Type></MetInf>"),
            _ => format!("<Format {metinf}>{format}</Format><Type {metinf}>{type}</Type>"),
        };
        (format!("<Meta>{fields}</Meta>"), is_octets)
    }

    /// An Item; where its command has a Meta, it has one of its own, for that decides.
    fn item(&mut self, has_meta: bool) -> String {
        let target = format!("<Target><LocURI>{}</LocURI></Target>", self.text(8));
        if !has_meta && self.below(3) == 0 {
            let content = self.content();
            return format!("<Item>{target}<Data>{content}</Data></Item>");
        }
        let (meta, is_octets) = self.meta();
        let data = match self.below(6) {
            0 => self.tree(),
            1 => self.text(5).trim().to_owned(), // no base64, mostly, and yet to be kept
            _ if is_octets => self.base64(),
            _ => self.text(20),
        };
        format!("<Item>{target}{meta}<Data>{data}</Data></Item>")
    }

    /// Text, or elements that no code page has, or both.
    fn content(&mut self) -> String {
        match self.below(3) {
            0 => self.text(30),
            1 => self.literal(None, 3),
            _ => format!("x{}{}{}", self.text(3), self.literal(None, 2), self.text(3)),
        }
    }

    fn literal(&mut self, parent: Option<&str>, depth: usize) -> String {
        let (name, namespace) = (self.one_of(&NAMES), self.one_of(&NAMESPACES));
        let mut text = format!("<{name}");
        if parent != Some(namespace) {
            write!(text, " xmlns=\"{namespace}\"").expect("a string grows");
        }
        for attribute in ["Algorithm", "URI"] {
            if self.below(3) == 0 {
                let value = self.text(4).replace("&gt;", "&quot;");
                let value = value.replace('\n', "&#xA;").replace('\t', "&#x9;");
                write!(text, " {attribute}=\"{value}\"").expect("a string grows");
            }
        }
        text.push('>');
        if depth > 0 && self.below(2) == 0 {
            text += &self.literal(Some(namespace), depth - 1);
        } else {
            text += &self.text(6);
        }
        text + &format!("</{name}>")
    }

    /// A sub-tree in place, with the elements of code page 2.
    fn tree(&mut self) -> String {
        let (binary, plain) = (self.base64(), self.text(10));
        let node = |format: &str, value: &str| {
            let properties = format!("<RTProperties><Format><{format}></{format}></Format>");
            format!(
                "<Node><NodeName>n</NodeName>{properties}</RTProperties><Value>{value}</Value></Node>"
            )
        };
        let nodes = [node("bin", &binary), node("chr", &plain)].concat();
        format!("<MgmtTree xmlns=\"syncml:dmddf1.2\"><VerDTD>1.2</VerDTD>{nodes}</MgmtTree>")
    }
}
