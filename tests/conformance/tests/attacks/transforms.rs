//! Transform abuse: a signature over what a program inside the message made of the message.
//! [profile §3], [XMLDSIG Best Practices §2]
//!
//! The two transforms are compared, never carried out: there is no XPath, no XSLT, no base64 to run.

use dm_seal::StructureError;

use super::signed;

const ENVELOPED: &str =
    "<Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>";
const EXC_C14N: &str = "<Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>";

#[test]
fn transforms_are_these_two_in_this_order() {
    let both = format!("{ENVELOPED}{EXC_C14N}");
    for wrong in [
        String::new(),
        ENVELOPED.to_owned(),
        EXC_C14N.to_owned(),
        format!("{both}{EXC_C14N}"),
        format!("{ENVELOPED}{both}"),
        both.replace("<Transform ", "<Transform Id=\"t\" "),
        format!("{ENVELOPED}<Transform/>"),
        format!("{ENVELOPED}<Transform algorithm=\"{EXC}\"/>"),
        format!(
            "{both}{}",
            "<Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\"/>".repeat(1_000)
        ),
    ] {
        let error = signed(&both, &wrong);
        assert!(matches!(error, StructureError::Shape(_)), "{wrong}: {error}");
    }
    for wrong in [
        format!("{EXC_C14N}{ENVELOPED}"),
        format!("{ENVELOPED}{ENVELOPED}"),
        format!("{EXC_C14N}{EXC_C14N}"),
    ] {
        let error = signed(&both, &wrong);
        assert!(matches!(error, StructureError::Algorithm { .. }), "{wrong}: {error}");
    }
    let prefixes = "<Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\">\
                    <InclusiveNamespaces xmlns=\"http://www.w3.org/2001/10/xml-exc-c14n#\" \
                    PrefixList=\"\"/></Transform>";
    assert!(matches!(signed(EXC_C14N, prefixes), StructureError::Shape(_)));
    let method = "<CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>";
    let inside = prefixes.replace("Transform", "CanonicalizationMethod");
    assert!(matches!(signed(method, &inside), StructureError::Shape(_)));
}

const ENVELOPE: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const EXC: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";

/// Transforms and canonical forms that others carry out.
const OTHERS: [&str; 15] = [
    "",
    "http://www.w3.org/2000/09/xmldsig#base64",
    "http://www.w3.org/2001/10/xml-exc-c14n",
    "http://www.w3.org/2001/10/xml-exc-c14n# ",
    "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
    "http://www.w3.org/2002/06/xmldsig-filter2",
    "http://www.w3.org/2002/07/decrypt#XML",
    "http://www.w3.org/2006/12/xml-c14n11",
    "http://www.w3.org/2006/12/xml-c14n11#WithComments",
    "http://www.w3.org/TR/1999/REC-xpath-19991116",
    "http://www.w3.org/TR/1999/REC-xslt-19991116",
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments",
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#STR-Transform",
    "file:///etc/passwd",
];

/// Whether an error shows the identifier that it is about, cut off where that is long.
fn names(shown: &str, uri: &str) -> bool {
    uri.starts_with(shown.trim_end_matches("...")) && (uri.is_empty() || !shown.is_empty())
}

#[test]
fn no_other_transform_is_known() {
    for other in OTHERS {
        let named = format!("<Transform Algorithm=\"{other}\"/>");
        for place in [ENVELOPED, EXC_C14N] {
            match signed(place, &named) {
                StructureError::Algorithm { element, uri } => {
                    assert_eq!((&*element, names(&uri, other)), ("Transform", true));
                }
                error => panic!("{other}: {error}"),
            }
        }
    }
}

#[test]
fn no_other_canonical_form_is_known() {
    let method = "<CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>";
    for other in OTHERS {
        match signed(method, &method.replace(EXC, other)) {
            StructureError::Algorithm { element, uri } => {
                assert_eq!((&*element, names(&uri, other)), ("CanonicalizationMethod", true));
            }
            error => panic!("{other}: {error}"),
        }
    }
}

#[test]
fn a_transform_brings_no_program() {
    let xpath = "<XPath>not(ancestor-or-self::SyncBody)</XPath>";
    let sheet = "<xsl:stylesheet xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\" version=\"1.0\">\
                 <xsl:template match=\"/\"><SyncML/></xsl:template></xsl:stylesheet>";
    let filter =
        "<XPath xmlns=\"http://www.w3.org/2002/06/xmldsig-filter2\" Filter=\"subtract\">/</XPath>";
    for program in [xpath, sheet, filter, "text", "<Transforms/>"] {
        for (place, algorithm) in [(ENVELOPED, ENVELOPE), (EXC_C14N, EXC), (EXC_C14N, OTHERS[9])] {
            let error = signed(
                place,
                &format!("<Transform Algorithm=\"{algorithm}\">{program}</Transform>"),
            );
            assert_eq!(
                error.to_string(),
                "the signature's shape is wrong at Signature/SignedInfo/Reference/Transforms/Transform",
                "{program}"
            );
        }
    }
}
