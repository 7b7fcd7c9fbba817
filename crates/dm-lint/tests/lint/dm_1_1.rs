//! Accounts of DM 1.1 are called by their name.

use dm_lint::{Catalog, Rule, Severity};

use super::bench::{check, message, seen, source};

const ACCOUNT: &str = "<MgmtTree xmlns='syncml:dmddf1.2'><VerDTD>1.2</VerDTD><Node><NodeName/>\
    <Path>./DMAcc</Path><DFProperties><AccessType><Add/><Get/></AccessType><DFFormat><node/>\
    </DFFormat><Occurrence><ZeroOrMore/></Occurrence><DFType><DDFName>urn:oma:mo:oma-dm-dmacc:1.0\
    </DDFName></DFType></DFProperties><Node><NodeName>Name</NodeName><DFProperties><AccessType>\
    <Add/><Get/></AccessType><DFFormat><chr/></DFFormat><DFType><MIME>text/plain</MIME></DFType>\
    </DFProperties></Node></Node></MgmtTree>";

#[test]
fn nodes_of_a_flat_account_are_told_from_unknown_ones() {
    let other = ACCOUNT.replace("oma-dm-dmacc:1.0", "oma-other:1.0");
    for (ddf, uri, rule, next) in [
        (ACCOUNT, "./DMAcc/a/PortNbr", Rule::AccountOfDm11, "AppAddr/x/Port/x/PortNbr"),
        (ACCOUNT, "./DMAcc/a/ClientPW", Rule::AccountOfDm11, "AAuthLevel CLCRED"),
        (ACCOUNT, "./SyncML/DMAcc/a/Addr", Rule::AccountOfDm11, "AppAddr/x/Addr"),
        (ACCOUNT, "./DMAcc/a/Port", Rule::UnknownNode, ""),
        (ACCOUNT, "./SyncML/DMAcc/a/AppAddr", Rule::UnknownNode, ""),
        (ACCOUNT, "./SyncML/Con/a/Addr", Rule::UnknownNode, ""),
        (&other, "./DMAcc/a/PortNbr", Rule::UnknownNode, ""),
    ] {
        let catalog = Catalog::new(vec![source("a.xml", ddf)]);
        let findings = check(&catalog, &message(&[("Add", uri, "chr", "x")]));
        let all = seen(&findings);
        assert_eq!(all.len(), 1, "{uri}: {all:?}");
        assert_eq!((all[0].0, all[0].1), (rule, Severity::Error), "{uri}");
        let remedy = &findings.list[0].remedy;
        assert!(remedy.contains(next), "{uri}: {remedy}");
    }
}
