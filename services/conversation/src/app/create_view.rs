use uuid::Uuid;
use weft_auth::Principal;
use weft_domain::{Error, Result, parse_word};
use weft_proto::conversation::v1::{CreateViewRequest, Filter, View};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use super::list_views::counted;
use crate::{
    Context, custom_fields, events,
    filter::{self, Rule},
    store::{entity::saved_view, views},
    views::is_counted,
};

/// What changes and deletes views that everybody sees.
const SHARE: &str = "view.share";
/// So many views one person has, and so many there are for everybody.
const MOST: u64 = 100;

/// Who sees a view.
#[derive(Clone, Copy, strum::EnumString, strum::VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Visibility {
    Own,
    Everyone,
}

/// Saves a view.
pub(crate) async fn run(context: &Context, call: Accepted<CreateViewRequest>) -> Result<Once<View>> {
    let request = &call.message;
    let name = &named(&request.name)?;
    let shared = shared(request.visibility.as_deref())?.unwrap_or_default();
    require(&call.principal, shared)?;
    let given = request.filter.clone().unwrap_or_default();
    let rule = &filter::read(&given, "filter")?;
    let (given, user) = (&given, call.principal.user().uuid());
    let position = request.position.unwrap_or_default();
    let create = |tx: Tx| async move {
        custom_fields::known(&tx, &rule.custom_keys()).await?;
        limited(&tx, user, shared).await?;
        let row = row(&tx, (user, shared), name, (given, rule), position);
        views::insert(&tx, &row).await?;
        told(&tx, &row, user).await
    };
    context.store.tenant(call.principal.tenant).write_once(&call.intent, create).await
}

fn row(
    tx: &Tx,
    (owner, shared): (Uuid, bool),
    name: &str,
    (given, rule): (&Filter, &Rule),
    position: i32,
) -> saved_view::Model {
    saved_view::Model {
        tenant_id: tx.tenant().uuid(),
        id: Uuid::now_v7(),
        owner,
        shared,
        name: name.to_owned(),
        filter: given.clone().into(),
        position,
        counted: is_counted(rule, shared),
        set_id: Uuid::now_v7(),
        built_to: Uuid::nil(),
        built: false,
        created_at: tx.now(),
        updated_at: tx.now(),
    }
}

/// A name that is not empty.
pub(super) fn named(text: &str) -> Result<String> {
    let name = text.trim();
    if name.is_empty() {
        Err(Error::invalid_field("name", "`name` must not be empty"))
    } else {
        Ok(name.to_owned())
    }
}

/// Whether everybody is to see it, if that is said.
pub(super) fn shared(word: Option<&str>) -> Result<Option<bool>> {
    let visibility: Option<Visibility> = word.map(|word| parse_word("visibility", word)).transpose()?;
    Ok(visibility.map(|visibility| matches!(visibility, Visibility::Everyone)))
}

/// What everybody sees needs a permission.
pub(super) fn require(principal: &Principal, shared: bool) -> Result<()> {
    if shared { principal.require(SHARE) } else { Ok(()) }
}

/// There is room for another one.
pub(super) async fn limited(tx: &Tx, owner: Uuid, shared: bool) -> Result<()> {
    if views::count(tx, owner, shared).await? < MOST {
        return Ok(());
    }
    let words = format!("there are {MOST} views already, and more are not kept; delete some of them first");
    Err(Error::precondition("too_many_views", words))
}

/// The view as its owner sees it now, everybody who may see it being told.
pub(super) async fn told(tx: &Tx, row: &saved_view::Model, user: Uuid) -> Result<View> {
    let shown = counted(tx, std::slice::from_ref(row), user).await?.into_iter().next().unwrap_or_default();
    // a count is one person's
    events::view_updated(tx, row, &View { count: None, ..shown.clone() }, false)?;
    Ok(shown)
}
