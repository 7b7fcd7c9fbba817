//! The DM DDF code page and names. [TND 1.2 §8.6], [wire facts: page 2]

use dm_wbxml::CodePage;

/// The namespace of DDF and TNDS elements.
pub const NAMESPACE: &str = "syncml:dmddf1.2";

/// The formal public identifier of a stand-alone object; it has no registered number.
pub const PUBLIC_TEXT: &str = "-//OMA//DTD-DM-DDF 1.2//EN";

/// Code page 2 of SyncML, the only page that DDF elements are written on.
pub const PAGE: CodePage = CodePage::new(
    2,
    NAMESPACE,
    &[
        "AccessType",
        "ACL",
        "Add",
        "b64",
        "bin",
        "bool",
        "chr",
        "CaseSense",
        "CIS",
        "Copy",
        "CS",
        "date",
        "DDFName",
        "DefaultValue",
        "Delete",
        "Description",
        "DFFormat",
        "DFProperties",
        "DFTitle",
        "DFType",
        "Dynamic",
        "Exec",
        "float",
        "Format",
        "Get",
        "int",
        "Man",
        "MgmtTree",
        "MIME",
        "Mod",
        "Name",
        "Node",
        "node",
        "NodeName",
        "null",
        "Occurrence",
        "One",
        "OneOrMore",
        "OneOrN",
        "Path",
        "Permanent",
        "Replace",
        "RTProperties",
        "Scope",
        "Size",
        "time",
        "Title",
        "TStamp",
        "Type",
        "Value",
        "VerDTD",
        "VerNo",
        "xml",
        "ZeroOrMore",
        "ZeroOrN",
        "ZeroOrOne",
    ],
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_in_the_docs_is_that_of_the_code() {
        let docs = include_str!("../../../docs/code-pages.md");
        let section = docs.split("\n## ").find_map(|part| part.strip_prefix("DM DDF\n"));
        let lines = section.expect("the docs have the heading").lines();
        let in_docs: Vec<_> = lines.filter(|line| line.starts_with("| 2 |")).collect();
        let row = |(token, name)| format!("| {} | {token:02X} | {name} | 1.2 |", PAGE.number());
        let in_code: Vec<_> = PAGE.tokens().map(row).collect();
        assert_eq!(in_code, in_docs);
    }
}
