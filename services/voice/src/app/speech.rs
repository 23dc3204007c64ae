use sha2::{Digest, Sha256};
use weft_domain::{Result, TenantId};
use weft_proto::media::v1::File;

use crate::{Context, audio::Format, engine::Script};

/// How a text is to be spoken.
#[derive(Clone, Debug)]
pub(crate) struct Manner {
    /// The provider's name of a voice; empty: the usual one.
    pub(crate) voice: String,
    /// The language.
    pub(crate) language: String,
    /// The format.
    pub(crate) format: Format,
}

/// Speaks a text into a file of the tenant. The same text spoken in the same way is the same file.
pub(crate) async fn make(context: &Context, tenant: TenantId, text: &str, manner: &Manner) -> Result<File> {
    let Manner { voice, language, format } = manner;
    let script = Script {
        text,
        voice: Some(voice.as_str()).filter(|voice| !voice.is_empty()),
        language,
        format: *format,
    };
    let bytes = context.engines.speak(&script).await?;
    let mut digest = Sha256::new();
    for part in [context.engines.speaker(), voice, language, &format.to_string(), text] {
        digest.update(u64::try_from(part.len()).unwrap_or_default().to_be_bytes());
        digest.update(part);
    }
    let key = format!("speech:{}", hex::encode(digest.finalize()));
    context.files.store(tenant, format!("speech.{format}"), format.mime(), key, bytes).await
}
