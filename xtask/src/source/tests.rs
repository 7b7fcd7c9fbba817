use super::*;

fn words(text: &str) -> Vec<&str> {
    tokens(text).into_iter().map(|token| token.text).collect()
}

fn code(text: &str) -> Vec<&str> {
    without_tests(&tokens(text)).0.into_iter().map(|token| token.text).collect()
}

#[test]
fn comments_are_left_out() {
    assert_eq!(words("a // b\nc /* d /* e */ f */ g"), ["a", "c", "g"]);
    assert_eq!(words("//! std::fs\n/// tokio\nx"), ["x"]);
}

#[test]
fn strings_are_left_out_in_all_their_spellings() {
    assert_eq!(words(r#"a "b \" c" d"#), ["a", "d"]);
    assert_eq!(words(r##"a r"b\" d r#"e " f"# g"##), ["a", "d", "g"]);
    assert_eq!(words(r#"a b"c" c"d" br"e" f"#), ["a", "f"]);
}

#[test]
fn characters_and_lifetimes_are_told_apart() {
    assert_eq!(words(r"a '\'' b '/' '/' c '\u{2f}' d"), ["a", "b", "c", "d"]);
    assert_eq!(words("f<'rand>(x: &'rand str)"), ["f", "<", ">", "(", "x", ":", "&", "str", ")"]);
    assert_eq!(words(r"b'\\' a"), ["a"]);
}

#[test]
fn a_quote_as_a_character_does_not_open_a_string() {
    assert_eq!(words("x '\"' y \"z\" w"), ["x", "y", "w"]);
}

#[test]
fn lines_are_counted_through_strings_and_comments() {
    let found = tokens("a\n\"b\nc\"\n/*\n*/ d");
    assert_eq!(found, [Token { text: "a", line: 1 }, Token { text: "d", line: 5 }]);
}

#[test]
fn items_under_cfg_test_are_left_out() {
    assert_eq!(code("a #[cfg(test)] mod tests { fn x() { y } } b"), ["a", "b"]);
    assert_eq!(code("a #[cfg(test)] use c::d; b"), ["a", "b"]);
    assert_eq!(code("a #[cfg(test)] const C: [u8; 2] = [1; 2]; b"), ["a", "b"]);
    assert_eq!(code("a #[cfg(all(test, unix))] #[allow(x)] fn c() {} b"), ["a", "b"]);
    assert_eq!(code("#![cfg(test)] a"), [""; 0]);
}

#[test]
fn items_that_are_not_only_for_tests_stay() {
    assert!(code("#[cfg(any(test, unix))] fn c() {}").contains(&"c"));
    assert!(code("#[cfg(not(test))] fn c() {}").contains(&"c"));
}

#[test]
fn test_modules_in_files_of_their_own_are_named() {
    let (kept, modules) = without_tests(&tokens("#[cfg(test)] mod rig; mod real;"));
    assert_eq!(modules, ["rig"]);
    assert!(starts_with(&kept, &["mod", "real", ";"]));
}

#[test]
fn text_that_ends_too_soon_is_read_to_its_end() {
    assert_eq!(words("a \"b"), ["a"]);
    assert_eq!(words("a /* b"), ["a"]);
    assert_eq!(words("a '"), ["a"]);
    assert_eq!(code("a #[cfg(test)] mod b {"), ["a"]);
}
