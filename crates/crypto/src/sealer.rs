use std::collections::HashMap;

use secrecy::SecretBox;
use weft_domain::TenantId;

use crate::{
    DataKey, Error, SecretBytes,
    aead::{self, Fresh},
    framing::frame,
};

/// Where a sealed value lives. It opens nowhere else.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Whose it is.
    pub tenant: &'a TenantId,
    /// The table.
    pub table: &'a str,
    /// The column.
    pub column: &'a str,
    /// The row's id as bytes.
    pub row: &'a [u8],
}

/// Seals and opens the values of one tenant and purpose: several data keys, of which one seals.
pub struct Sealer {
    keys: HashMap<u32, DataKey>,
    active: u32,
}

const VERSION: u8 = 1;
const INFO: &[u8] = b"weft sealed value";

impl Sealer {
    /// Takes the tenant's keys for the purpose and the id of the one that seals.
    pub fn new(keys: impl IntoIterator<Item = DataKey>, active: u32) -> Result<Self, Error> {
        let mut known = HashMap::new();
        for key in keys {
            if known.insert(key.id(), key).is_some() {
                return Err(Error::BadKeySet);
            }
        }
        if !known.contains_key(&active) {
            return Err(Error::BadKeySet);
        }
        Ok(Self { keys: known, active })
    }

    /// Seals a value for its place: `version | data key id (4) | salt (16) | nonce (12) | ciphertext+tag`.
    pub fn seal(&self, place: &Place<'_>, plain: &[u8]) -> Result<Vec<u8>, Error> {
        self.seal_with(place, plain, &Fresh::draw())
    }

    fn seal_with(&self, place: &Place<'_>, plain: &[u8], fresh: &Fresh) -> Result<Vec<u8>, Error> {
        let data_key = self.keys.get(&self.active).ok_or(Error::BadKeySet)?;
        let id = self.active.to_be_bytes();
        let sealed = aead::seal(&data_key.key, fresh, &info(&id), &aad(place), plain)?;
        Ok([[VERSION].as_slice(), &id, &sealed].concat())
    }

    /// Opens a value at its place.
    pub fn open(&self, place: &Place<'_>, sealed: &[u8]) -> Result<SecretBytes, Error> {
        let (id, rest) = split(sealed)?;
        let data_key = self.keys.get(&u32::from_be_bytes(*id)).ok_or(Error::UnknownKey)?;
        let mut plain = aead::open(&data_key.key, &info(id), &aad(place), rest)?;
        Ok(SecretBox::new(Box::new(std::mem::take(&mut *plain))))
    }

    /// Whether a value was sealed with another key than the active one, so that rotation has to seal it again.
    pub fn is_outdated(&self, sealed: &[u8]) -> Result<bool, Error> {
        split(sealed).map(|(id, _)| u32::from_be_bytes(*id) != self.active)
    }
}

fn split(sealed: &[u8]) -> Result<(&[u8; 4], &[u8]), Error> {
    let ([version], rest) = sealed.split_first_chunk::<1>().ok_or(Error::Unreadable)?;
    if *version != VERSION {
        return Err(Error::Unreadable);
    }
    rest.split_first_chunk::<4>().ok_or(Error::Unreadable)
}

fn info(data_key_id: &[u8; 4]) -> Vec<u8> {
    frame(&[INFO, data_key_id])
}

fn aad(place: &Place<'_>) -> Vec<u8> {
    let tenant = place.tenant.uuid();
    frame(&[tenant.as_bytes(), place.table.as_bytes(), place.column.as_bytes(), place.row, &[VERSION]])
}

#[cfg(test)]
mod tests;
