/// What tells a repeated call apart from a new one. Its scope is the tenant, the caller and the method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idempotency {
    /// Who calls.
    pub principal: String,
    /// The method that is called.
    pub method: String,
    /// The caller's key.
    pub key: String,
    /// SHA-256 of the encoded request.
    pub digest: [u8; 32],
}
