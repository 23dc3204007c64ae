//! Reads what we are told to do with a call.

/// An element of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Element {
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    /// What is in it, as it stands.
    pub(super) inner: String,
}

impl Element {
    /// An attribute's value.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// What is in it, as text.
    pub(super) fn text(&self) -> String {
        unescaped(&self.inner)
    }
}

/// The elements of a document, in order; none when it is no script.
pub(super) fn document(text: &str) -> Option<Vec<Element>> {
    let start = text.find("<Response")?;
    match read(text.get(start..)?)?.as_slice() {
        [response] if response.name == "Response" => read(&response.inner),
        _ => None,
    }
}

/// Elements that stand beside each other.
pub(super) fn read(mut rest: &str) -> Option<Vec<Element>> {
    let mut elements = Vec::new();
    while let Some((_, tag)) = rest.split_once('<') {
        let (head, after) = tag.split_once('>')?;
        let is_empty = head.ends_with('/');
        let head = head.trim_end_matches('/');
        let (name, mut pairs) = head.split_once(' ').unwrap_or((head, ""));
        let mut attributes = Vec::new();
        while let Some((key, value)) = pairs.split_once("=\"") {
            let (value, next) = value.split_once('"')?;
            attributes.push((key.trim().to_owned(), unescaped(value)));
            pairs = next;
        }
        let (inner, next) = if is_empty { ("", after) } else { after.split_once(&format!("</{name}>"))? };
        elements.push(Element { name: name.to_owned(), attributes, inner: inner.to_owned() });
        rest = next;
    }
    Some(elements)
}

fn unescaped(text: &str) -> String {
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")];
    entities.iter().fold(text.to_owned(), |text, (entity, letter)| text.replace(entity, letter))
}
