use dm_crypto::generate_device_key;

use super::*;

#[test]
fn what_is_stored_is_loaded_by_its_name() {
    let state = tempfile::tempdir().unwrap();
    assert!(load(state.path(), None).unwrap().is_empty());
    for name in ["d2", "d1"] {
        let pair = generate_device_key("urn:imei:1", name).unwrap();
        let certificate = store(state.path(), name, &pair).unwrap();
        assert_eq!(std::fs::read_to_string(certificate).unwrap(), pair.cert_pem);
    }
    let keys = load(state.path(), None).unwrap();
    assert_eq!(keys.names().collect::<Vec<_>>(), ["d1", "d2"]);
}

#[test]
fn a_key_is_its_owners_alone_and_never_overwritten() {
    let state = tempfile::tempdir().unwrap();
    let pair = generate_device_key("urn:imei:1", "d").unwrap();
    store(state.path(), "d", &pair).unwrap();
    let path = state.path().join(FOLDER).join("d.pem");
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(matches!(store(state.path(), "d", &pair), Err(DeviceKeyError::Exists(_))));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(load(state.path(), None), Err(DeviceKeyError::NotPrivate(_))));
}

#[test]
fn a_key_that_was_cut_off_does_not_stay() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("d.pem");
    let cut = new_file(&path, 0o600, |file| {
        file.write_all(b"-----BEGIN")?;
        Err(std::io::Error::from(ErrorKind::StorageFull))
    });
    assert_eq!(cut.unwrap_err().kind(), ErrorKind::StorageFull);
    assert!(!path.exists());
    write_new(&path, b"whole", 0o600).unwrap();
    assert_eq!(write_new(&path, b"other", 0o600).unwrap_err().kind(), ErrorKind::AlreadyExists);
    assert_eq!(std::fs::read(&path).unwrap(), b"whole");
}

#[test]
fn a_key_that_was_taken_back_can_be_made_again() {
    let state = tempfile::tempdir().unwrap();
    let pair = generate_device_key("urn:imei:1", "d").unwrap();
    store(state.path(), "d", &pair).unwrap();
    remove(state.path(), "d");
    assert!(!state.path().join(FOLDER).exists());
    store(state.path(), "d", &pair).unwrap();
}

#[test]
fn a_file_that_is_too_long_for_a_key_is_not_read_into_memory() {
    let state = tempfile::tempdir().unwrap();
    let path = state.path().join("long.pem");
    write_new(&path, &vec![b'A'; (1 << 20) + 1], 0o600).unwrap();
    let Err(DeviceKeyError::Read { error, .. }) = read("long", &path, None) else { panic!() };
    assert!(error.to_string().contains("more than 1048576 octets"), "{error}");
}

#[test]
fn a_name_never_leaves_the_folder() {
    let state = tempfile::tempdir().unwrap();
    let pair = generate_device_key("urn:imei:1", "d").unwrap();
    for name in ["", "../d", "a/b", ".d", "ü", &"d".repeat(65)] {
        assert!(matches!(store(state.path(), name, &pair), Err(DeviceKeyError::Name(_))));
    }
}

#[test]
fn a_file_that_is_no_key_is_named() {
    let state = tempfile::tempdir().unwrap();
    let pair = generate_device_key("urn:imei:1", "d").unwrap();
    store(state.path(), "d", &pair).unwrap();
    std::fs::write(state.path().join(FOLDER).join("d.pem"), "nonsense").unwrap();
    let Err(DeviceKeyError::Key { path, error }) = load(state.path(), None) else { panic!() };
    assert!(path.ends_with("d.pem"));
    assert_eq!(error, KeyError::NotPrivate);
}

#[test]
fn a_key_at_rest_needs_its_passphrase() {
    let state = tempfile::tempdir().unwrap();
    let mut pair = generate_device_key("urn:imei:1", "d").unwrap();
    pair.key_pem = dm_crypto::encrypted_pem(pair.key_pem.as_bytes(), b"a passphrase").unwrap();
    store(state.path(), "d", &pair).unwrap();
    for (passphrase, expected) in
        [(None, KeyError::Encrypted), (Some(&b"another"[..]), KeyError::Passphrase)]
    {
        let Err(DeviceKeyError::Key { error, .. }) = load(state.path(), passphrase) else {
            panic!("loaded with {passphrase:?}")
        };
        assert_eq!(error, expected);
    }
    assert_eq!(load(state.path(), Some(b"a passphrase")).unwrap().names().count(), 1);

    let pass = state.path().join("pass");
    let text = format!(
        "device_id = \"urn:imei:1\"\nstate = {:?}\n[device_keys]\npass_file = {pass:?}\n",
        state.path()
    );
    let environment: [(&str, &str); 0] = [];
    let config = Config::parse("agent.toml".as_ref(), &text, environment).unwrap();
    assert!(matches!(load_all(&config, None), Err(DeviceKeyError::Passphrase { .. })));
    write_new(&pass, b"a passphrase\r\nand no more\n", 0o640).unwrap();
    let Err(DeviceKeyError::Passphrase { what, .. }) = load_all(&config, None) else {
        panic!("loaded")
    };
    assert!(what.contains("chmod 600"), "{what}");
    std::fs::set_permissions(&pass, std::fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(load_all(&config, None).unwrap().names().collect::<Vec<_>>(), ["d"]);
}

#[test]
fn a_name_that_a_file_has_is_not_taken_by_a_token() {
    let state = tempfile::tempdir().unwrap();
    store(state.path(), "d", &generate_device_key("urn:imei:1", "d").unwrap()).unwrap();
    for (name, is_twice) in [("d", true), ("e", false)] {
        let text = format!(
            "device_id = \"urn:imei:1\"\nstate = {:?}\n[device_keys]\n\
             tokens = [{{ name = {name:?}, uri = \"pkcs11:token=a?module-path=/no/such.so\" }}]\n",
            state.path()
        );
        let environment: [(&str, &str); 0] = [];
        let config = Config::parse("agent.toml".as_ref(), &text, environment).unwrap();
        let refused = load_all(&config, None).unwrap_err();
        assert_eq!(matches!(refused, DeviceKeyError::Twice(_)), is_twice, "{refused}");
        assert_eq!(matches!(refused, DeviceKeyError::Token { .. }), !is_twice, "{refused}");
    }
}
