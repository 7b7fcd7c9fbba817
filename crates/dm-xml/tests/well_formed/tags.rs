//! Line ends, tags, attributes, references, namespaces. [XML 1.0 §2.11, §3.1, §4.1], [Namespaces]

use dm_xml::XmlErrorKind::{
    AttributeTwice, AttributeWithNamespace, Character, Entity, Name, Namespace, Syntax,
};

use crate::{only_lenient, read, refused};

#[test]
fn section_2_11_line_ends() {
    read(&[
        ("<r xmlns='u:r'>a\r\nb\rc\n\r\rd&#13;&#xD;</r>", "a\nb\nc\n\n\nd&#xD;&#xD;"),
        ("<r xmlns='u:r'>\r</r>", "\n"),
        ("<r xmlns='u:r'>&#13;\n</r>", "&#xD;\n"),
        ("<r xmlns='u:r'><a b='\r\n \r&#13;&#10;\t'/></r>", "<a b=\"   &#xD;&#xA; \"></a>"),
    ]);
}

#[test]
fn section_3_1_tags_and_attributes() {
    read(&[
        ("<r\n xmlns = 'u:r'\t></r >", ""),
        ("<r xmlns='u:r'><a b='\"' c=\"'\" d='>'/></r>", "<a b=\"&quot;\" c=\"'\" d=\">\"></a>"),
        ("<r xmlns='u:r'><a b=''\n/></r\n>", "<a b=\"\"></a>"),
    ]);
    refused(&[
        ("<r xmlns='u:r'><a b/></r>", Syntax, 15),
        ("<r xmlns='u:r'><a b=c/></r>", Syntax, 15),
        ("<r xmlns='u:r'><a b='<'/></r>", Syntax, 15),
        ("<r xmlns='u:r'><a b='c/></r>", Syntax, 15),
        ("<r xmlns='u:r'><a b='1'c='2'/></r>", Syntax, 15),
        ("<r xmlns='u:r'><a ='1'/></r>", Syntax, 15),
        ("<r xmlns='u:r'><a / ></r>", Syntax, 15),
        ("<r xmlns='u:r'><a/ b=''></r>", Syntax, 15),
        ("<r xmlns='u:r'><a b='1' c='' b='2'/></r>", AttributeTwice, 15),
        ("<r xmlns='u:r' xmlns='u:r'/>", AttributeTwice, 0),
        ("<r xmlns='u:r'></ r>", Syntax, 15),
        ("<r xmlns='u:r'></r a=''>", Syntax, 15),
        ("<r xmlns='u:r'></R>", Syntax, 15),
        ("<r xmlns='u:r'></rr>", Syntax, 15),
        ("<p:r xmlns:p='u:r' xmlns:q='u:r'></q:r>", Syntax, 33),
        ("<r xmlns='u:r'></r", Syntax, 15),
    ]);
}

#[test]
fn section_4_1_references() {
    read(&[
        ("<r xmlns='u:r'>&lt;&gt;&amp;&apos;&quot;</r>", "&lt;&gt;&amp;'\""),
        ("<r xmlns='u:r'>&#60;&#x3c;&#x3C;&#0065;&#x1F600;</r>", "&lt;&lt;&lt;A\u{1F600}"),
        ("<r xmlns='u:r'>&amp;lt;&#38;lt;</r>", "&amp;lt;&amp;lt;"),
        ("<r xmlns='u:r'><a b='&lt;&#10;&quot;'/></r>", "<a b=\"&lt;&#xA;&quot;\"></a>"),
    ]);
    refused(&[
        ("<r xmlns='u:r'>&nbsp;</r>", Entity, 15),
        ("<r xmlns='u:r'>&LT;</r>", Entity, 15),
        ("<r xmlns='u:r'>&lt</r>", Entity, 15),
        ("<r xmlns='u:r'>&;</r>", Entity, 15),
        ("<r xmlns='u:r'>&#;</r>", Entity, 15),
        ("<r xmlns='u:r'>&#x;</r>", Entity, 15),
        ("<r xmlns='u:r'>&#X41;</r>", Entity, 15),
        ("<r xmlns='u:r'>&#4A;</r>", Entity, 15),
        ("<r xmlns='u:r'>&#+65;</r>", Entity, 15),
        ("<r xmlns='u:r'>&# 65;</r>", Entity, 15),
        ("<r xmlns='u:r'>&#xD800;</r>", Entity, 15),
        ("<r xmlns='u:r'>&#x110000;</r>", Entity, 15),
        ("<r xmlns='u:r'>&#99999999999;</r>", Entity, 15),
        ("<r xmlns='u:r'>&#0;</r>", Entity, 15),
        ("<r xmlns='u:r'>&#1;</r>", Character('\u{1}'), 15),
        ("<r xmlns='u:r'>&#xFFFE;</r>", Character('\u{FFFE}'), 15),
        ("<r xmlns='u:r'><a b='&nbsp;'/></r>", Entity, 15),
        ("<r xmlns='u:r'><a b='&'/></r>", Entity, 15),
    ]);
}

#[test]
fn namespaces() {
    read(&[
        ("<r xmlns='u:r' xmlns:xml='http://www.w3.org/XML/1998/namespace'/>", ""),
        (
            "<r xmlns='u:r' xmlns:p='u:p'><p:a xmlns:p='u:q'/><p:a/></r>",
            "<a xmlns=\"u:q\"></a><a xmlns=\"u:p\"></a>",
        ),
    ]);
    refused(&[
        ("<r xmlns='u:r' xmlns:p=''/>", Namespace, 0),
        ("<r xmlns='rel'/>", Namespace, 0),
        ("<r xmlns='u:r' xmlns:xmlns='u:x'/>", Namespace, 0),
        ("<r xmlns='u:r' xmlns:xml='u:x'/>", Namespace, 0),
        ("<r xmlns='http://www.w3.org/2000/xmlns/'/>", Namespace, 0),
        ("<p:q:r xmlns:p='u:p'/>", Name, 0),
    ]);
    only_lenient(&[
        ("<r/>", Namespace, 0, "<r></r>"),
        ("<r xmlns='u:r'><p:a/></r>", Namespace, 15, "<r xmlns=\"u:r\"><p:a xmlns=\"\"></p:a></r>"),
        (
            "<r xmlns='u:r'><a xmlns=''/></r>",
            Namespace,
            15,
            "<r xmlns=\"u:r\"><a xmlns=\"\"></a></r>",
        ),
        (
            "<r xmlns='u:r' xml:lang='en'/>",
            AttributeWithNamespace,
            0,
            "<r xmlns=\"u:r\" xml:lang=\"en\"></r>",
        ),
    ]);
}
