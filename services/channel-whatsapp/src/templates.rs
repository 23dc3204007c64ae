//! The templates of the business account.

use weft_channel::{
    ChannelTemplate, SendError, Transport,
    channel_template::{Button, Heading, Status, button, heading},
    inbound::read,
    template::variables,
};

use crate::{
    Account, api,
    wire::{Component, TemplateButton, TemplateObject, TemplatePage},
};

const FIELDS: &str = "id,name,status,category,language,components,quality_score,rejected_reason";
const PAGE: &str = "100";
/// Meta allows 6,000 to an account.
const MAX_PAGES: usize = 100;

/// Lists all of them, page by page.
pub(crate) async fn list(
    account: &Account,
    transport: &dyn Transport,
) -> Result<Vec<ChannelTemplate>, SendError> {
    let mut listed = Vec::new();
    let mut after: Option<String> = None;
    for _ in 0..MAX_PAGES {
        let mut call = api::get(account, &[&account.waba_id, "message_templates"], "templates")?;
        call.url.query_pairs_mut().append_pair("fields", FIELDS).append_pair("limit", PAGE);
        if let Some(after) = &after {
            call.url.query_pairs_mut().append_pair("after", after);
        }
        let page: TemplatePage = api::result(call, transport).await.map_err(SendError::of_repeatable)?;
        // one that cannot be read is none that could be sent
        listed.extend(page.data.iter().filter_map(|raw| Some(template(&read(raw).ok()?))));
        after = page.paging.and_then(|paging| paging.next.and(paging.cursors)).map(|cursors| cursors.after);
        if after.is_none() {
            return Ok(listed);
        }
    }
    Err(SendError::Unreadable { why: "the list of templates has no end".to_owned() })
}

fn template(object: &TemplateObject) -> ChannelTemplate {
    let mut template = ChannelTemplate {
        name: object.name.clone(),
        language: object.language.clone(),
        status: status(&object.status).into(),
        status_detail: detail(object),
        category: object.category.to_lowercase(),
        ..ChannelTemplate::default()
    };
    for component in &object.components {
        match component.kind.as_str() {
            "HEADER" => template.heading = Some(heading_of(component)),
            "BODY" => {
                template.body.clone_from(&component.text);
                template.variables = variables(&component.text);
            }
            "FOOTER" => template.footer.clone_from(&component.text),
            "BUTTONS" => template.buttons = component.buttons.iter().map(button_of).collect(),
            _ => {}
        }
    }
    template
}

fn status(word: &str) -> Status {
    match word {
        "APPROVED" => Status::Approved,
        "PENDING" | "IN_APPEAL" => Status::Pending,
        "REJECTED" => Status::Rejected,
        "PAUSED" => Status::Paused,
        "DISABLED" | "PENDING_DELETION" | "DELETED" | "LIMIT_EXCEEDED" | "ARCHIVED" => Status::Disabled,
        _ => Status::Unspecified,
    }
}

/// Meta's own words where there are any: what a state of Weft's leaves out, or why it was rejected.
fn detail(object: &TemplateObject) -> String {
    let reason = object.rejected_reason.as_deref().filter(|reason| !matches!(*reason, "NONE" | ""));
    let state = match object.status.as_str() {
        "APPROVED" | "PENDING" | "REJECTED" | "PAUSED" | "DISABLED" => None,
        other => Some(other),
    };
    let words = reason.or(state).unwrap_or_default();
    words.replace('_', " ").to_lowercase()
}

fn heading_of(component: &Component) -> Heading {
    let kind = match component.format.as_str() {
        "TEXT" => heading::Kind::Text,
        "IMAGE" => heading::Kind::Image,
        "VIDEO" => heading::Kind::Video,
        "DOCUMENT" => heading::Kind::File,
        "LOCATION" => heading::Kind::Location,
        _ => heading::Kind::Unspecified,
    };
    let variable = variables(&component.text).into_iter().next().unwrap_or_default();
    Heading { kind: kind.into(), words: component.text.clone(), variable }
}

fn button_of(shown: &TemplateButton) -> Button {
    let (kind, target) = match shown.kind.as_str() {
        "QUICK_REPLY" => (button::Kind::Reply, ""),
        "URL" => (button::Kind::Link, shown.url.as_str()),
        "PHONE_NUMBER" => (button::Kind::Phone, shown.phone_number.as_str()),
        "COPY_CODE" => (button::Kind::Code, ""),
        _ => (button::Kind::Unspecified, ""),
    };
    Button {
        kind: kind.into(),
        title: shown.text.clone(),
        target: target.to_owned(),
        needs_value: !variables(target).is_empty(),
    }
}
