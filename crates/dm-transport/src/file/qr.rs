//! QR codes of a message: pictures, or text for a terminal.
//!
//! One code has base64, as spool folders take it. Several have the lines of [`dm_push::qr`], upper case, so
//! that they take the code's own alphabet; all of them in one file are what a spool folder takes, in any
//! order.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dm_push::qr;
use qrcode::{Color, EcLevel, QrCode};

use super::config::{Correction, QrConfig};
use super::{failed, write, written};
use crate::route::{Outgoing, Plan, Route, Sending, Teller};
use crate::{Address, SendError};

/// Messages as QR codes: `qr:PATH.png` writes that picture, or `PATH-1of3.png` and so on; `qr:-` shows
/// them on the standard output.
#[derive(Debug)]
pub struct QrRoute {
    config: QrConfig,
    teller: Teller,
}

/// The codes of one message.
pub struct Codes {
    codes: Vec<QrCode>,
    texts: Vec<String>,
}

impl Codes {
    /// The codes of these octets.
    ///
    /// ```
    /// # use dm_transport::{Codes, QrConfig};
    /// let codes = Codes::new(&[7; 1_000], &QrConfig::default())?;
    /// assert_eq!(codes.texts().len(), 2);
    /// # Ok::<(), dm_push::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`dm_push::ErrorKind::TooLarge`] if they do not fit as many codes as there may be.
    pub fn new(message: &[u8], config: &QrConfig) -> Result<Self, dm_push::Error> {
        let texts = match message.len() <= config.most {
            true => vec![STANDARD.encode(message)],
            false => qr::split(message, config.most)?,
        };
        let level = match config.correction {
            Correction::Low => EcLevel::L,
            Correction::Medium => EcLevel::M,
            Correction::Quartile => EcLevel::Q,
            Correction::High => EcLevel::H,
        };
        let codes = texts.iter().map(|text| QrCode::with_error_correction_level(text, level));
        match codes.collect::<Result<Vec<_>, _>>() {
            Ok(codes) => Ok(Self { codes, texts }),
            // What one code does not hold, two may.
            Err(_) if config.most > 1 => {
                let half = config.most.min(message.len()).div_ceil(2);
                Self::new(message, &QrConfig { most: half, ..config.clone() })
            }
            Err(_) => {
                Err(qr::split(message, 0).err().unwrap_or_else(|| unreachable!("nothing fits")))
            }
        }
    }

    /// What a reader reads of each.
    #[must_use]
    pub fn texts(&self) -> &[String] {
        &self.texts
    }

    /// Each as a PNG, with so many pixels a module.
    pub fn pictures(&self, pixels: usize) -> impl Iterator<Item = Vec<u8>> {
        self.codes
            .iter()
            .map(move |code| qr::png(code.width(), pixels, |x, y| code[(x, y)] == Color::Dark))
    }

    /// All of them as text for a terminal that writes light on dark.
    #[must_use]
    pub fn shown(&self) -> String {
        let total = self.codes.len();
        let codes = self.codes.iter().zip(1..).map(|(code, number)| {
            let text = qr::terminal(code.width(), |x, y| code[(x, y)] == Color::Dark);
            match total {
                1 => text,
                _ => format!("{text}{number} of {total}\n\n"),
            }
        });
        codes.collect()
    }
}

impl QrRoute {
    /// A route that tells this.
    #[must_use]
    pub const fn new(config: QrConfig, teller: Teller) -> Self {
        Self { config, teller }
    }

    fn codes(&self, outgoing: &Outgoing) -> Result<Codes, SendError> {
        if !matches!(outgoing.to, Address::Qr(_)) {
            return Err(SendError::Address { to: outgoing.to.clone(), transport: "QR" });
        }
        let too_many = |source| SendError::TooManyCodes { to: outgoing.to.clone(), source };
        Codes::new(&outgoing.octets, &self.config).map_err(too_many)
    }
}

impl Route for QrRoute {
    fn plan(&self, outgoing: &Outgoing) -> Result<Plan, SendError> {
        let texts = self.codes(outgoing)?.texts;
        let octets = texts.iter().map(String::len).sum();
        Ok(Plan::new(u32::try_from(texts.len()).unwrap_or(u32::MAX), octets))
    }

    fn send<'a>(&'a self, outgoing: &'a Outgoing) -> Sending<'a> {
        Box::pin(async move {
            let (codes, pixels) = (self.codes(outgoing)?, self.config.pixels);
            let path = match &outgoing.to {
                Address::Qr(address) => address.path().map(Path::to_owned),
                _ => None,
            };
            let raw = path.clone().unwrap_or_default();
            let writing = tokio::task::spawn_blocking(move || match path {
                Some(path) => draw(&codes, pixels, &path),
                None => show(&codes),
            });
            let length = writing.await.map_err(io::Error::from).flatten();
            let length = length.map_err(failed(&outgoing.to))?;
            let raw = raw.as_os_str().as_encoded_bytes();
            self.teller.tell(&outgoing.id, written(length), raw).await;
            Ok(())
        })
    }
}

fn draw(codes: &Codes, pixels: usize, path: &Path) -> io::Result<usize> {
    let total = codes.codes.len();
    let mut length = 0;
    for (picture, number) in codes.pictures(pixels).zip(1..) {
        let path = if total == 1 { path.to_owned() } else { numbered(path, number, total) };
        write::whole(&path, &[&picture])?;
        length += picture.len();
    }
    Ok(length)
}

fn show(codes: &Codes) -> io::Result<usize> {
    let text = codes.shown();
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(text.len())
}

/// `a-1of3.png` of `a.png`.
fn numbered(path: &Path, number: usize, total: usize) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{number}of{total}"));
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}
