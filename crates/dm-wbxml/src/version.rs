//! Versions of WBXML. [WBXML 1.3 §5.4]

/// A version that a sessionless message may have. [Sessionless §5.2]
///
/// There is no 1.0: it has no charset field, and the draft leaves it out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// WBXML 1.1.
    V1_1,
    /// WBXML 1.2: what SyncML toolkits write.
    #[default]
    V1_2,
    /// WBXML 1.3.
    V1_3,
}

impl Version {
    /// The version of this first octet: `01`, `02` or `03`.
    #[must_use]
    pub fn from_octet(octet: u8) -> Option<Self> {
        match octet {
            0x01 => Some(Self::V1_1),
            0x02 => Some(Self::V1_2),
            0x03 => Some(Self::V1_3),
            _ => None,
        }
    }

    /// The first octet of a document.
    #[must_use]
    pub fn octet(self) -> u8 {
        match self {
            Self::V1_1 => 0x01,
            Self::V1_2 => 0x02,
            Self::V1_3 => 0x03,
        }
    }

    /// The version written like `1.2`.
    ///
    /// ```
    /// use dm_wbxml::Version;
    /// assert_eq!(Version::parse("1.3"), Some(Version::V1_3));
    /// assert_eq!(Version::parse("1.0"), None);
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "1.1" => Some(Self::V1_1),
            "1.2" => Some(Self::V1_2),
            "1.3" => Some(Self::V1_3),
            _ => None,
        }
    }
}
