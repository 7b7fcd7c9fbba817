use super::*;

fn message(number: u64, octets: usize) -> Message {
    let octets = vec![u8::try_from(number % 251).unwrap(); octets];
    Message { octets, received: Some(number), from: format!("http 127.0.0.1:{number}") }
}

/// What a start would find, without one.
fn left(folder: &Path) -> Vec<Message> {
    let segments = segments(folder).into_iter().map(|path| std::fs::read(path).unwrap());
    segments.flat_map(|octets| messages(&octets).collect::<Vec<_>>()).collect()
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
    let (mut kept, none) = Kept::open(folder.path()).unwrap();
    assert!(none.is_empty() && !folder.path().join(FOLDER).exists());
    let [one, two, three] = [1, 2, 3].map(|number| message(number, 100));
    let first = kept.keep(&[one.clone(), two.clone()]).unwrap();
    let second = kept.keep(std::slice::from_ref(&three)).unwrap();
    assert_eq!(left(folder.path()), [one, two, three]);
    for place in first.into_iter().chain(second) {
        assert!(!left(folder.path()).is_empty());
        kept.done(place).unwrap();
    }
    assert_eq!(left(folder.path()), []);
    let again = message(4, 100);
    kept.keep(std::slice::from_ref(&again)).unwrap();
    assert_eq!(left(folder.path()), [again]);
}

#[test]
fn what_was_left_is_done_after_a_start_and_its_segment_goes() {
    let folder = tempfile::tempdir().unwrap();
    let mut kept = Kept::open(folder.path()).unwrap().0;
    kept.keep(&[message(1, 10), message(2, 10)]).unwrap();
    drop(kept);
    let (mut kept, left) = Kept::open(folder.path()).unwrap();
    kept.keep(&[message(3, 10)]).unwrap();
    assert_eq!(segments(folder.path()).len(), 2);
    for (place, _) in left {
        kept.done(place).unwrap();
    }
    assert_eq!(segments(folder.path()).len(), 1);
    assert_eq!(Kept::open(folder.path()).unwrap().1.len(), 1);
}

#[test]
fn segments_do_not_grow_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let mut kept = Kept::open(folder.path()).unwrap().0;
    let mut places = Vec::new();
    for number in 0..100 {
        places.extend(kept.keep(&[message(number, 30_000)]).unwrap());
        if places.len() > 3 {
            kept.done(places.remove(0)).unwrap(); // never all are done
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
    let mut kept = Kept::open(folder.path()).unwrap().0;
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
    Kept::open(folder.path()).unwrap().0.keep(&[message(1, 1)]).unwrap();
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder.path().join(FOLDER)), 0o700);
    assert_eq!(mode(&segments(folder.path())[0]), 0o600);
}

#[test]
fn a_disk_that_fails_is_told_and_spoils_nothing_that_was_kept() {
    let folder = tempfile::tempdir().unwrap();
    let mut kept = Kept::open(folder.path()).unwrap().0;
    kept.keep(&[message(1, 10)]).unwrap();
    let (file, length) = kept.current.take().unwrap();
    let path = segments(folder.path()).remove(0);
    kept.current = Some((File::open(path).unwrap(), length)); // cannot be written
    assert!(kept.keep(&[message(2, 10)]).is_err());
    drop(file);
    assert_eq!(left(folder.path()), [message(1, 10)]);
    kept.keep(&[message(3, 10)]).unwrap(); // in a segment of its own
    assert_eq!(left(folder.path()), [message(1, 10), message(3, 10)]);
}
