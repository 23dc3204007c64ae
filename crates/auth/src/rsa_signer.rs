use aws_lc_rs::{
    encoding::{AsDer as _, PublicKeyX509Der},
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_SHA256},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde::Serialize;
use serde_json::{Value, json};
use weft_crypto::{ExposeSecret as _, SecretString};
use weft_domain::{Error, Result};

/// An RSA key that signs tokens (RS256) for those who know its public half: a service account of ours at a provider, or a
/// simulator in the place of somebody whose keys are published.
pub struct RsaSigner {
    kid: String,
    key: KeyPair,
}

impl RsaSigner {
    /// Makes a new key of this name.
    pub fn generate(kid: &str) -> Result<Self> {
        let key = KeyPair::generate(KeySize::Rsa2048).map_err(Error::internal)?;
        Ok(Self { kid: kid.to_owned(), key })
    }

    /// Reads a key from a file's text (PKCS #8 in PEM), as providers give them out.
    pub fn from_pem(kid: &str, pem: &SecretString) -> Result<Self> {
        let lines = pem.expose_secret().lines().map(str::trim).filter(|line| !line.starts_with("-----"));
        let der = STANDARD.decode(lines.collect::<String>()).map_err(|_| not_a_key())?;
        let key = KeyPair::from_pkcs8(&der).map_err(|_| not_a_key())?;
        Ok(Self { kid: kid.to_owned(), key })
    }

    /// A token that says this.
    pub fn sign(&self, claims: &impl Serialize) -> Result<String> {
        let header = json!({"typ": "JWT", "alg": "RS256", "kid": self.kid});
        let claims = serde_json::to_vec(claims).map_err(Error::internal)?;
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let signed = format!("{}.{}", encode(header.to_string().as_bytes()), encode(&claims));
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature)
            .map_err(Error::internal)?;
        Ok(format!("{signed}.{}", encode(&signature)))
    }

    /// The public half in PEM, as people hand it on.
    pub fn public_pem(&self) -> Result<String> {
        let der: PublicKeyX509Der<'_> = self.key.public_key().as_der().map_err(Error::internal)?;
        let text = STANDARD.encode(der.as_ref());
        Ok(format!("-----BEGIN PUBLIC KEY-----\n{text}\n-----END PUBLIC KEY-----\n"))
    }

    /// The public half, as key sets hold it.
    pub fn public(&self) -> Value {
        let public = self.key.public_key();
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        json!({
            "kty": "RSA",
            "use": "sig",
            "kid": self.kid,
            "n": encode(public.modulus().big_endian_without_leading_zero()),
            "e": encode(public.exponent().big_endian_without_leading_zero()),
        })
    }
}

fn not_a_key() -> Error {
    Error::internal("it is not an RSA key in PEM (PKCS #8)")
}
