use chrono::DateTime;

use super::*;

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

#[test]
fn a_signature_holds_until_its_time_and_for_its_parts_only() {
    let key = MacKey::generate();
    let parts: [&[u8]; 2] = [b"file", b"a/b"];
    let signature = hmac_sign(&key, &parts, at(1000));
    let check = |parts: &[&[u8]], expires, signature: &str, now| {
        hmac_verify(&key, parts, at(expires), signature, at(now))
    };
    assert_eq!(check(&parts, 1000, &signature, 999), Ok(()));
    assert_eq!(check(&parts, 1000, &signature, 1000), Err(SignatureError::Expired));
    assert_eq!(check(&parts, 2000, &signature, 999), Err(SignatureError::Wrong));
    assert_eq!(check(&[b"filea", b"/b"], 1000, &signature, 999), Err(SignatureError::Wrong));
    assert_eq!(check(&[b"file", b"a/b", b""], 1000, &signature, 999), Err(SignatureError::Wrong));
    let cut: String = signature.chars().skip(1).collect();
    for wrong in ["", "ä", &cut, &format!("{signature}A")] {
        assert_eq!(check(&parts, 1000, wrong, 999), Err(SignatureError::Wrong));
    }
    let other = MacKey::generate();
    assert_eq!(hmac_verify(&other, &parts, at(1000), &signature, at(999)), Err(SignatureError::Wrong));
}

#[test]
fn the_format_is_fixed() {
    let key = MacKey::new(SecretKey::from_slice(&[7; 32]).unwrap());
    assert_eq!(
        hmac_sign(&key, &[b"file", b"a/b"], at(1_700_000_000)),
        "VmJPIUAPf_mzDJjShPHBLLfEPlP0bF5Xzc7MXpNgEng"
    );
}

#[test]
fn formats_of_others_give_what_their_papers_say() {
    // RFC 2202, the second case; RFC 4231, the second case
    let words: [&[u8]; 2] = [b"what do ya want ", b"for nothing?"];
    assert_eq!(hex::encode(hmac_sha1(b"Jefe", &words)), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    let sha256 = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    assert_eq!(hex::encode(hmac_sha256(b"Jefe", &words)), sha256);
}
