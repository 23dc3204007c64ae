use serde_json::{Value, json};
use url::form_urlencoded;
use weft_channel::template::{fill, variables};

use super::{
    Simulator,
    check::Checked,
    media,
    pusher::Change,
    refusal::{Answer, Refusal},
    state::State,
};

/// What the account has from the beginning.
pub(super) fn samples() -> Vec<Value> {
    vec![
        json!({"id": "800000000000001", "name": "order_update", "language": "en_US", "status": "APPROVED",
            "category": "UTILITY", "rejected_reason": "NONE", "components": [
                {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["https://cdn.example.com/h.jpg"]}},
                {"type": "BODY", "text": "Hi {{1}}, order {{2}} has shipped.", "example": {"body_text": [["Ada", "#17"]]}},
                {"type": "FOOTER", "text": "Acme"},
                {"type": "BUTTONS", "buttons": [
                    {"type": "QUICK_REPLY", "text": "Confirm"},
                    {"type": "URL", "text": "Track", "url": "https://example.com/t/{{1}}", "example": ["17"]}]}]}),
        json!({"id": "800000000000002", "name": "welcome", "language": "en_US", "status": "APPROVED",
            "category": "UTILITY", "rejected_reason": "NONE", "components": [
                {"type": "BODY", "text": "Hello {{first_name}}, how can we help?"}]}),
        json!({"id": "800000000000003", "name": "welcome", "language": "de", "status": "PENDING",
            "category": "UTILITY", "rejected_reason": "NONE", "components": [
                {"type": "BODY", "text": "Hallo {{first_name}}, wie können wir helfen?"}]}),
        json!({"id": "800000000000004", "name": "summer_sale", "language": "en_US", "status": "REJECTED",
            "category": "MARKETING", "rejected_reason": "INVALID_FORMAT", "components": [
                {"type": "BODY", "text": "Everything must go!"}]}),
    ]
}

/// A page of the templates; the cursor is the place of the last one that was given.
pub(super) fn list(simulator: &Simulator, query: &str) -> Answer {
    let parameter = |name: &str| {
        form_urlencoded::parse(query.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    };
    let number = |name: &str| parameter(name).map(|text| text.parse::<usize>());
    let (Ok(limit), Ok(after)) = (number("limit").unwrap_or(Ok(25)), number("after").unwrap_or(Ok(0))) else {
        return Err(Refusal::parameter("Invalid cursor or limit"));
    };
    let status = parameter("status");
    let state = simulator.world.lock();
    let wanted =
        |template: &&Value| status.as_deref().is_none_or(|status| word(template, "/status") == status);
    let all: Vec<&Value> = state.templates.iter().filter(wanted).collect();
    let page: Vec<&Value> = all.iter().skip(after).take(limit.max(1)).copied().collect();
    let end = after + page.len();
    let mut answer =
        json!({"data": page, "paging": {"cursors": {"before": after.to_string(), "after": end.to_string()}}});
    if end < all.len()
        && let Some(paging) = answer.get_mut("paging").and_then(Value::as_object_mut)
    {
        paging.insert("next".to_owned(), json!(format!("https://graph.example/next?after={end}")));
    }
    Ok(answer)
}

/// Checks a template and its values; gives what the customer reads.
pub(super) fn check(state: &State, content: &Value) -> Result<Checked, Refusal> {
    let text = |pointer: &str| content.pointer(pointer).and_then(Value::as_str);
    let missing = |what: &str| Refusal::new(400, 131_008, format!("Required parameter is missing: {what}"));
    let name = text("/name").ok_or_else(|| missing("template['name']"))?;
    let language = text("/language/code").ok_or_else(|| missing("template['language']['code']"))?;
    let template = find(state, name, language)?;
    let given = content.get("components").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut checked = Checked::default();
    for component in parts(template, "components") {
        let words = word(component, "/text");
        match word(component, "/type") {
            "BODY" => checked.text = body(words, parameters_of(given, "body"))?,
            "HEADER" => {
                checked.file_bytes = header(state, component, parameters_of(given, "header"))?;
            }
            "BUTTONS" => buttons(component, given)?,
            _ => {}
        }
    }
    Ok(checked)
}

fn find<'a>(state: &'a State, name: &str, language: &str) -> Result<&'a Value, Refusal> {
    let found = state.templates.iter().find(|known| is_called(known, name, language));
    let there_is_none = || {
        let words = format!("Template name does not exist in the translation: {name} in {language}");
        Refusal::new(404, 132_001, words)
    };
    let template = found.ok_or_else(there_is_none)?;
    match word(template, "/status") {
        "APPROVED" => Ok(template),
        "PAUSED" => Err(Refusal::new(400, 132_015, "Template is paused")),
        "DISABLED" => Err(Refusal::new(400, 132_016, "Template is disabled")),
        _ => Err(there_is_none()),
    }
}

fn body(words: &str, given: &[Value]) -> Result<String, Refusal> {
    let names = variables(words);
    if names.len() != given.len() {
        let words = format!(
            "number of body parameters ({}) does not match the expected ({})",
            given.len(),
            names.len()
        );
        return Err(Refusal::new(400, 132_000, words));
    }
    for (name, parameter) in names.iter().zip(given) {
        let is_named = name.parse::<u32>().is_err();
        if is_named && word(parameter, "/parameter_name") != name {
            return Err(Refusal::new(400, 132_012, format!("Parameter name {name} is expected")));
        }
        if word(parameter, "/text").is_empty() {
            return Err(Refusal::new(400, 131_008, "Required parameter is missing: text"));
        }
    }
    let value = |name: &str| {
        names
            .iter()
            .position(|known| known == name)
            .and_then(|at| given.get(at).map(|parameter| word(parameter, "/text")))
    };
    Ok(fill(words, value))
}

fn header(state: &State, component: &Value, given: &[Value]) -> Result<Option<usize>, Refusal> {
    let format = word(component, "/format").to_lowercase();
    let wanted = match format.as_str() {
        "text" => variables(word(component, "/text")).len(),
        _ => 1,
    };
    if given.len() != wanted {
        return Err(Refusal::new(
            400,
            132_012,
            format!("header: {wanted} parameters of {format} are expected"),
        ));
    }
    let Some(parameter) = given.first() else { return Ok(None) };
    if word(parameter, "/type") != format {
        return Err(Refusal::new(400, 132_012, format!("header: Format mismatch, expected {format}")));
    }
    if !matches!(format.as_str(), "image" | "video" | "document") {
        return Ok(None);
    }
    let id = word(parameter, &format!("/{format}/id"));
    let file = state.media.get(id).ok_or_else(|| Refusal::new(400, 131_053, "Media upload error"))?;
    media::check(&format, file)?;
    Ok(Some(file.bytes.len()))
}

fn buttons(component: &Value, given: &[Value]) -> Result<(), Refusal> {
    for (index, button) in parts(component, "buttons").iter().enumerate() {
        let needs_one = !variables(word(button, "/url")).is_empty();
        let is_given = given
            .iter()
            .any(|one| word(one, "/type") == "button" && word(one, "/index").parse() == Ok(index));
        if needs_one && !is_given {
            let words = format!(
                "Required parameter is missing: buttons: Button at index {index} of type Url requires a parameter"
            );
            return Err(Refusal::new(400, 131_008, words));
        }
    }
    Ok(())
}

fn parameters_of<'a>(given: &'a [Value], kind: &str) -> &'a [Value] {
    given
        .iter()
        .find(|one| word(one, "/type") == kind)
        .map(|one| parts(one, "parameters"))
        .unwrap_or_default()
}

fn is_called(template: &Value, name: &str, language: &str) -> bool {
    word(template, "/name") == name && word(template, "/language") == language
}

fn word<'a>(of: &'a Value, pointer: &str) -> &'a str {
    of.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn parts<'a>(of: &'a Value, name: &str) -> &'a [Value] {
    of.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// What a customer sends who touches the button of a template that carries this.
pub(super) fn answer(state: &State, sent: &Value, payload: &str) -> Option<Value> {
    let touched =
        parts(sent, "components").iter().find(|one| word(one, "/parameters/0/payload") == payload)?;
    let place: usize = word(touched, "/index").parse().ok()?;
    let template = find(state, word(sent, "/name"), word(sent, "/language/code")).ok()?;
    let buttons = parts(template, "components").iter().find(|one| word(one, "/type") == "BUTTONS")?;
    Some(json!({"payload": payload, "text": word(buttons, &format!("/buttons/{place}/text"))}))
}

impl Simulator {
    /// Adds a template of the account, as the list shows it.
    pub fn add_template(&self, template: Value) {
        self.world.change(|state| state.templates.push(template));
    }

    /// Meta decides about a template, and tells the webhook.
    pub fn decide_template(&self, name: &str, language: &str, status: &str) {
        let settings = &self.settings;
        self.world.change(|state| {
            let is_meant = |known: &&mut Value| is_called(known, name, language);
            let Some(template) = state.templates.iter_mut().find(is_meant) else { return };
            if let Some(fields) = template.as_object_mut() {
                fields.insert("status".to_owned(), json!(status));
            }
            let change = Change::template(settings, template, status);
            state.push(change);
        });
    }
}
