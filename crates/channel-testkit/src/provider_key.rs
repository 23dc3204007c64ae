use std::sync::LazyLock;

use serde_json::json;
use weft_auth::{PublishedKeys, RsaSigner};

/// The key that providers sign with in all tests of a process, where they publish what they sign with.
pub fn provider_key() -> &'static RsaSigner {
    static KEY: LazyLock<RsaSigner> =
        LazyLock::new(|| RsaSigner::generate("key-of-the-tests").expect("a machine that makes keys"));
    &KEY
}

/// What accounts are given as the keys that their provider publishes.
pub(crate) fn published_keys() -> PublishedKeys {
    let keys = PublishedKeys::default();
    let set = json!({"keys": [provider_key().public()]});
    assert!(keys.replace(set.to_string().as_bytes()), "the key of the tests is no key");
    keys
}
