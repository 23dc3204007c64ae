use crate::secret_key::SecretKey;

/// A key of one tenant and purpose. Stored only as a [`Kek`](crate::Kek) wrapped it.
pub struct DataKey {
    id: u32,
    pub(crate) key: SecretKey,
}

impl DataKey {
    /// Makes a new key with an id that is new among the tenant's keys for the purpose.
    pub fn generate(id: u32) -> Self {
        Self::new(id, SecretKey::generate())
    }

    pub(crate) fn new(id: u32, key: SecretKey) -> Self {
        Self { id, key }
    }

    /// Which of the tenant's keys it is; each sealed value names it.
    pub fn id(&self) -> u32 {
        self.id
    }
}
