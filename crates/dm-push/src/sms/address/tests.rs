use alloc::string::ToString;

use super::*;

fn read(octets: &[u8]) -> Result<Address, Error> {
    Address::read(&mut Cursor::new(octets))
}

#[test]
fn an_odd_number_ends_in_a_filler() {
    let octets = [0x0B, 0x91, 0x64, 0x07, 0x28, 0x15, 0x53, 0xF8];
    let address = read(&octets).unwrap();
    assert_eq!(address.to_string(), "+46708251358");
    assert_eq!(Address::number("+46708251358"), Ok(address));
}

#[test]
fn a_filler_that_is_missing_or_too_early_is_refused() {
    let bad = |octet, at| Err(Error::new(ErrorKind::BadSemiOctet { octet }, at));
    assert_eq!(read(&[0x03, 0x91, 0x21, 0x43]), bad(0x43, 3));
    assert_eq!(read(&[0x04, 0x91, 0x21, 0xF3]), bad(0xF3, 3));
    assert_eq!(read(&[0x04, 0x91, 0x2F, 0x43]), bad(0x2F, 2));
}

#[test]
fn all_fifteen_digits_are_read_and_written() {
    let text = "0123456789*#abc";
    assert_eq!(Address::number(text).unwrap().to_string(), text);
    assert_eq!(Address::number("+12x"), Err(Error::new(ErrorKind::NotText { octet: b'x' }, 3)));
}

#[test]
fn twenty_semi_octets_are_the_most() {
    assert!(Address::number("12345678901234567890").is_ok());
    let too_long = ErrorKind::AddressTooLong { semi_octets: 21 };
    assert_eq!(Address::number("123456789012345678901"), Err(Error::new(too_long, 0)));
    assert_eq!(read(&[21, 0x91]), Err(Error::new(too_long, 0)));
}

#[test]
fn a_type_without_its_highest_bit_is_refused() {
    let bad = Error::new(ErrorKind::BadAddressType { octet: 0x11 }, 1);
    assert_eq!(read(&[0x02, 0x11, 0x21]), Err(bad));
}

#[test]
fn a_name_has_at_most_eleven_characters() {
    for name in ["A", "ACME", "seven_7", "eight__8", "eleven_char"] {
        assert_eq!(Address::alphanumeric(name).unwrap().to_string(), name);
    }
    assert!(Address::alphanumeric("twelve_chars").is_err());
}

#[test]
fn a_service_centre_counts_octets() {
    let octets = [0x91, 0x72, 0x38, 0x01, 0x00, 0x10, 0xF5];
    let address = Address::read_octets(&mut Cursor::new(&octets), 7).unwrap();
    assert_eq!(address.to_string(), "+27831000015");
    let none = Address::read_octets(&mut Cursor::new(&[0x81]), 1).unwrap();
    assert_eq!((none.semi_octets(), none.to_string()), (0, String::new()));
}
