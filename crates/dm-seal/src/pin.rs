//! Keys that an account trusts. [profile §4.2]

use alloc::boxed::Box;
use alloc::string::String;

use crate::certificate::{Material, is_strong};
use crate::chain::Link;
use crate::{PinError, Provider};

/// A key pinned to an account: the only source of trust.
#[derive(Clone, Debug)]
pub struct Pin<K> {
    name: String,
    material: Material,
    /// The certificate as that of an authority, read once; none when it cannot be one's.
    link: Option<Box<Link>>,
    key: K,
}

impl<K> Pin<K> {
    /// Pins the key in this DER certificate or DER SubjectPublicKeyInfo under a name.
    ///
    /// # Errors
    /// When the material cannot be read or the key cannot be used.
    pub fn new(
        name: impl Into<String>,
        der: &[u8],
        provider: &impl Provider<Key = K>,
    ) -> Result<Self, PinError> {
        let material = Material::from_der(der)?;
        if !is_strong(&material.spki) {
            return Err(PinError::WeakKey); // not left to the provider
        }
        let key = provider.key(&material.spki)?;
        let link = material.der.as_deref().and_then(|der| Link::read(der).ok()).map(Box::new);
        Ok(Self { name: name.into(), material, link, key })
    }

    /// The name by which `KeyName` selects it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The certificate or key.
    #[must_use]
    pub fn material(&self) -> &Material {
        &self.material
    }

    /// The certificate as a link of a path.
    pub(crate) fn link(&self) -> Option<&Link> {
        self.link.as_deref()
    }

    /// The public key.
    #[must_use]
    pub fn key(&self) -> &K {
        &self.key
    }
}
