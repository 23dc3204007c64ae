//! What visitors are asked before they write.

use std::collections::{BTreeMap, HashSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use weft_domain::{Error, Result};

use crate::visitor_fields::{email, line, phone};

const MAX_QUESTIONS: usize = 20;
const MAX_ANSWER_CHARS: usize = 200;
const MAX_MESSAGE_CHARS: usize = 2_000;

/// One question of the form that visitors fill in before they write.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// `name`, `email` and `phone` become the contact's own, `message` is the first message; any other word stands above it.
    pub name: String,
    /// What the visitor reads.
    pub label: String,
    /// Whether it has to be answered.
    #[serde(default)]
    pub required: bool,
    /// What can be chosen; none: any line of text.
    #[serde(default)]
    pub choices: Vec<String>,
}

/// What a visitor answered.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Answers {
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) phone: Option<String>,
    /// The first message, made of all other answers.
    pub(crate) message: Option<String>,
}

/// Checks the form itself.
pub(crate) fn validate(questions: &[Question]) -> Result<()> {
    if questions.len() > MAX_QUESTIONS {
        let words = format!("a form has at most {MAX_QUESTIONS} questions");
        return Err(Error::invalid_field("settings.pre_chat", words));
    }
    let mut names = HashSet::new();
    for (index, question) in questions.iter().enumerate() {
        let wrong = |part: &str, words: &str| {
            Err(Error::invalid_field(&format!("settings.pre_chat[{index}].{part}"), words))
        };
        let is_word = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
        if question.name.is_empty() || !question.name.chars().all(is_word) {
            return wrong("name", "it must be a word of a-z, 0-9 and `_`");
        }
        if !names.insert(question.name.as_str()) {
            return wrong("name", "another question has this name");
        }
        if question.label.trim().is_empty() {
            return wrong("label", "it must not be empty");
        }
    }
    Ok(())
}

/// Reads the answers; the error names the one at fault.
pub(crate) fn read(questions: &[Question], given: &BTreeMap<String, String>) -> Result<Answers> {
    if let Some(unknown) = given.keys().find(|name| questions.iter().all(|question| question.name != **name))
    {
        return Err(Error::invalid_field(&field(unknown), "the form has no such question"));
    }
    let (mut answers, mut above, mut message) = (Answers::default(), Vec::new(), None);
    for question in questions {
        let field = field(&question.name);
        let Some(text) = given.get(&question.name).map(|text| text.trim()).filter(|text| !text.is_empty())
        else {
            if question.required {
                return Err(Error::invalid("missing_field", "this has to be answered").with_field(&field));
            }
            continue;
        };
        if !question.choices.is_empty() && !question.choices.iter().any(|choice| choice == text) {
            return Err(Error::invalid_field(
                &field,
                format!("choose one of {}", question.choices.join(", ")),
            ));
        }
        match question.name.as_str() {
            "name" => answers.name = Some(line(&field, text, MAX_ANSWER_CHARS)?),
            "email" => answers.email = Some(email(&field, text)?),
            "phone" => answers.phone = Some(phone(&field, text)?),
            "message" => message = Some(crate::inbound::text(&field, text, MAX_MESSAGE_CHARS)?),
            _ => above.push(format!("{}: {}", question.label.trim(), line(&field, text, MAX_ANSWER_CHARS)?)),
        }
    }
    let above = Some(above.join("\n")).filter(|text| !text.is_empty());
    let parts: Vec<String> = above.into_iter().chain(message).collect();
    answers.message = Some(parts.join("\n\n")).filter(|text| !text.is_empty());
    Ok(answers)
}

fn field(name: &str) -> String {
    format!("answers.{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(name: &str, required: bool, choices: &[&str]) -> Question {
        let choices = choices.iter().map(|choice| (*choice).to_owned()).collect();
        Question { name: name.to_owned(), label: format!("Your {name}"), required, choices }
    }

    fn answered(given: &[(&str, &str)]) -> Result<Answers> {
        let form = [
            question("email", true, &[]),
            question("topic", false, &["Tickets", "Groups"]),
            question("order", false, &[]),
            question("message", false, &[]),
        ];
        read(&form, &given.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect())
    }

    #[test]
    fn answers_become_the_contact_and_the_first_message() {
        let full =
            [("email", " ada@example.org "), ("topic", "Groups"), ("order", "7"), ("message", "Hi\nthere")];
        let answers = answered(&full).unwrap();
        assert_eq!(answers.email.as_deref(), Some("ada@example.org"));
        assert_eq!(answers.message.as_deref(), Some("Your topic: Groups\nYour order: 7\n\nHi\nthere"));
        assert_eq!(answered(&[("email", "ada@example.org"), ("topic", " ")]).unwrap().message, None);
    }

    #[test]
    fn a_wrong_answer_and_a_wrong_form_are_named() {
        let refused = |given: &[(&str, &str)]| answered(given).unwrap_err().field().unwrap().to_owned();
        assert_eq!(refused(&[]), "answers.email");
        assert_eq!(refused(&[("email", "ada")]), "answers.email");
        assert_eq!(refused(&[("email", "a@example.org"), ("topic", "Other")]), "answers.topic");
        assert_eq!(refused(&[("email", "a@example.org"), ("order", "a\nb")]), "answers.order");
        assert_eq!(refused(&[("email", "a@example.org"), ("shoe", "42")]), "answers.shoe");
        let wrong = |form: &[Question]| validate(form).unwrap_err().field().unwrap().to_owned();
        assert_eq!(wrong(&[question("E-mail", false, &[])]), "settings.pre_chat[0].name");
        let twice = [question("email", false, &[]), question("email", false, &[])];
        assert_eq!(wrong(&twice), "settings.pre_chat[1].name");
        let mute = Question { label: " ".to_owned(), ..question("a", false, &[]) };
        assert_eq!(wrong(&[mute]), "settings.pre_chat[0].label");
    }
}
