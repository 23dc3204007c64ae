use weft_auth::PublicKey;
use weft_domain::Result;
use weft_proto::directory::v1::{KeySet, key_set::Key};
use weft_store::installation;

use crate::{directory::Directory, store::signing_keys};

/// What is published now, from the database: another replica may have made a key a moment ago.
pub(crate) async fn run(directory: &Directory) -> Result<KeySet> {
    let scope = directory.scope(installation());
    let keys = scope.read(|tx| async move { signing_keys::all(&tx).await }).await?;
    Ok(key_set(signing_keys::published(&keys, directory.now())))
}

/// Keys as a JSON Web Key Set.
pub(crate) fn key_set(published: Vec<PublicKey>) -> KeySet {
    let key = |public: PublicKey| Key {
        kty: "OKP".to_owned(),
        crv: "Ed25519".to_owned(),
        x: public.x,
        kid: public.kid,
        r#use: "sig".to_owned(),
        alg: "EdDSA".to_owned(),
    };
    KeySet { keys: published.into_iter().map(key).collect() }
}
