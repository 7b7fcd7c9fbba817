use super::*;

const DOCUMENT: [u8; 12] = [2, 0xA4, 1, 0x6A, 0, 0x6D, 0x6B, 0x12, 1, 1, 0x20, 0x20];

fn octets(text: &str) -> Vec<Vec<u8>> {
    let found = recognise(text.as_bytes()).unwrap_or_else(|| panic!("not recognised: {text}"));
    decode_text(text.as_bytes(), found.form, false)
        .into_iter()
        .map(|decoded| decoded.octets)
        .collect()
}

#[test]
fn hexadecimal_text_is_read_however_it_is_written() {
    let expected = [DOCUMENT.to_vec()];
    for text in [
        "02a4016a006d6b1201012020",
        "02 A4 01 6A\n00 6D 6B 12\n01 01 20 20\n",
        "0x02,0xA4,0x01,0x6A,0x00,0x6D,0x6B,0x12,0x01,0x01,0x20,0x20",
        "02:a4:01:6a:00:6d:6b:12:01:01:20:20",
        "# a comment\n02a4016a006d6b12010120\n20",
        "02a4016a006d6b1\n201012020",
        "00000000: 02a4 016a 006d 6b12 0101 2020            ...j.mk...  ",
        "00000000: 02a4 016a 006d 6b12  ...j.mk.\n00000008: 0101 2020            ..  ",
        "00000000  02 a4 01 6a 00 6d 6b 12  01 01 20 20              |...j.mk...  |\n0000000c",
        "0000   02 a4 01 6a 00 6d 6b 12 01 01 20 20               ...j.mk...  ",
        "0000  02 a4 01 6a 00 6d 6b 12\n0008  01 01 20 20",
    ] {
        assert_eq!(octets(text), expected, "{text}");
    }
}

#[test]
fn lines_are_a_list_when_each_is_something() {
    let line = "02a4016a006d6b120101";
    let text = format!("{line}\n\n{line}\n");
    assert_eq!(octets(&text).len(), 2);
    assert_eq!(octets(&format!("{line}\n0101")).len(), 1);
    assert_eq!(octets("0000 02a4\n0002 016a 006d 6b12 0101\n0000 02a4016a006d6b120101").len(), 2);
    assert_eq!(octets("AqQBagBtawEB\nAqQBagBtawEB").len(), 2);
}

#[test]
fn base64_is_read_with_either_alphabet_and_without_padding() {
    for text in ["AqQBagBt/+8=", "AqQBagBt_-8", "AqQB\nagBt\n/+8=\n"] {
        assert_eq!(octets(text), [[2, 0xA4, 1, 0x6A, 0, 0x6D, 0xFF, 0xEF]], "{text}");
    }
}

#[test]
fn binary_forms_are_told_apart() {
    let form = |octets: &[u8]| recognise(octets).map(|found| found.form);
    assert_eq!(form(&DOCUMENT), Some(Form::Wbxml));
    assert_eq!(form(b"\x01\x06\x03\xC2\xAF\x87\x02"), Some(Form::Wsp));
    assert_eq!(form(b"\x06\x05\x04\x0B\x84\x23\xF0\x01\x06"), Some(Form::ShortMessage));
    let tpdu = b"\x04\x03\x91\x21\xF3\x00\x04\x42\x10\x20\x30\x40\x50\x00\x02\x01\x06";
    assert_eq!(form(tpdu), Some(Form::Tpdu));
    assert_eq!(form(b"\0\x6A\0\x45\x01"), Some(Form::Wbxml), "1.0 has no charset");
    assert_eq!(form(b"\x02\x09\x6A\0\x45\x01"), Some(Form::Wbxml), "of a language nobody knows");
    assert_eq!(form(b""), None);
    assert_eq!(form(&[0xFF; 9]), None);
}
