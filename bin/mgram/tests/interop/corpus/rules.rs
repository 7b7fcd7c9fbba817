//! The rules from which documents deviate, by name.

use dm_wbxml::ErrorKind;
use dm_xml::XmlErrorKind;

/// The rule of XML text that this breaks.
pub fn of_text(kind: &XmlErrorKind) -> &'static str {
    match kind {
        XmlErrorKind::AttributeTwice => "an attribute once",
        XmlErrorKind::AttributeWithNamespace => "no attribute in a namespace",
        XmlErrorKind::Character(_) => "characters of XML",
        XmlErrorKind::DocumentType => "no document type declaration",
        XmlErrorKind::Encoding => "text in UTF-8",
        XmlErrorKind::Entity => "references of XML only",
        XmlErrorKind::Limit(_) => "limits",
        XmlErrorKind::Name => "names",
        XmlErrorKind::Namespace => "every element in a namespace",
        XmlErrorKind::Root => "one root element",
        XmlErrorKind::ProcessingInstruction => "no processing instruction",
        XmlErrorKind::Syntax => "well-formed XML",
        other => panic!("give {other:?} a name"),
    }
}

/// The rule of WBXML that this breaks.
pub fn of_octets(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::AttributeOnToken => "no attribute on a token",
        ErrorKind::AttributeTwice => "an attribute once",
        ErrorKind::AttributeToken(_) => "attribute tokens of the language",
        ErrorKind::Character(_) => "characters of XML",
        ErrorKind::Charset(_) => "a charset of ours",
        ErrorKind::ContentAfterRoot => "nothing behind the root",
        ErrorKind::EndsEarly => "a complete document",
        ErrorKind::Extension(_) => "no extension token",
        ErrorKind::Limit(_) => "limits",
        ErrorKind::LiteralHasToken => "a token where there is one",
        ErrorKind::LiteralName => "literal names without prefix",
        ErrorKind::LiteralNamespace => "every element in a namespace",
        ErrorKind::MbUInt32 => "numbers of five octets",
        ErrorKind::Namespace => "the namespace of the code page",
        ErrorKind::NotText => "text of the charset",
        ErrorKind::NoRoot => "one root element",
        ErrorKind::OctetsBesideContent => "octets alone in an element",
        ErrorKind::ProcessingInstruction => "no processing instruction",
        ErrorKind::PublicIdentifier => "a language of ours",
        ErrorKind::Skeleton => "what a whole element leaves open",
        ErrorKind::StringTable(_) => "offsets inside the string table",
        ErrorKind::StringTableEnd => "a NUL behind the last string (tolerated)",
        ErrorKind::UnknownPage => "code pages of the language",
        ErrorKind::UnknownTag(_) => "tags of the code page",
        ErrorKind::Version(_) => "WBXML 1.1 to 1.3",
        other => panic!("give {other:?} a name"),
    }
}
