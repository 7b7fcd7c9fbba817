//! References between the connectivity objects of one delivery. [Sessionless §5.5]
//!
//! Inside an object, a reference to an object of the same delivery is `./Inbox/` and the URI of
//! that object inside the delivery. It becomes the URI at which the object stands in the end.
//! Only leaves whose names the maker lists are references; other values are left alone,
//! whatever they look like.

use alloc::collections::BTreeMap;

use crate::tnds::Placed;
use crate::{Failure, Reason, Rules, Uri};

/// Where the nodes of a delivery stand: inside the delivery, and in the end.
pub(crate) type Moved = BTreeMap<Uri, Uri>;

/// Rewrites the value of a leaf if it is a reference into the Inbox; whether it did.
///
/// A reference to nothing in the same delivery fails the whole of it [profile §9].
pub(crate) fn rewrite(placed: &mut Placed, moved: &Moved, rules: &Rules) -> Result<bool, Failure> {
    if !rules.reference_leaves.iter().any(|name| name == placed.uri.name()) {
        return Ok(false);
    }
    let Some(text) = placed.node.as_text().filter(|text| text.starts_with("./Inbox/")) else {
        return Ok(false);
    };
    let is_normal = |uri: &Uri| uri.as_str() == text;
    let target = Uri::parse(text).ok().filter(is_normal).and_then(|uri| moved.get(&uri));
    let target = target.ok_or_else(|| Failure::at(&placed.uri, Reason::DanglingReference))?;
    placed.node.value = Some(target.as_str().into());
    Ok(true)
}
