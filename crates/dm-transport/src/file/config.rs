//! What a route of QR codes is given.

use serde::Deserialize;

/// How codes are made.
///
/// ```
/// # use dm_transport::QrConfig;
/// let config: QrConfig = toml::from_str("most = 800\ncorrection = \"low\"")?;
/// assert_eq!((config.most, config.pixels), (800, 4));
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(default, deny_unknown_fields)]
pub struct QrConfig {
    /// Octets of a message in one code, at most. What cameras of telephones read with ease is some 600;
    /// what is longer is split over several codes.
    pub most: usize,
    /// How much of a code may be dirty.
    pub correction: Correction,
    /// Pixels of a module's side in a picture.
    pub pixels: usize,
}

/// How much of a code may be lost and it is read all the same. [ISO 18004 §7.5.1]
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Correction {
    /// 7 %.
    Low,
    /// 15 %.
    #[default]
    Medium,
    /// 25 %.
    Quartile,
    /// 30 %.
    High,
}

impl Default for QrConfig {
    fn default() -> Self {
        Self { most: 600, correction: Correction::default(), pixels: 4 }
    }
}
