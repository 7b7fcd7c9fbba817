//! Short messages: what is read is written to the same octets, and segments in any order become
//! the one message that they were cut from.

use arbitrary::{Result, Unstructured};
use dm_push::sms::reassembly::{Added, Limits, Part, Reassembler};
use dm_push::sms::{Pdu, Ports, Reference, ShortMessage, Udhi, segment};

/// The first octet says what the rest is: 0 a TPDU, 1 user data, else choices of segments.
///
/// # Panics
/// When an error points outside the octets, octets change, a segmented message does not come out
/// whole exactly once, or more is held than the limits allow.
pub fn check(octets: &[u8]) {
    match octets {
        [0, octets @ ..] => match Pdu::read(octets) {
            Ok(pdu) => assert_eq!(pdu.write().as_deref(), Ok(octets)),
            Err(error) => assert!(error.offset <= octets.len(), "{error}"),
        },
        [1, octets @ ..] => {
            for udhi in [Udhi::Present, Udhi::Absent, Udhi::Unknown] {
                match ShortMessage::read(octets, udhi) {
                    Ok(message) => assert_eq!(message.write().as_deref(), Ok(octets), "{udhi:?}"),
                    Err(error) => assert!(error.offset <= octets.len(), "{error}"),
                }
            }
        }
        [_, choices @ ..] => {
            let _ = cut_and_joined(&mut Unstructured::new(choices));
            let _ = any_parts(&mut Unstructured::new(choices));
        }
        [] => {}
    }
}

const PORTS: Ports = Ports { destination: 2948, source: 9200 };

/// Segments of one message, in an order of choice, some of them twice.
fn cut_and_joined(choices: &mut Unstructured<'_>) -> Result<()> {
    let reference =
        if choices.arbitrary()? { Reference::Eight(7) } else { Reference::Sixteen(0x0107) };
    let length = choices.int_in_range(0..=2_000_usize)?;
    let data: Vec<u8> = (0..length).map(|at| at.to_le_bytes()[0] ^ at.to_le_bytes()[1]).collect();
    let parts = segment(&data, PORTS, reference).expect("far below 255 segments");
    let mut order: Vec<usize> = (0..parts.len()).collect();
    for at in 0..order.len() {
        order.swap(at, choices.choose_index(parts.len())?);
    }
    let mut reassembler = Reassembler::new(Limits::default());
    let mut missing = parts.len();
    for input in order {
        let written = parts[input].write().expect("it fits");
        let message = ShortMessage::read(&written, Udhi::Unknown).expect("we wrote it");
        assert_eq!(message, parts[input]);
        missing -= 1;
        match reassembler.add(Part::of(&message, 0_u8, input)).expect("no conflict") {
            Added::Whole(whole) => {
                assert_eq!((whole.octets == data, missing), (true, 0));
                let inputs: Vec<usize> =
                    whole.contributions.iter().map(|part| part.input).collect();
                assert_eq!(inputs, (0..parts.len()).collect::<Vec<_>>());
            }
            Added::Waiting { missing: said } => assert_eq!(usize::from(said), missing),
            other => panic!("{other:?}"),
        }
        if missing > 0 && choices.ratio(1, 3)? {
            let again = reassembler.add(Part::of(&message, 0, 999)).expect("no conflict");
            assert_eq!(again, Added::Duplicate { of: input });
        }
    }
    assert_eq!(missing, 0);
    assert_eq!(reassembler.pending().count(), 0);
    Ok(())
}

/// Parts of anybody, that fit together or not.
fn any_parts(choices: &mut Unstructured<'_>) -> Result<()> {
    let limits = Limits { sets: 4, parts: 12, octets: 200, age: Some(50) };
    let mut reassembler = Reassembler::new(limits);
    for input in 0..200 {
        if choices.is_empty() {
            break;
        }
        let length = choices.int_in_range(0..=40)?;
        let octets = choices.bytes(choices.len().min(length))?;
        let message = ShortMessage::read(octets, Udhi::Unknown).expect("its content decides");
        let mut part = Part::of(&message, choices.int_in_range(0..=2_u8)?, input);
        part.time = Some(u64::try_from(input).expect("small"));
        drop(reassembler.add(part));
        let held: Vec<_> = reassembler.pending().collect();
        assert!(held.len() <= limits.sets);
        assert!(held.iter().map(|set| set.inputs.len()).sum::<usize>() <= limits.parts);
        assert!(held.iter().map(|set| set.octets).sum::<usize>() <= limits.octets);
    }
    drop(reassembler.expire(u64::MAX));
    assert_eq!(reassembler.pending().count(), 0, "all of it was too old");
    Ok(())
}
