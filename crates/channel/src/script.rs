//! What simulated customers say.

use serde::{Deserialize, Deserializer, de::Error as _};

/// A little world of people who write, again and again.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// They take turns in this order.
    #[serde(deserialize_with = "at_least_one")]
    pub people: Vec<Character>,
}

/// Somebody who writes.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Character {
    /// As their profile shows it.
    pub name: String,
    /// Like `en`.
    #[serde(default = "english")]
    pub language: String,
    /// The kinds of channels they write on; empty: all.
    #[serde(default)]
    pub channels: Vec<String>,
    /// What they go through, one after the other.
    #[serde(deserialize_with = "at_least_one")]
    pub lines: Vec<Line>,
}

/// One thing somebody does.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// Presses Start, follows, installs: whatever opens a conversation there.
    Starts,
    /// Writes.
    Says(String),
    /// Sends a picture; the caption goes along where there are captions.
    Shows(String),
    /// Sends a document; the caption goes along where there are captions.
    Sends(String),
    /// Sends a voice message.
    Speaks,
    /// Sends a place: latitude and longitude in degrees.
    #[serde(deserialize_with = "place")]
    IsAt(f64, f64),
    /// Sends a sticker.
    Sticker,
    /// Does what only one kind of channel knows by this word; the others pass it over.
    Does(String),
}

impl Script {
    /// The people who write on this kind of channel.
    pub fn people_on(&self, kind: &str) -> impl Iterator<Item = &Character> {
        let is_there = move |person: &&Character| {
            person.channels.is_empty() || person.channels.iter().any(|channel| channel == kind)
        };
        self.people.iter().filter(is_there)
    }
}

impl Line {
    /// The words of it, for where nothing else can be sent; none for what only one kind of channel knows.
    pub fn in_words(&self) -> Option<String> {
        let or = |words: &str, sign: &str| if words.is_empty() { sign } else { words }.to_owned();
        Some(match self {
            Self::Starts => "👋".to_owned(),
            Self::Says(words) => words.clone(),
            Self::Shows(caption) => or(caption, "📷"),
            Self::Sends(caption) => or(caption, "📄"),
            Self::Speaks => "🎤".to_owned(),
            Self::IsAt(latitude, longitude) => format!("📍 {latitude}, {longitude}"),
            Self::Sticker => "🙂".to_owned(),
            Self::Does(_) => return None,
        })
    }
}

impl Default for Script {
    fn default() -> Self {
        let says = |words: &str| Line::Says(words.to_owned());
        let grace = [
            Line::Starts,
            says("Hi, my kettle arrived today but the lid is cracked"),
            Line::Shows("This is how it looks".to_owned()),
            says("Order 1042, I think"),
            Line::Sticker,
            says("Perfect, thank you! 🙏"),
        ];
        let olena = [
            says("Добрий день! Чи можна змінити адресу доставки?"),
            Line::IsAt(50.450_1, 30.523_4),
            says("Замовлення 3150"),
            Line::Sends("Ось рахунок".to_owned()),
            says("Так, усе правильно"),
            says("Дякую 🌻"),
        ];
        let sakura = [
            says("こんにちは。注文した急須がまだ届きません。"),
            says("注文番号は4421です"),
            Line::Speaks,
            Line::Shows("これです".to_owned()),
            says("わかりました。"),
            says("ありがとうございます！"),
        ];
        let people = [("Grace", "en", grace), ("Олена", "uk", olena), ("さくら", "ja", sakura)];
        let people = people.map(|(name, language, lines)| Character {
            name: name.to_owned(),
            language: language.to_owned(),
            channels: Vec::new(),
            lines: lines.to_vec(),
        });
        Self { people: people.to_vec() }
    }
}

fn english() -> String {
    "en".to_owned()
}

fn at_least_one<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Vec<T>, D::Error> {
    let all = Vec::deserialize(from)?;
    if all.is_empty() { Err(D::Error::custom("there must be at least one")) } else { Ok(all) }
}

fn place<'de, D: Deserializer<'de>>(from: D) -> Result<(f64, f64), D::Error> {
    let (latitude, longitude) = <(f64, f64)>::deserialize(from)?;
    if (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude) {
        return Ok((latitude, longitude));
    }
    Err(D::Error::custom(
        "a place is `[latitude, longitude]` in degrees, from -90 to 90 and from -180 to 180",
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, from_value, json};

    use super::*;

    #[test]
    fn what_nobody_can_play_is_refused_with_what_would_be_right() {
        let said = |people: Value| from_value::<Script>(json!({"people": people}));
        let one = |line: Value| said(json!([{"name": "Ada", "lines": [line]}]));
        assert_eq!(one(json!({"says": "Hi"})).unwrap().people[0].language, "en");
        assert_eq!(one(json!({"is_at": [1.5, 2]})).unwrap().people[0].lines, [Line::IsAt(1.5, 2.0)]);
        let wrong = |read: Result<Script, serde_json::Error>| read.unwrap_err().to_string();
        assert!(wrong(said(json!([]))).contains("at least one"));
        assert!(wrong(said(json!([{"name": "Ada", "lines": []}]))).contains("at least one"));
        assert!(wrong(said(json!([{"name": "Ada", "age": 3, "lines": ["starts"]}]))).contains("`age`"));
        assert!(wrong(one(json!({"say": "Hi"}))).contains("`says`"));
        assert!(wrong(one(json!({"is_at": [91, 0]}))).contains("from -90 to 90"));
    }

    #[test]
    fn everything_has_words_but_what_only_one_channel_knows() {
        let people = Script::default().people;
        assert!(people.iter().flat_map(|person| &person.lines).all(|line| line.in_words().is_some()));
        assert_eq!(Line::Shows(String::new()).in_words().as_deref(), Some("📷"));
        assert_eq!(Line::IsAt(50.45, -3.0).in_words().as_deref(), Some("📍 50.45, -3"));
        assert_eq!(Line::Does("a_trick".to_owned()).in_words(), None);
    }
}
