use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use weft_crypto::{ExposeSecret, SecretString};
use weft_domain::{Clock, Error, Result};

const AUDIENCE: &str = "weft-fleet";
const TYPE: &str = "fleet+jwt";
const LIFE_SECONDS: i64 = 60;

/// How services prove to each other that they are of the fleet: a short-lived token under the fleet's own secret.
pub struct FleetIdentity {
    sign: EncodingKey,
    verify: DecodingKey,
    service: String,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: String,
    aud: String,
    exp: i64,
}

impl FleetIdentity {
    /// The identity of `service`, under a secret of at least 32 bytes that the whole fleet shares.
    pub fn new(service: &str, secret: &SecretString) -> Result<Self> {
        let bytes = secret.expose_secret().as_bytes();
        if bytes.len() < 32 {
            return Err(Error::invalid_field("auth.fleet_secret", "must be at least 32 characters long"));
        }
        Ok(Self {
            sign: EncodingKey::from_secret(bytes),
            verify: DecodingKey::from_secret(bytes),
            service: service.to_owned(),
        })
    }

    /// A token that says who we are, for one minute.
    pub fn token(&self, clock: &dyn Clock) -> Result<String> {
        let mut header = Header::new(Algorithm::HS256);
        header.typ = Some(TYPE.to_owned());
        let claims = Claims {
            sub: self.service.clone(),
            aud: AUDIENCE.to_owned(),
            exp: clock.now().timestamp() + LIFE_SECONDS,
        };
        jsonwebtoken::encode(&header, &claims, &self.sign).map_err(Error::internal)
    }

    /// The service that made a token.
    pub fn verify(&self, token: &str) -> Result<String> {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "aud", "sub"]);
        validation.leeway = 30;
        let refused =
            || Error::unauthenticated("not_of_the_fleet", "only services of the fleet may call this");
        let token =
            jsonwebtoken::decode::<Claims>(token, &self.verify, &validation).map_err(|_| refused())?;
        if token.header.typ.as_deref() != Some(TYPE) {
            return Err(refused());
        }
        Ok(token.claims.sub)
    }
}
