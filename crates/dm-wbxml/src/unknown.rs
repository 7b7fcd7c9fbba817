//! How the lenient profile names what has no name.

/// An element or attribute whose literal name cannot be shown.
pub(crate) const LITERAL_NAME: &str = "unknown-literal";

/// The name of a tag that its code page does not have: `unknown-3D`.
pub(crate) fn tag_name(identity: u8) -> &'static str {
    NAMES[usize::from(identity & 0x3F)]
}

/// The name of an attribute whose start token is not defined: `unknown-45`.
pub(crate) fn attribute_name(token: u8) -> &'static str {
    NAMES[usize::from(token & 0x7F)]
}

#[rustfmt::skip]
static NAMES: [&str; 128] = [
    "unknown-00", "unknown-01", "unknown-02", "unknown-03", "unknown-04", "unknown-05", "unknown-06", "unknown-07",
    "unknown-08", "unknown-09", "unknown-0A", "unknown-0B", "unknown-0C", "unknown-0D", "unknown-0E", "unknown-0F",
    "unknown-10", "unknown-11", "unknown-12", "unknown-13", "unknown-14", "unknown-15", "unknown-16", "unknown-17",
    "unknown-18", "unknown-19", "unknown-1A", "unknown-1B", "unknown-1C", "unknown-1D", "unknown-1E", "unknown-1F",
    "unknown-20", "unknown-21", "unknown-22", "unknown-23", "unknown-24", "unknown-25", "unknown-26", "unknown-27",
    "unknown-28", "unknown-29", "unknown-2A", "unknown-2B", "unknown-2C", "unknown-2D", "unknown-2E", "unknown-2F",
    "unknown-30", "unknown-31", "unknown-32", "unknown-33", "unknown-34", "unknown-35", "unknown-36", "unknown-37",
    "unknown-38", "unknown-39", "unknown-3A", "unknown-3B", "unknown-3C", "unknown-3D", "unknown-3E", "unknown-3F",
    "unknown-40", "unknown-41", "unknown-42", "unknown-43", "unknown-44", "unknown-45", "unknown-46", "unknown-47",
    "unknown-48", "unknown-49", "unknown-4A", "unknown-4B", "unknown-4C", "unknown-4D", "unknown-4E", "unknown-4F",
    "unknown-50", "unknown-51", "unknown-52", "unknown-53", "unknown-54", "unknown-55", "unknown-56", "unknown-57",
    "unknown-58", "unknown-59", "unknown-5A", "unknown-5B", "unknown-5C", "unknown-5D", "unknown-5E", "unknown-5F",
    "unknown-60", "unknown-61", "unknown-62", "unknown-63", "unknown-64", "unknown-65", "unknown-66", "unknown-67",
    "unknown-68", "unknown-69", "unknown-6A", "unknown-6B", "unknown-6C", "unknown-6D", "unknown-6E", "unknown-6F",
    "unknown-70", "unknown-71", "unknown-72", "unknown-73", "unknown-74", "unknown-75", "unknown-76", "unknown-77",
    "unknown-78", "unknown-79", "unknown-7A", "unknown-7B", "unknown-7C", "unknown-7D", "unknown-7E", "unknown-7F",
];
