use strum::{EnumString, VariantNames};
use uuid::Uuid;
use weft_auth::Principal;
use weft_domain::{Error, Result, TenantId, parse_word};
use weft_proto::conversation::v1::{
    AttachmentRef, CannedReply, CreateCannedReplyRequest, SendMessageRequest,
};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use super::{create_view::named, send_message};
use crate::{
    Context, events,
    search::fold_words,
    show,
    store::{
        canned_replies::{self, EVERYONE, Files},
        entity::canned_reply,
    },
    variables,
};

/// What changes and deletes replies that everybody sees.
const SHARE: &str = "canned_reply.share";
const LONGEST_SHORTCUT: usize = 32;
/// So many replies there are for everybody.
const MOST: u64 = 1_000;
/// So many replies one person has.
const MOST_OF_ONE: u64 = 500;

/// Saves a reply.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<CreateCannedReplyRequest>,
) -> Result<Once<CannedReply>> {
    let (request, principal) = (&call.message, &call.principal);
    let name = &named(&request.name)?;
    let shortcut = &shortcut(&request.shortcut)?;
    variables::check(&request.text, "text")?;
    let is_shared = shared(request.visibility.as_deref())?.unwrap_or_default();
    require(principal, is_shared)?;
    let files = &files(context, principal.tenant, &request.attachments, "attachments").await?;
    let owner = principal.user().uuid();
    let create = |tx: Tx| async move {
        let row = canned_reply::Model {
            tenant_id: tx.tenant().uuid(),
            id: Uuid::now_v7(),
            owner,
            seen_by: seen_by(owner, is_shared),
            name: name.clone(),
            name_key: fold_words(name),
            shortcut: shortcut.clone(),
            text: request.text.clone(),
            attachments: files.clone(),
            category: category(&request.category),
            created_at: tx.now(),
            updated_at: tx.now(),
        };
        says_something(&row)?;
        limited(&tx, &row).await?;
        if !canned_replies::insert(&tx, &row).await? {
            return Err(shortcut_taken(&row));
        }
        told(&tx, &row)
    };
    context.store.tenant(principal.tenant).write_once(&call.intent, create).await
}

/// What everybody sees needs a permission.
pub(super) fn require(principal: &Principal, is_shared: bool) -> Result<()> {
    if is_shared { principal.require(SHARE) } else { Ok(()) }
}

/// Whom it is seen by: everybody, or its owner.
pub(super) fn seen_by(owner: Uuid, is_shared: bool) -> Uuid {
    if is_shared { EVERYONE } else { owner }
}

/// A word that can be typed after a stroke.
pub(super) fn shortcut(text: &str) -> Result<String> {
    let is_fine = |letter: char| matches!(letter, 'a'..='z' | '0'..='9' | '-' | '_');
    if text.is_empty() || text.len() > LONGEST_SHORTCUT || !text.chars().all(is_fine) {
        let words =
            format!("`shortcut` must be 1 to {LONGEST_SHORTCUT} lower-case letters, digits, `-` and `_`");
        return Err(Error::invalid_field("shortcut", words));
    }
    Ok(text.to_owned())
}

/// One space between its words.
pub(super) fn category(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Files as a message would carry them.
pub(super) async fn files(
    context: &Context,
    tenant: TenantId,
    attachments: &[AttachmentRef],
    field: &str,
) -> Result<Files> {
    let request = SendMessageRequest { attachments: attachments.to_vec(), ..SendMessageRequest::default() };
    let found = send_message::attachments(context, tenant, &request).await;
    found.map(Files).map_err(|error| match error.field().and_then(|at| at.strip_prefix("attachments")) {
        Some(rest) => {
            let at = format!("{field}{rest}");
            error.with_field(&at)
        }
        None => error,
    })
}

/// Words or files.
pub(super) fn says_something(row: &canned_reply::Model) -> Result<()> {
    if row.text.trim().is_empty() && row.attachments.0.is_empty() {
        return Err(Error::invalid("empty_message", "give `text` or `attachments`").with_field("text"));
    }
    Ok(())
}

/// There is room for another one.
pub(super) async fn limited(tx: &Tx, row: &canned_reply::Model) -> Result<()> {
    let (most, whose) = if row.is_shared() { (MOST, "for everyone") } else { (MOST_OF_ONE, "of your own") };
    if canned_replies::count(tx, row.seen_by).await? < most {
        return Ok(());
    }
    let words = format!("there are {most} canned replies {whose} already; delete some of them first");
    Err(Error::precondition("too_many_canned_replies", words))
}

/// What is said where a shortcut belongs to another reply.
pub(super) fn shortcut_taken(row: &canned_reply::Model) -> Error {
    let whose = if row.is_shared() { "for everyone" } else { "of your own" };
    let words = format!("there is a canned reply {whose} with the shortcut `{}` already", row.shortcut);
    Error::conflict("shortcut_taken", words).with_field("shortcut")
}

/// The reply as it is shown, everybody who may see it being told.
pub(super) fn told(tx: &Tx, row: &canned_reply::Model) -> Result<CannedReply> {
    events::canned_reply_updated(tx, row, false)?;
    Ok(show::canned_reply(row))
}

/// Who sees what is at hand.
#[derive(Clone, Copy, PartialEq, Eq, EnumString, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Visibility {
    Own,
    Everyone,
}

/// Whether everybody is to see it, if that is said.
pub(super) fn shared(word: Option<&str>) -> Result<Option<bool>> {
    let visibility: Option<Visibility> = word.map(|word| parse_word("visibility", word)).transpose()?;
    Ok(visibility.map(|visibility| visibility == Visibility::Everyone))
}
