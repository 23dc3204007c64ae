use uuid::Uuid;
use weft_domain::{Error, Result, TenantId, id};
use weft_proto::{conversation::v1::Message, events::v1::SpokenAnswerCreated};
use weft_store::Tx;

use super::{
    passes::passes,
    show,
    speech::{self, Manner},
};
use crate::{
    Context,
    store::answers::{self, Model, State},
};

/// The longest text that is spoken; a longer answer is read.
const LONGEST: usize = 3_000;

/// Speaks a message that goes out to a contact whose voice messages wait for a spoken answer.
pub(crate) async fn run(context: &Context, tenant: TenantId, message: &Message, attempts: u32) -> Result<()> {
    if message.text.trim().is_empty() {
        return Ok(());
    }
    let conversation = id::parse::<id::Conversation>("conversation_id", &message.conversation_id)?.uuid();
    let answered_by = id::parse::<id::Message>("message.id", &message.id)?.uuid();
    let seq = i64::try_from(message.seq).unwrap_or(i64::MAX);
    let scope = context.store.tenant(tenant);
    let look = |tx| async move {
        Ok((answers::is_announced(&tx, conversation).await?, answers::waiting(&tx, conversation, seq).await?))
    };
    let (announced, waiting) = scope.read(look).await?;
    if announced {
        return Err(
            Error::unavailable("not_now").with_source("the message that wants an answer is on its way")
        );
    }
    for row in waiting {
        let answered = speak(context, tenant, message, row, answered_by, attempts).await?;
        let answered = &answered;
        scope.write(|tx| async move { settle(&tx, answered).await }).await?;
    }
    Ok(())
}

/// The answer as it has become; an error when another try may end otherwise.
async fn speak(
    context: &Context,
    tenant: TenantId,
    message: &Message,
    row: Model,
    answered_by: Uuid,
    attempts: u32,
) -> Result<Model> {
    let manner = Manner {
        voice: row.voice.clone(),
        language: row.language.clone(),
        format: row.format.parse().map_err(Error::internal)?,
    };
    let spoken = match message.text.chars().count() {
        length if length > LONGEST => {
            Err(Error::invalid_field("text", "the answer is too long to be spoken"))
        }
        _ => speech::make(context, tenant, &message.text, &manner).await,
    };
    let row = Model { answered_by: Some(answered_by), ..row };
    match spoken {
        Ok(file) => {
            let file = id::parse::<id::File>("file.id", &file.id)?.uuid();
            Ok(Model { state: State::Spoken.to_string(), file_id: Some(file), ..row })
        }
        Err(error) if passes(&error, attempts) => Err(error),
        Err(error) => {
            Ok(Model { state: State::Failed.to_string(), reason: Some(error.message().to_owned()), ..row })
        }
    }
}

async fn settle(tx: &Tx, answered: &Model) -> Result<()> {
    let row = Model { updated_at: tx.now(), ..answered.clone() };
    if !answers::settle(tx, &row).await? {
        return Ok(());
    }
    let answer = show::answer(&row)?;
    tx.emit_event(&answer.conversation_id.clone(), &SpokenAnswerCreated { answer: Some(answer) })
}
