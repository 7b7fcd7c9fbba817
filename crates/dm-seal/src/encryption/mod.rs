//! XML encryption of parts and of whole messages. [XMLENC 1.1], [Sessionless §5.2], [profile §6]
//!
//! One closed shape: AES-GCM content, its key wrapped for one device by ECDH-ES or RSA-OAEP, and
//! bound to the ServerID of the sender, so that no other server can sign somebody's ciphertext.
//! [`EncryptedData::read`] checks the shape, [`EncryptedData::decrypt`] opens it; [`Envelope`]
//! makes it.
//!
//! Cryptography and chance come in through [`ContentCipher`], [`Recipient`], [`RecipientKey`] and
//! [`Chance`].

mod agreement;
mod algorithm;
mod concat_kdf;
mod decrypt;
mod encrypt;
mod error;
mod keys;
mod message;
mod shape;
mod transport;

pub use algorithm::{ContentMethod, KeyWrapMethod, OaepMethod};
pub use decrypt::{EncryptedData, Kind};
pub use encrypt::{Binding, EncryptError, Envelope};
pub use error::{EncryptionError, Plaintext};
pub use keys::{
    Agreed, Chance, CipherFailed, ContentCipher, DeviceKeys, NoChance, Recipient, RecipientKey,
    Secret, TransportKind,
};
pub use message::{encrypt_body, encrypt_data, encrypt_message};
pub use transport::Transport;
