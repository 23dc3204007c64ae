use uuid::Uuid;
use weft_domain::{Error, Result, parse_word};
use weft_proto::conversation::v1::{CreateCustomFieldRequest, CustomField};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use crate::{
    Context,
    custom_fields::{Kind, Of},
    filter::is_key,
    show,
    store::{custom_fields, entity::custom_field, tags::Words},
};

/// So many fields conversations have, and contacts.
const MOST: usize = 100;
const MOST_CHOICES: usize = 100;
const LONGEST_CHOICE: usize = 80;

/// Makes a field.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<CreateCustomFieldRequest>,
) -> Result<Once<CustomField>> {
    let request = &call.message;
    let of: Of = parse_word("of", &request.of)?;
    let kind: Kind = parse_word("kind", &request.kind)?;
    if !is_key(&request.key) {
        let words = "`key` must be 1 to 40 lower-case letters, digits and `_`, a letter first";
        return Err(Error::invalid_field("key", words));
    }
    let label = &labelled(&request.label)?;
    let choices = &choices(kind, &request.choices)?;
    let create = |tx: Tx| async move {
        if custom_fields::all(&tx, Some(&of.to_string())).await?.len() >= MOST {
            let words = format!("a {of} has at most {MOST} custom fields; delete one first");
            return Err(Error::precondition("too_many_fields", words));
        }
        let row = custom_field::Model {
            tenant_id: tx.tenant().uuid(),
            id: Uuid::now_v7(),
            entity: of.to_string(),
            key: request.key.clone(),
            label: label.clone(),
            kind: kind.to_string(),
            choices: choices.clone(),
            position: request.position.unwrap_or_default(),
            created_at: tx.now(),
            updated_at: tx.now(),
        };
        if !custom_fields::insert(&tx, &row).await? {
            let words = format!("there is a custom field `{}` of a {of} already", row.key);
            return Err(Error::conflict("already_exists", words).with_field("key"));
        }
        show::custom_field(&row)
    };
    context.store.tenant(call.principal.tenant).write_once(&call.intent, create).await
}

/// A label that is not empty.
pub(super) fn labelled(text: &str) -> Result<String> {
    let label = text.trim();
    if label.is_empty() {
        return Err(Error::invalid_field("label", "`label` must not be empty"));
    }
    Ok(label.to_owned())
}

/// What can be chosen: something for a choice, nothing for all else.
pub(super) fn choices(kind: Kind, given: &[String]) -> Result<Words> {
    let wrong = |words: &str| Err(Error::invalid_field("choices", words));
    if kind != Kind::Choice {
        return if given.is_empty() {
            Ok(Words::default())
        } else {
            wrong("`choices` go with the kind `choice` alone")
        };
    }
    let mut all: Vec<String> = Vec::with_capacity(given.len());
    for choice in given.iter().map(|choice| choice.trim()) {
        if choice.is_empty() || choice.chars().count() > LONGEST_CHOICE {
            return wrong(&format!("each choice has 1 to {LONGEST_CHOICE} characters"));
        }
        if all.iter().any(|known| known == choice) {
            return wrong(&format!("`{choice}` stands twice among the choices"));
        }
        all.push(choice.to_owned());
    }
    if all.is_empty() || all.len() > MOST_CHOICES {
        return wrong(&format!("give 1 to {MOST_CHOICES} choices"));
    }
    Ok(Words(all))
}
