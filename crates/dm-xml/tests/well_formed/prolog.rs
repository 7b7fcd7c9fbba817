//! What stands before the root. [XML 1.0 §2.8]

use dm_xml::XmlErrorKind::{
    DocumentType, Encoding, Entity, Name, ProcessingInstruction, Root, Syntax,
};

use crate::{only_lenient, read, refused, refused_later};

#[test]
fn section_2_8_declaration() {
    let good = "<r xmlns='u:r'/>";
    for declaration in [
        "<?xml version='1.0'?>",
        "<?xml version=\"1.0\" encoding='utf-8'?>\n",
        "<?xml\tversion = '1.0'\nencoding= \"US-ASCII\"\rstandalone ='no' ?><!-- -->",
        "\u{FEFF}<?xml version='1.0' standalone='yes'?>",
        "\u{FEFF}",
    ] {
        read(&[(&format!("{declaration}{good}"), "")]);
    }
    refused(&[
        ("<?xml?><r/>", Syntax, 0),
        ("<?xml version='1.1'?><r/>", Syntax, 0),
        ("<?xml version=1.0?><r/>", Syntax, 0),
        ("<?xml version='1.0?><r/>", Syntax, 0),
        ("<?xml encoding='UTF-8'?><r/>", Syntax, 0),
        ("<?xml version='1.0' standalone='yes' encoding='UTF-8'?><r/>", Syntax, 0),
        ("<?xml version='1.0' encoding='UTF-16'?><r/>", Encoding, 0),
        ("<?xml version='1.0' standalone='YES'?><r/>", Syntax, 0),
        ("<?xml version='1.0' x='y'?><r/>", Syntax, 0),
        (" <?xml version='1.0'?><r/>", ProcessingInstruction, 1),
        ("<?xml version='1.0'?><?xml version='1.0'?><r/>", ProcessingInstruction, 21),
        ("<r xmlns='u:r'><?xml version='1.0'?></r>", ProcessingInstruction, 15),
        ("\u{FEFF}\u{FEFF}<r xmlns='u:r'/>", Root, 3),
    ]);
    refused_later(&[("<?xmlversion='1.0'?><r/>", ProcessingInstruction, Name, 0)]);
}

#[test]
fn section_2_8_document_type() {
    only_lenient(&[
        ("<!DOCTYPE r><r/>", DocumentType, 0, "<r></r>"),
        ("\n<!DOCTYPE r SYSTEM \"a>b\"><r/>", DocumentType, 1, "<r></r>"),
        (
            "<!DOCTYPE r [<!ENTITY e ']>'><!-- ' ]> --><?p ]> \"?>\n] ><r/>",
            DocumentType,
            0,
            "<r></r>",
        ),
    ]);
    refused_later(&[
        ("<!DOCTYPE r", DocumentType, Syntax, 0),
        ("<!DOCTYPE r [", DocumentType, Syntax, 0),
        ("<!DOCTYPE r><!DOCTYPE r><r/>", DocumentType, Root, 12),
        ("<r xmlns='u:r'><!DOCTYPE r></r>", DocumentType, Root, 15),
        ("<r xmlns='u:r'/><!DOCTYPE r>", DocumentType, Root, 16),
        ("<!DOCTYPE r [<!ENTITY e 'x'>]><r xmlns='u:r'>&e;</r>", DocumentType, Entity, 45),
        ("<!DOCTYPEr><r/>", DocumentType, Syntax, 0),
    ]);
    refused(&[("<!doctype r><r/>", Syntax, 0), ("<!ELEMENT r ANY><r/>", Syntax, 0)]);
}
