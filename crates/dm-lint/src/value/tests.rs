use super::*;
use dm_tnds::ddf::{AllowedValues, ValueType};

fn of(format: Format) -> DfProperties {
    let mut properties = DfProperties::default();
    properties.df_format = Some(format);
    properties
}

fn text(text: &str) -> Content<'_> {
    Content::Text(text.into())
}

fn check(properties: &DfProperties, content: &Content<'_>) -> Option<Problem> {
    super::check(properties, content, &mut Patterns::default())
}

#[test]
fn values_fit_their_format() {
    for (format, good, bad) in [
        (Format::Bool, &["true", "false"][..], &["", "1", "yes"][..]),
        (Format::Int, &["0", "-2147483648", "2147483647"], &["", "2147483648", "1.0", " 1", "0x1"]),
        (Format::Float, &["1", "-1.5E3", "INF", "NaN"], &["", "inf", "nan", "1,5", "infinity"]),
        (
            Format::Date,
            &["2026-01-31", "20260131"],
            &["", "2026-13-01", "26-01-31", "2026-01-31-1"],
        ),
        (
            Format::Time,
            &["12:30:00", "123000Z", "12:30", "12:30:00.5+01:00", "20260131T123000Z", "T0000"],
            &["", "1:30", "12:30:00X", "12:61:00", "12.", "xTx", "12:3000"],
        ),
        (Format::Null, &[""], &["x"]),
        (Format::Xml, &[" <a/>\n"], &["", "text"]),
        (Format::Chr, &["", "anything"], &[]),
        (Format::B64, &["", "AAEC", "AA\nEC"], &["A", "AAE$"]),
        (Format::Bin, &["AAEC"], &["text!"]),
    ] {
        for value in good {
            assert_eq!(check(&of(format), &text(value)), None, "{format} {value:?}");
        }
        for value in bad {
            let problem = check(&of(format), &text(value));
            assert!(matches!(problem, Some(Problem::Bad(_))), "{format} {value:?}: {problem:?}");
        }
    }
    assert!(matches!(check(&of(Format::Bool), &text("True")), Some(Problem::Case(_))));
}

#[test]
fn octets_are_octets_or_text() {
    let octets = |octets: &'static [u8]| Content::Octets(octets.into());
    assert_eq!(check(&of(Format::Bin), &octets(&[0, 255])), None);
    assert_eq!(check(&of(Format::Int), &octets(b"12")), None);
    assert!(matches!(check(&of(Format::Chr), &octets(&[255])), Some(Problem::Bad(_))));
}

#[test]
fn a_range_beyond_32_bits_holds() {
    let mut properties = of(Format::Int);
    let values = ["[0-4294967295]".into()].into();
    let allowed = AllowedValues { value_type: ValueType::Range, values, ..Default::default() };
    properties.allowed_values = Some(allowed);
    assert_eq!(check(&properties, &text("4294967295")), None);
    assert!(matches!(check(&properties, &text("4294967296")), Some(Problem::Bad(_))));
    assert_eq!(check(&properties, &text("-1")), Some(Problem::NotAllowed("[0-4294967295]".into())));
}
