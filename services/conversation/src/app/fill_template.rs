//! A template that is asked for becomes what the contact will read, or an error that says what is wrong with it.

use tonic::Request;
use uuid::Uuid;
use weft_capabilities::template::fill;
use weft_domain::{Error, Result, TenantId};
use weft_proto::{
    channel::v1::Filled,
    conversation::v1::{SendMessageRequest, Template},
    directory::v1::{
        ChannelTemplate, FindTemplateRequest, FindTemplateResponse,
        channel_template::{Button, Status, button, heading},
    },
};

use crate::{
    Context, lookup, show,
    store::{
        content::{Content, StoredButton},
        conversations,
    },
};

/// What a template says, and the channel that has it.
pub(super) struct FilledIn {
    pub(super) channel: Uuid,
    pub(super) filled: Filled,
    pub(super) text: String,
    pub(super) buttons: Vec<StoredButton>,
}

/// Finds the template that a request names, and puts its values in.
pub(super) async fn run(
    context: &Context,
    tenant: TenantId,
    request: &SendMessageRequest,
    values: &Template,
    content: &Content,
) -> Result<FilledIn> {
    alone(request)?;
    let id = lookup::conversation(&request.conversation_id)?;
    let scope = context.store.tenant(tenant);
    let conversation = scope.read(|tx| async move { conversations::get(&tx, id).await }).await?;
    let kinds = context.kinds.all().await?;
    if !kinds.get(&conversation.channel_kind).is_some_and(|can| can.templates) {
        return Err(Error::precondition(
            "templates_unsupported",
            "this conversation's channel has no templates; write it in words of your own",
        )
        .with_field("template"));
    }
    let wanted = FindTemplateRequest {
        tenant_id: tenant.to_string(),
        channel_id: show::channel_id(conversation.channel_id),
        name: values.name.clone(),
        language: values.language.clone(),
    };
    let answer = context.templates.clone().find_template(Request::new(wanted)).await;
    let found = answer.map_err(|status| weft_rpc::error(&status))?.into_inner();
    let template = known(found, values)?;
    check(&template, values, content)?;
    Ok(FilledIn {
        channel: conversation.channel_id,
        text: text(&template, values),
        buttons: buttons(&template, values),
        filled: Filled { template: Some(template), values: Some(values.clone()) },
    })
}

/// A template brings its own words and choices.
fn alone(request: &SendMessageRequest) -> Result<()> {
    let others = [
        ("text", !request.text.is_empty()),
        ("rich", request.rich.is_some()),
        ("html", request.html.is_some()),
        ("contact_card", request.contact_card.is_some()),
        ("buttons", !request.buttons.is_empty()),
        ("products", request.products.is_some()),
        ("internal", request.internal),
    ];
    match others.iter().find(|(_, given)| *given) {
        Some((field, _)) => {
            let words =
                format!("a template brings its own words and choices: leave `{field}` out, or the template");
            Err(Error::invalid_field(field, words))
        }
        None => Ok(()),
    }
}

fn known(found: FindTemplateResponse, values: &Template) -> Result<ChannelTemplate> {
    let Template { name, language, .. } = values;
    let unknown =
        |field: &str, words: String| Err(Error::invalid("unknown_template", words).with_field(field));
    let template = match found.template {
        Some(template) => template,
        None if !found.synced => {
            let words = "the channel's templates are not known yet: `POST /v1/channels/{id}/templates/sync`, and see \
                         `fault` of `GET /v1/channels/{id}/templates`";
            return unknown("template.name", words.to_owned());
        }
        None if found.languages.is_empty() => {
            return unknown("template.name", format!("this channel has no template “{name}”"));
        }
        None => {
            let there = found.languages.join(", ");
            let words = format!("“{name}” is not there in “{language}”, but in {there}");
            return unknown("template.language", words);
        }
    };
    let why = match template.status() {
        Status::Approved => return Ok(template),
        Status::Pending => "the provider has not approved it yet",
        Status::Rejected => "the provider has rejected it",
        Status::Paused => "the provider holds it back for a while",
        Status::Disabled => "the provider has disabled it",
        Status::Unspecified => "the provider gives it a state that is not known here",
    };
    let detail = Some(&template.status_detail).filter(|detail| !detail.is_empty());
    let detail = detail.map(|detail| format!(" ({detail})")).unwrap_or_default();
    let words = format!("the template “{name}” cannot be sent: {why}{detail}");
    Err(Error::precondition("template_not_approved", words).with_field("template.name"))
}

fn check(template: &ChannelTemplate, values: &Template, content: &Content) -> Result<()> {
    let (wanted, given) = (&template.variables, &values.variables);
    if wanted.len() != given.len() {
        let names = if wanted.is_empty() { String::new() } else { format!(" ({})", wanted.join(", ")) };
        let words = format!(
            "the template has {} variables{names}, and {} values were given",
            wanted.len(),
            given.len()
        );
        return Err(Error::invalid_field("template.variables", words));
    }
    if let Some(index) = given.iter().position(|value| value.trim().is_empty()) {
        let name = wanted.get(index).map(String::as_str).unwrap_or_default();
        let words = format!("the value of the variable “{name}” is empty");
        return Err(Error::invalid_field(&format!("template.variables[{index}]"), words));
    }
    check_heading(template, values, content)?;
    check_buttons(&template.buttons, &values.buttons)
}

fn check_heading(template: &ChannelTemplate, values: &Template, content: &Content) -> Result<()> {
    let heading = template.heading.clone().unwrap_or_default();
    let wrong = |field: &str, words: &str| Err(Error::invalid_field(field, words));
    match (heading.variable.is_empty(), values.heading.trim().is_empty()) {
        (false, true) => {
            return wrong("template.heading", "the template's heading has a variable: give its value");
        }
        (true, false) => {
            return wrong("template.heading", "the template's heading has no variable: leave it out");
        }
        _ => {}
    }
    let (wanted, words) = match heading.kind() {
        heading::Kind::Image => {
            (Some("image"), "a picture stands above this template: give exactly one in `attachments`")
        }
        heading::Kind::Video => {
            (Some("video"), "a film stands above this template: give exactly one in `attachments`")
        }
        heading::Kind::File => {
            (Some(""), "a file stands above this template: give exactly one in `attachments`")
        }
        _ => (None, "no file stands above this template: leave `attachments` out"),
    };
    let fits = match (wanted, content.attachments.as_slice()) {
        (None, []) => true,
        (Some(kind), [file]) => kind.is_empty() || file.kind == kind,
        _ => false,
    };
    if !fits {
        return wrong("attachments", words);
    }
    match (heading.kind() == heading::Kind::Location, content.location.is_some()) {
        (true, false) => wrong("location", "a place stands above this template: give it in `location`"),
        (false, true) => wrong("location", "no place stands above this template: leave `location` out"),
        _ => Ok(()),
    }
}

fn check_buttons(buttons: &[Button], values: &[String]) -> Result<()> {
    if values.len() > buttons.len() {
        let words =
            format!("the template has {} buttons, and {} values were given", buttons.len(), values.len());
        return Err(Error::invalid_field("template.buttons", words));
    }
    for (index, button) in buttons.iter().enumerate() {
        let value = values.get(index).map(String::as_str).unwrap_or_default();
        let takes_one = button.needs_value || button.kind() == button::Kind::Reply;
        let why = match (button.needs_value, takes_one, value.is_empty()) {
            (true, _, true) => "needs a value",
            (_, false, false) => "takes no value: leave it empty",
            _ => continue,
        };
        let words = format!("the template's button “{}” {why}", button.title);
        return Err(Error::invalid_field(&format!("template.buttons[{index}]"), words));
    }
    Ok(())
}

fn text(template: &ChannelTemplate, values: &Template) -> String {
    let heading = template.heading.as_ref().map(|heading| fill(&heading.words, |_| Some(&values.heading)));
    let named = || template.variables.iter().zip(&values.variables);
    let value = |name: &str| named().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
    let body = fill(&template.body, value);
    let paragraphs = [heading.unwrap_or_default(), body];
    paragraphs.into_iter().filter(|words| !words.is_empty()).collect::<Vec<_>>().join("\n\n")
}

fn buttons(template: &ChannelTemplate, values: &Template) -> Vec<StoredButton> {
    let shown = |(index, button): (usize, &Button)| {
        let value = values.buttons.get(index).filter(|value| !value.is_empty());
        let url = match button.kind() {
            button::Kind::Link => Some(fill(&button.target, |_| value.map(String::as_str))),
            button::Kind::Phone => Some(format!("tel:{}", button.target)),
            _ => None,
        };
        let payload = value.cloned().unwrap_or_else(|| button.title.clone());
        StoredButton { title: button.title.clone(), payload, url }
    };
    template.buttons.iter().enumerate().map(shown).collect()
}
