//! CRC-32 as Ethernet, zlib and PNG have it: it finds what a camera or a hand got wrong, and stops nobody.

/// CRC-32 of these octets.
pub(crate) fn crc32(octets: &[u8]) -> u32 {
    crc32_of(&[octets])
}

/// CRC-32 of these octets, one behind another.
pub(crate) fn crc32_of(parts: &[&[u8]]) -> u32 {
    let step =
        |crc: u32, octet: &u8| (crc >> 8) ^ TABLE[((crc ^ u32::from(*octet)) & 0xFF) as usize];
    !parts.iter().fold(u32::MAX, |crc, part| part.iter().fold(crc, step))
}

const TABLE: [u32; 256] = table();

const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut at = 0;
    let mut first = 0;
    while at < table.len() {
        let (mut crc, mut bit) = (first, 0);
        while bit < 8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
            bit += 1;
        }
        table[at] = crc;
        at += 1;
        first += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_one_of_the_check_value() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(crc32_of(&[b"1234", b"", b"56789"]), 0xCBF4_3926);
    }
}
