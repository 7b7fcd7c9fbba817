//! Client provisioning: the vocabulary of `wap-provisioningdoc`. [OMA ProvCont 1.1 §7]
//!
//! Such a document is a `characteristic` in a `characteristic`, and in it `parm`s, each with a name
//! and a value: all that it says is in attributes. So it is the one language here whose attributes
//! have tokens. Its elements are in no namespace.
//!
//! ```
//! let page = dm_prov::PROV.attribute_page(1).unwrap();
//! assert_eq!(page.start(0x55), Some(("type", "APPLICATION")));
//! assert_eq!(page.longest_start("name", "APPID"), Some((0x36, "")));
//! assert_eq!(page.longest_start("name", "MyVendor"), Some((0x05, "MyVendor")));
//! ```

#![no_std]

#[cfg(test)]
extern crate std;

mod page_0;
mod page_1;
#[cfg(test)]
mod tests;

use dm_wbxml::{AttributePage, CodePage, Vocabulary};

/// The namespace of the elements: none.
pub const NAMESPACE: &str = "";

/// The tag pages. Page 1 has the same tags, for those who switch both kinds of page together.
static PAGES: [CodePage; 2] = [
    CodePage::new(0, NAMESPACE, &["wap-provisioningdoc", "characteristic", "parm"]),
    CodePage::new(1, NAMESPACE, &["", "characteristic", "parm"]),
];

static ATTRIBUTES: [AttributePage; 2] = [
    AttributePage::new(0, page_0::STARTS, page_0::VALUES),
    AttributePage::new(1, page_1::STARTS, page_1::VALUES),
];

/// A provisioning document.
pub static PROV: Vocabulary = Vocabulary {
    number: 0x0B,
    text: "-//WAPFORUM//DTD PROV 1.0//EN",
    pages: &PAGES,
    attributes: &ATTRIBUTES,
};
