//! Characters, CDATA sections, comments, processing instructions. [XML 1.0 §2.4-2.7, §2.11]

use alloc::borrow::Cow;

use super::{Parser, Stop};
use crate::character::{is_ncname, is_white_space};
use crate::{Profile, Sink, XmlError, XmlErrorKind};

impl<'a, P: Profile<XmlError>, S: Sink<'a>> Parser<'a, '_, P, S> {
    /// Characters up to the next markup or reference.
    #[inline]
    pub(super) fn characters(&mut self) -> Result<(), Stop<S::Error>> {
        let text = self.text;
        let rest = &text.as_bytes()[self.at..];
        let (mut returns, mut brackets) = (false, false);
        let ends = |&octet: &u8| {
            returns |= octet == b'\r';
            brackets |= octet == b']';
            octet == b'<' || octet == b'&'
        };
        let length = rest.iter().position(ends).unwrap_or(rest.len());
        let run = &text[self.at..self.at + length];
        self.at += length;
        if self.open.is_empty() {
            return if is_white_space(run) { Ok(()) } else { Err(XmlErrorKind::Root.into()) };
        }
        if brackets && run.contains("]]>") {
            return Err(XmlErrorKind::Syntax.into());
        }
        if returns { self.lines(run) } else { self.emit(Cow::Borrowed(run)) }
    }

    /// What begins with `<!`.
    pub(super) fn declaration_or_section(&mut self) -> Result<(), Stop<S::Error>> {
        let rest = &self.text[self.at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            let length = comment.find("--").ok_or(XmlErrorKind::Syntax)?;
            if !comment[length..].starts_with("-->") {
                return Err(XmlErrorKind::Syntax.into());
            }
            self.at += "<!--".len() + length + "-->".len();
            return Ok(());
        }
        if let Some(section) = rest.strip_prefix("<![CDATA[") {
            if self.open.is_empty() {
                return Err(XmlErrorKind::Root.into());
            }
            let length = section.find("]]>").ok_or(XmlErrorKind::Syntax)?;
            self.at += "<![CDATA[".len() + length + "]]>".len();
            return self.lines(&section[..length]);
        }
        self.document_type()
    }

    /// What begins with `<?`.
    pub(super) fn instruction(&mut self) -> Result<(), Stop<S::Error>> {
        let rest = &self.text[self.at + "<?".len()..];
        let length = rest.find("?>").ok_or(XmlErrorKind::Syntax)?;
        let content = &rest[..length];
        let target = content.split([' ', '\t', '\n', '\r']).next().unwrap_or_default();
        self.at += "<?".len() + length + "?>".len();
        if target != "xml" {
            self.deviates(XmlErrorKind::ProcessingInstruction)?;
            let is_name = is_ncname(target) && !target.eq_ignore_ascii_case("xml");
            return if is_name { Ok(()) } else { Err(XmlErrorKind::Name.into()) };
        }
        let first = if self.text.starts_with('\u{FEFF}') { '\u{FEFF}'.len_utf8() } else { 0 };
        if self.here != first {
            return Err(XmlErrorKind::ProcessingInstruction.into()); // a second declaration
        }
        super::prolog::declaration(&content["xml".len()..])?;
        Ok(())
    }

    /// Text whose line ends are made one line feed each.
    fn lines(&mut self, run: &'a str) -> Result<(), Stop<S::Error>> {
        let mut rest = run;
        while let Some(at) = rest.find('\r') {
            if at > 0 {
                self.emit(Cow::Borrowed(&rest[..at]))?;
            }
            self.emit(Cow::Borrowed("\n"))?;
            rest = &rest[at + 1..];
            rest = rest.strip_prefix('\n').unwrap_or(rest);
        }
        if rest.is_empty() { Ok(()) } else { self.emit(Cow::Borrowed(rest)) }
    }
}
