//! The signed name of a thread, for the address that an answer goes to.

use secrecy::{ExposeSecret as _, SecretString};
use weft_crypto::{constant_time_eq, sign::hmac_sha256};

use crate::account::{Account, Owner, ReplyTo};

/// 80 bits: enough that nobody guesses one by writing to us.
const BYTES: usize = 10;
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// The address that an answer in this thread goes to, when it is another than our own.
pub(crate) fn reply_address(account: &Account, owner: Owner, thread: &str) -> Option<String> {
    let key = account.reply_key.as_ref()?;
    let token = sign(key, &owner.tenant.to_string(), thread);
    match account.reply_to_mode {
        ReplyTo::HeadersOnly => None,
        ReplyTo::Plus => {
            let (local, domain) = account.address.rsplit_once('@')?;
            Some(format!("{local}+{thread}.{token}@{domain}"))
        }
        ReplyTo::Verp => Some(format!("reply-{thread}.{token}@{}", account.reply_domain)),
    }
}

/// The thread that one of these addresses names, if its token is genuine. Some servers change the case.
pub(crate) fn thread_of<'a>(
    account: &Account,
    owner: Owner,
    addresses: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    let key = account.reply_key.as_ref()?;
    let tenant = owner.tenant.to_string();
    addresses.into_iter().find_map(|address| {
        let lower = address.to_lowercase();
        let (local, _) = lower.rsplit_once('@')?;
        let named =
            local.rsplit_once('+').map(|(_, named)| named).or_else(|| local.strip_prefix("reply-"))?;
        let (thread, token) = named.rsplit_once('.')?;
        let genuine = sign(key, &tenant, thread);
        constant_time_eq(genuine.as_bytes(), token.as_bytes()).then(|| thread.to_owned())
    })
}

fn sign(key: &SecretString, tenant: &str, thread: &str) -> String {
    let message = format!("tenant={tenant};conv={thread}");
    let digest = hmac_sha256(key.expose_secret().as_bytes(), &[message.as_bytes()]);
    base32(digest.get(..BYTES).unwrap_or(&digest))
}

/// Lower-case base32 (RFC 4648) of bytes whose number five divides.
fn base32(bytes: &[u8]) -> String {
    let group = |five: &[u8]| {
        let bits = five.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        (0..8).map(move |place| {
            let index = usize::try_from(bits >> (35 - 5 * place) & 31).unwrap_or_default();
            char::from(ALPHABET.get(index).copied().unwrap_or(b'a'))
        })
    };
    bytes.chunks_exact(5).flat_map(group).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_what_others_compute() {
        assert_eq!(sign(&"reply-token-key".to_owned().into(), "acme", "918273"), "de4rd7lff6dd2kmt");
    }
}
