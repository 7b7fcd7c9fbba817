use alloc::string::ToString;
use alloc::{format, vec};

use super::*;
use crate::{AclError, UriError};

/// One operation of A for each rule that a command can break on a tree. The others are broken
/// by texts before there is an operation ([`Reason::Query`]).
fn broken(reason: Reason) -> Option<(Rules, Run)> {
    let mut rules = rules();
    let run: Run = match reason {
        Reason::AccessType => |t| t.delete(&uri("./Vendor/Fixed")),
        Reason::AccountChange => |t| t.delete(&uri("./DMAcc/a")),
        Reason::AccountCreation => |t| t.add(uri("./Vendor/z"), Node::interior(DM_ACC)),
        Reason::Acl(_) => |t| t.replace_property(&uri("./Vendor"), Property::Acl, "Get"),
        Reason::BelowLeaf => |t| t.add(uri("./Vendor/Setting/X"), Node::text("")),
        Reason::Children => {
            rules.limits.children = 2;
            |t| t.add(uri("./Vendor/Group/Three"), Node::text(""))
        }
        Reason::DanglingReference => |t| {
            let nap = inner("N", NAP).with(leaf("ConRef", "./Inbox/X"));
            t.add_object(&Uri::inbox(), &object(&[nap]))
        },
        Reason::DescribedFormat => {
            describe(&mut rules, "<int/>", "<MIME/>");
            |t| t.add(uri("./Vendor/New"), Node::text("1"))
        }
        Reason::DescribedType => {
            describe(&mut rules, "<chr/>", "<MIME>a/b</MIME>");
            |t| t.add(uri("./Vendor/New"), Node::text("1"))
        }
        Reason::Exists => |t| t.add(uri("./Vendor"), Node::interior("")),
        Reason::Format => |t| t.replace_value(&uri("./Vendor/Count"), b"", None, None),
        Reason::Full => {
            rules.limits.nodes = 1;
            |t| t.add(uri("./Vendor/X"), Node::text(""))
        }
        Reason::Inbox => |t| t.copy(&uri("./Vendor/Setting"), &uri("./Inbox/X")),
        Reason::Interior => |t| t.replace_value(&uri("./Vendor"), b"", None, None),
        Reason::LongUri => {
            rules.limits.depth = 1;
            |t| t.add(uri("./Vendor/X"), Node::text(""))
        }
        Reason::Missing => |t| t.delete(&uri("./None")),
        Reason::Nesting => |t| {
            let deep =
                (0..=crate::OBJECT_DEPTH).fold(leaf("L", ""), |node, _| inner("N", "").with(node));
            t.add_object(&uri("./Vendor"), &object(&[deep]))
        },
        Reason::Needed => {
            describe(&mut rules, "<chr/>", "<MIME/>");
            |t| {
                t.add(uri("./Vendor/New"), Node::text("1"))?;
                t.delete(&uri("./Vendor/New"))
            }
        }
        Reason::NoName => |t| {
            for number in 1..1000 {
                t.add(uri("./Inbox/N"), Node::interior(NAP)).unwrap_or_else(|_| panic!("{number}"));
            }
            t.add(uri("./Inbox/N"), Node::interior(NAP))
        },
        Reason::NotExecutable => |t| t.may_exec(&uri("./Vendor")),
        Reason::NotTnds => |t| {
            let old = MgmtTree { ver_dtd: "1.1".into(), ..object(&[]) };
            t.add_object(&uri("./Vendor"), &old)
        },
        Reason::Occurrence => {
            describe(&mut rules, "<chr/>", "<MIME/>");
            |t| t.add(uri("./Vendor/Group/New"), Node::text("1"))
        }
        Reason::Occurrences => {
            describe(&mut rules, "<node/>", "<DDFName/>");
            |t| t.add(uri("./Vendor/Group/New"), Node::interior(""))
        }
        Reason::OtherTarget => |t| t.replace_object(&uri("./Vendor"), &object(&[])),
        Reason::Path => |t| {
            let node = dm_tnds::Node { path: Some("/A".into()), ..leaf("X", "") };
            t.add_object(&uri("./Vendor"), &object(&[node]))
        },
        Reason::Permanent => |t| t.delete(&uri("./Vendor/Permanent")),
        Reason::Property => |t| t.replace_property(&uri("./Vendor"), Property::Size, ""),
        Reason::Query => return None,
        Reason::Right => |t| t.delete(&uri("./Vendor/Other")),
        Reason::RootAcl => |t| t.replace_property(&Uri::root(), Property::Acl, "Replace=srv.a"),
        Reason::ServerId => {
            rules.account_change = true;
            |t| t.replace_value(&uri("./DMAcc/a/ServerID"), B, None, None)
        }
        Reason::Shape => {
            |t| t.add(uri("./Vendor/X"), Node { format: dm_tnds::Format::Node, ..Node::text("") })
        }
        Reason::SourceInterior => |t| t.copy(&uri("./Vendor"), &uri("./Vendor/X")),
        Reason::Unnamed => {
            |t| t.add_object(&uri("./Vendor"), &object(&[inner("X", "").with(leaf("", ""))]))
        }
        Reason::UnknownExt => {
            rules.policy.ext = crate::Unprepared::Fail;
            |t| t.add(uri("./Vendor/Ext/X"), Node::text(""))
        }
        Reason::UnsupportedObject => {
            rules.policy.unsupported = crate::Unprepared::Fail;
            |t| t.add(uri("./Inbox/N"), Node::interior("urn:oma:mo:oma-strange:1.0"))
        }
        Reason::Uri(_) => |t| t.replace_property(&uri("./Vendor/Group"), Property::Name, ".."),
        Reason::Value => {
            rules.limits.octets_of_a_value = 0;
            |t| t.replace_value(&uri("./Vendor/Setting"), vec![0], None, None)
        }
    };
    Some((rules, run))
}

/// `./Vendor/New` of this format and type, and below `./Vendor/Group`, where two nodes are, at most
/// one of format `chr`, or else two.
fn describe(rules: &mut Rules, format: &str, r#type: &str) {
    let properties = |occurrence: &str| {
        format!(
            "<DFProperties><AccessType><Add/><Delete/></AccessType><DFFormat>{format}</DFFormat>\
             <Occurrence>{occurrence}</Occurrence><DFType>{type}</DFType></DFProperties>"
        )
    };
    let most = if format == "<chr/>" { "<ZeroOrOne/>" } else { "<ZeroOrN>2</ZeroOrN>" };
    let text = format!(
        "<MgmtTree xmlns='syncml:dmddf1.2'><VerDTD>1.2</VerDTD>\
         <Node><NodeName>New</NodeName><Path>./Vendor</Path>{}</Node>\
         <Node><NodeName/><Path>./Vendor/Group</Path>{}</Node></MgmtTree>",
        properties("<One/>"),
        properties(most)
    );
    let document = dm_xml::parse(text.as_bytes(), &dm_xml::Limits::default()).unwrap();
    let ddf = dm_tnds::ddf::Ddf::read(document.root()).unwrap();
    rules.descriptions.add(&ddf, &[]).unwrap();
}

const ALL: [(Reason, u16); 38] = [
    (Reason::AccessType, 405),
    (Reason::AccountChange, 405),
    (Reason::AccountCreation, 403),
    (Reason::Acl(AclError::Entry), 400),
    (Reason::BelowLeaf, 405),
    (Reason::Children, 420),
    (Reason::DanglingReference, 404),
    (Reason::DescribedFormat, 415),
    (Reason::DescribedType, 415),
    (Reason::Exists, 418),
    (Reason::Format, 415),
    (Reason::Full, 420),
    (Reason::Inbox, 405),
    (Reason::Interior, 405),
    (Reason::LongUri, 414),
    (Reason::Missing, 404),
    (Reason::Needed, 405),
    (Reason::Nesting, 413),
    (Reason::NoName, 420),
    (Reason::NotExecutable, 405),
    (Reason::NotTnds, 415),
    (Reason::Occurrence, 405),
    (Reason::Occurrences, 420),
    (Reason::OtherTarget, 404),
    (Reason::Path, 404),
    (Reason::Permanent, 405),
    (Reason::Property, 405),
    (Reason::Query, 406),
    (Reason::Right, 425),
    (Reason::RootAcl, 405),
    (Reason::ServerId, 403),
    (Reason::Shape, 405),
    (Reason::SourceInterior, 403),
    (Reason::UnknownExt, 406),
    (Reason::Unnamed, 404),
    (Reason::UnsupportedObject, 406),
    (Reason::Uri(UriError::DotSegment), 404),
    (Reason::Value, 413),
];

/// The match above names every reason there is; this list has to have as many.
#[test]
fn every_rule_can_be_broken_and_has_its_status() {
    for (reason, code) in ALL {
        assert_eq!(reason.status().code(), code, "{reason:?}");
        let Some((rules, run)) = broken(reason) else { continue };
        let mut device = Device { rules, ..Device::new() };
        if reason == Reason::RootAcl {
            let mut transaction = Transaction::local(&mut device.tree, &device.rules);
            let acl = "Add=*&Replace=srv.a";
            transaction.replace_property(&Uri::root(), Property::Acl, acl).unwrap();
            let _ = transaction.commit(None);
        }
        let mut transaction = Transaction::begin(&mut device.tree, &device.rules, A);
        let failure = run(&mut transaction).unwrap_err();
        assert_eq!(failure.reason, reason);
        assert!(failure.to_string().starts_with(&format!("{code} ")));
    }
}
