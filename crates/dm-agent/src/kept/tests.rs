use std::path::PathBuf;

use super::*;

fn message(number: u64, octets: usize) -> Message {
    let octets = vec![u8::try_from(number % 251).unwrap(); octets];
    Message { octets, received: Some(number), from: format!("http 127.0.0.1:{number}") }
}

/// Its outcome is durable.
fn over(kept: &mut Kept, place: Place) {
    kept.done(place);
    kept.sweep().unwrap();
}

/// What a start would find, without one.
fn left(folder: &Path) -> Vec<Message> {
    let segments = segments(folder).into_iter().map(|path| std::fs::read(path).unwrap());
    segments.flat_map(|octets| record::decode(&octets).messages).map(|(_, it)| it).collect()
}

fn segments(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder.join(FOLDER)).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

#[test]
fn what_is_kept_is_left_in_order_until_it_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let (mut kept, none) = Kept::open(folder.path(), None).unwrap();
    assert!(none.is_empty() && !folder.path().join(FOLDER).exists());
    let [one, two, three] = [1, 2, 3].map(|number| message(number, 100));
    let first = kept.keep(&[one.clone(), two.clone()]).unwrap();
    let second = kept.keep(std::slice::from_ref(&three)).unwrap();
    assert_eq!(left(folder.path()), [one, two, three]);
    for place in first.into_iter().chain(second) {
        assert!(!left(folder.path()).is_empty());
        over(&mut kept, place);
    }
    assert_eq!(left(folder.path()), []);
    let again = message(4, 100);
    kept.keep(std::slice::from_ref(&again)).unwrap();
    assert_eq!(left(folder.path()), [again]);
}

#[test]
fn what_was_left_is_done_after_a_start_and_its_segment_goes() {
    let folder = tempfile::tempdir().unwrap();
    let mut kept = Kept::open(folder.path(), None).unwrap().0;
    kept.keep(&[message(1, 10), message(2, 10)]).unwrap();
    drop(kept);
    let (mut kept, left) = Kept::open(folder.path(), None).unwrap();
    kept.keep(&[message(3, 10)]).unwrap();
    assert_eq!(segments(folder.path()).len(), 2);
    for (place, _) in left {
        over(&mut kept, place);
    }
    assert_eq!(segments(folder.path()).len(), 1);
    assert_eq!(Kept::open(folder.path(), None).unwrap().1.len(), 1);
}

#[test]
fn segments_do_not_grow_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let mut kept = Kept::open(folder.path(), None).unwrap().0;
    let mut places = Vec::new();
    for number in 0..100 {
        places.extend(kept.keep(&[message(number, 30_000)]).unwrap());
        if places.len() > 3 {
            over(&mut kept, places.remove(0)); // never all are done
        }
    }
    let octets: u64 =
        segments(folder.path()).iter().map(|path| path.metadata().unwrap().len()).sum();
    assert!(octets < 3 * SEGMENT, "{octets}");
    assert_eq!(left(folder.path()).last(), Some(&message(99, 30_000)));
}

#[test]
fn a_half_written_record_is_no_message_whichever_part_of_it_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let mut kept = Kept::open(folder.path(), None).unwrap().0;
    kept.keep(&[message(1, 40)]).unwrap();
    let path = segments(folder.path()).remove(0);
    let whole = path.metadata().unwrap().len();
    kept.keep(&[message(2, 40)]).unwrap();
    let octets = std::fs::read(&path).unwrap();
    let first = usize::try_from(whole).unwrap();
    for end in first..octets.len() {
        std::fs::write(&path, &octets[..end]).unwrap();
        assert_eq!(left(folder.path()), [message(1, 40)], "cut to {end}");
        // Or as long as it should be, with what was never written.
        let unwritten = [&octets[..end], &vec![0; octets.len() - end]].concat();
        std::fs::write(&path, unwritten).unwrap();
        assert_eq!(left(folder.path())[0], message(1, 40), "zeros from {end}");
        assert_eq!(left(folder.path()).len(), 1, "zeros from {end}");
    }
}

#[test]
fn what_is_in_the_queue_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    Kept::open(folder.path(), None).unwrap().0.keep(&[message(1, 1)]).unwrap();
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder.path().join(FOLDER)), 0o700);
    assert_eq!(mode(&segments(folder.path())[0]), 0o600);
}

/// However long ago: the replay protection may have forgotten it.
#[test]
fn what_is_done_is_never_left_even_if_its_segment_stays() {
    let folder = tempfile::tempdir().unwrap();
    let mut kept = Kept::open(folder.path(), None).unwrap().0;
    let places = kept.keep(&(0..300).map(|n| message(n, 10)).collect::<Vec<_>>()).unwrap();
    let mut mark = Vec::new();
    for (number, place) in places.into_iter().enumerate() {
        if number != 7 && number < 299 {
            mark = kept.mark(place); // durable with its outcome
            over(&mut kept, place);
        }
    }
    assert_eq!(mark.len(), 2 * 8, "the highest, and one that was left out");
    drop(kept);
    let (mut kept, left) = Kept::open(folder.path(), Some(&mark)).unwrap();
    let numbers = left.iter().map(|(_, message)| message.received);
    assert_eq!(numbers.collect::<Vec<_>>(), [Some(7), Some(299)]);
    let new = kept.keep(&[message(300, 10)]).unwrap();
    assert!(left.iter().all(|(place, _)| new[0] > *place));
    for (place, _) in &left {
        mark = kept.mark(*place);
        over(&mut kept, *place);
    }
    assert_eq!(mark, kept.mark(left[0].0), "in whichever order");
    let left = Kept::open(folder.path(), Some(&mark)).unwrap().1;
    assert_eq!(left.iter().map(|(place, _)| *place).collect::<Vec<_>>(), new);
}

#[test]
fn numbers_go_on_when_nothing_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let mut kept = Kept::open(folder.path(), None).unwrap().0;
    let first = kept.keep(&[message(1, 10)]).unwrap()[0];
    let mark = kept.mark(first);
    over(&mut kept, first);
    std::fs::remove_dir_all(folder.path().join(FOLDER)).unwrap();
    let mut kept = Kept::open(folder.path(), Some(&mark)).unwrap().0;
    kept.keep(&[message(2, 10)]).unwrap();
    drop(kept);
    assert_eq!(Kept::open(folder.path(), Some(&mark)).unwrap().1[0].1, message(2, 10));
}

#[test]
fn a_queue_has_its_limits() {
    let folder = tempfile::tempdir().unwrap();
    let mut kept = Kept::open(folder.path(), None).unwrap().0;
    let mut places = Vec::new();
    let error = loop {
        match kept.keep(&vec![message(1, 10); 500]) {
            Ok(more) => places.extend(more),
            Err(error) => break error,
        }
    };
    assert_eq!((error.kind(), places.len()), (io::ErrorKind::QuotaExceeded, 4_000));
    for place in places {
        over(&mut kept, place);
    }
    let long = message(2, 3 << 20);
    let taken = (0..20).take_while(|_| kept.keep(std::slice::from_ref(&long)).is_ok()).count();
    assert_eq!(taken, 10, "of 3 MiB each");
}

#[test]
fn a_segment_that_is_damaged_in_its_middle_is_put_aside_and_none_of_it_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let mut kept = Kept::open(folder.path(), None).unwrap().0;
    kept.keep(&[message(1, 40), message(2, 40), message(3, 40)]).unwrap();
    drop(kept);
    let path = segments(folder.path()).remove(0);
    let whole = std::fs::read(&path).unwrap();
    for at in whole.len() / 3 + 1..2 * whole.len() / 3 - 1 {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x10;
        let contents = record::decode(&damaged);
        assert_eq!((contents.messages.len(), contents.is_damaged), (1, true), "octet {at}");
    }
    let mut damaged = whole.clone();
    damaged[whole.len() / 2] ^= 0x10;
    std::fs::write(&path, &damaged).unwrap();

    for _ in 0..2 {
        let (_, left) = Kept::open(folder.path(), None).unwrap();
        assert_eq!(left.len(), 1, "what is before the damage is carried out first");
    }
    let (mut kept, left) = Kept::open(folder.path(), None).unwrap();
    over(&mut kept, left[0].0);
    let aside = path.with_extension("damaged");
    assert_eq!(segments(folder.path()), std::slice::from_ref(&aside));
    assert_eq!(std::fs::read(&aside).unwrap(), damaged);
    // Nothing gets its name again.
    let (mut kept, left) = Kept::open(folder.path(), None).unwrap();
    assert!(left.is_empty());
    kept.keep(&[message(4, 10)]).unwrap();
    assert_eq!(segments(folder.path()).len(), 2);
    assert_eq!(std::fs::read(&aside).unwrap(), damaged);
}

/// One wait for the disk is enough for many messages, and what is taken again has an end.
#[test]
fn what_is_done_stays_until_it_is_swept_which_is_due_now_and_then() {
    let folder = tempfile::tempdir().unwrap();
    let mut kept = Kept::open(folder.path(), None).unwrap().0;
    let places = kept.keep(&(0..200).map(|n| message(n, 10)).collect::<Vec<_>>()).unwrap();
    let mut sweeps = 0;
    for place in places {
        kept.done(place);
        assert!(!left(folder.path()).is_empty(), "the store may have lost it");
        if kept.is_due() {
            kept.sweep().unwrap();
            sweeps += 1;
        }
    }
    assert_eq!(sweeps, 3, "of 200 messages");
    // A large one is not taken again for nothing, unless others wait.
    kept.sweep().unwrap();
    let large = kept.keep(&[message(1, 300_000), message(2, 10)]).unwrap();
    kept.done(large[0]);
    assert!(!kept.is_due());
    kept.done(large[1]);
    assert!(kept.is_due());
    kept.sweep().unwrap();
    assert!(!kept.is_due() && left(folder.path()).is_empty());
}

/// A message that looks like a great many records, behind damage: it ends, as it is looked through
/// for a bounded number of octets.
#[test]
fn damage_is_looked_through_in_bounded_time() {
    let looks_like_a_record = [&(1_u32 << 22).to_be_bytes()[..], &[0; 4], b"{"].concat();
    let octets = looks_like_a_record.repeat(1 << 20);
    let contents = record::decode(&octets);
    assert!(contents.is_damaged && contents.messages.is_empty());
}
