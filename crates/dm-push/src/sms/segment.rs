//! A push too long for one short message, cut into segments. [TS 23.040 §9.2.3.24.1]

use alloc::vec;
use alloc::vec::Vec;

use super::udh::{Concatenation, Element, Ports, Reference, UserDataHeader};
use super::{MAX_USER_DATA, ShortMessage};
use crate::{Error, ErrorKind};

/// Cuts `data` into as few short messages as hold it, in order; one needs no segment number.
///
/// ```
/// use dm_push::sms::{Ports, Reference, segment};
/// let ports = Ports { destination: 2948, source: 9200 };
/// assert_eq!(segment(&[0; 133], ports, Reference::Eight(1))?.len(), 1);
/// let two = segment(&[0; 134], ports, Reference::Eight(1))?;
/// assert_eq!(two.iter().map(|part| part.data.len()).collect::<Vec<_>>(), [128, 6]);
/// # Ok::<(), dm_push::Error>(())
/// ```
///
/// # Errors
/// [`ErrorKind::UserDataTooLong`] if 255 segments do not hold it.
pub fn segment(
    data: &[u8],
    ports: Ports,
    reference: Reference,
) -> Result<Vec<ShortMessage<'_>>, Error> {
    let whole = UserDataHeader { elements: vec![Element::Ports16(ports)] };
    if whole.octets() + data.len() <= MAX_USER_DATA {
        return Ok(vec![ShortMessage { header: Some(whole), data }]);
    }
    let header = |total, sequence| UserDataHeader {
        elements: vec![
            Element::Ports16(ports),
            Element::Concatenation(Concatenation { reference, total, sequence }),
        ],
    };
    let capacity = MAX_USER_DATA - header(1, 1).octets();
    let limit = capacity * usize::from(u8::MAX);
    let total = u8::try_from(data.len().div_ceil(capacity))
        .map_err(|_| Error::new(ErrorKind::UserDataTooLong { octets: data.len(), limit }, limit))?;
    let numbered = data.chunks(capacity).zip(1..=total);
    Ok(numbered
        .map(|(data, sequence)| ShortMessage { header: Some(header(total, sequence)), data })
        .collect())
}
