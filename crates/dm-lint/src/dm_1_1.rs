//! The accounts of DM 1.1: flat, where DM 1.2 has `AppAddr` and `AppAuth`. [STD 1.1.2 DMAcc,
//! STD 1.2 §7.1.3.1]
//!
//! A message for such a device has nodes that no description of DM 1.2 has, and none of them is
//! a mistake in writing.

use alloc::string::String;

use dm_tnds::ddf::{DdfNode, DfType};

/// Where DM 1.2 has what this node of an account of DM 1.1 holds; none: it is none of them.
/// `Name` is the same in both, and `ServerId` differs by its case.
fn successor(name: &str) -> Option<&'static str> {
    Some(match name {
        "Addr" => "AppAddr/x/Addr",
        "AddrType" => "AppAddr/x/AddrType",
        "AuthPref" => "AAuthPref",
        "ClientNonce" => "AppAuth/x/AAuthData, with AAuthLevel CLCRED",
        "ClientPW" => "AppAuth/x/AAuthSecret, with AAuthLevel CLCRED",
        "ConRef" => "PrefConRef, or ToConRef/x/ConRef",
        "PortNbr" => "AppAddr/x/Port/x/PortNbr",
        "ServerId" => "ServerID",
        "ServerNonce" => "AppAuth/x/AAuthData, with AAuthLevel SRVCRED",
        "ServerPW" => "AppAuth/x/AAuthSecret, with AAuthLevel SRVCRED",
        "UserName" => "AppAuth/x/AAuthName, with AAuthLevel CLCRED",
        _ => return None,
    })
}

/// The node of an account of DM 1.1 that these names lead to, and where DM 1.2 has it. `above` is
/// the deepest described node on the way, and `name` the one below it; nothing described: the
/// accounts of DM 1.1 are below `./SyncML/DMAcc`.
pub(crate) fn node<'n>(
    above: Option<&DdfNode>,
    name: &'n str,
    names: &'n [String],
) -> Option<(&'n str, &'static str)> {
    let name = match (above, names) {
        (Some(above), _) => {
            let object = above.properties.df_type.as_ref().and_then(DfType::object);
            object.filter(|object| object.starts_with(DM_ACC)).map(|_| name)?
        }
        (None, [sync_ml, accounts, _, name, ..]) if sync_ml == "SyncML" && accounts == "DMAcc" => {
            name
        }
        (None, _) => return None,
    };
    Some((name, successor(name)?))
}

const DM_ACC: &str = "urn:oma:mo:oma-dm-dmacc:";
