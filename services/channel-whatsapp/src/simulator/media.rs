use axum::extract::Multipart;
use bytes::Bytes;
use chrono::TimeDelta;
use serde_json::json;
use weft_channel::make_secret;
use weft_crypto::ExposeSecret as _;

use super::{
    Simulator,
    refusal::{Answer, Refusal},
    state::StoredFile,
};

/// The kinds of media with their types and the largest size of each.
const KINDS: [(&str, &[&str], usize); 4] = [
    ("image", &["image/jpeg", "image/png"], 5 * 1024 * 1024),
    ("video", &["video/mp4", "video/3gpp"], 16 * 1024 * 1024),
    ("audio", &["audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"], 16 * 1024 * 1024),
    ("sticker", &["image/webp"], 500 * 1024),
];
const MAX_DOCUMENT: usize = 100 * 1024 * 1024;

/// Takes a file of the business.
pub(super) async fn upload(simulator: &Simulator, mut form: Multipart) -> Answer {
    let unreadable = || Refusal::parameter("The form cannot be read");
    let (mut product, mut mime, mut content) = (None, None, None);
    while let Some(part) = form.next_field().await.map_err(|_| unreadable())? {
        match part.name() {
            Some("messaging_product") => product = part.text().await.ok(),
            Some("type") => mime = part.text().await.ok(),
            Some("file") => content = Some(part.bytes().await.map_err(|_| Refusal::too_large())?),
            _ => {}
        }
    }
    if product.as_deref() != Some("whatsapp") {
        return Err(Refusal::parameter("The parameter messaging_product is required."));
    }
    let mime = mime.ok_or_else(|| Refusal::parameter("The parameter type is required."))?;
    let bytes = content.filter(|bytes| !bytes.is_empty());
    let bytes = bytes.ok_or_else(|| Refusal::parameter("The parameter file is required."))?;
    if bytes.len() > MAX_DOCUMENT {
        return Err(Refusal::too_large());
    }
    Ok(json!({"id": simulator.store(&mime, bytes)}))
}

/// Whether a file can be sent as this kind.
pub(super) fn check(kind: &str, file: &StoredFile) -> Result<(), Refusal> {
    let essence = file.mime.split(';').next().unwrap_or_default().trim();
    let Some((_, types, max)) = KINDS.iter().find(|(name, ..)| *name == kind) else { return Ok(()) };
    if !types.contains(&essence) {
        return Err(Refusal::new(
            400,
            131_053,
            format!("Media upload error: {essence} cannot be sent as {kind}"),
        ));
    }
    if file.bytes.len() > *max {
        return Err(Refusal::too_large());
    }
    Ok(())
}

/// Makes an address where a file can be had for a while.
pub(super) fn address(simulator: &Simulator, id: &str, base: &str) -> Answer {
    let life = TimeDelta::from_std(simulator.settings.address_life).unwrap_or_default();
    let token = make_secret().expose_secret().to_owned();
    let until = simulator.now() + life;
    simulator.world.change(|state| {
        let file = state.media.get_mut(id).ok_or_else(|| Refusal::no_such_object(id))?;
        file.address = Some((token.clone(), until));
        Ok(json!({
            "messaging_product": "whatsapp",
            "url": format!("{base}/files/{id}?hash={token}"),
            "mime_type": file.mime,
            "file_size": file.bytes.len(),
            "id": id,
        }))
    })
}

/// What is behind an address, as long as it is good.
pub(super) fn bytes(simulator: &Simulator, id: &str, query: &str) -> Option<(String, Bytes)> {
    let now = simulator.now();
    let state = simulator.world.lock();
    let file = state.media.get(id)?;
    let (token, until) = file.address.as_ref()?;
    let is_good = query.strip_prefix("hash=") == Some(token) && now < *until;
    is_good.then(|| (file.mime.clone(), file.bytes.clone()))
}

impl Simulator {
    /// Keeps a file and gives its id.
    pub(super) fn store(&self, mime: &str, bytes: Bytes) -> String {
        self.world.change(|state| {
            let id = format!("9{:014}", state.next());
            state.media.insert(id.clone(), StoredFile { mime: mime.to_owned(), bytes, address: None });
            id
        })
    }
}
