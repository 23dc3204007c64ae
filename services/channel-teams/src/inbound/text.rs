use serde_json::Value;
use weft_channel::inbound;

use crate::wire::Mention;

/// The words without the mention of ourselves, and with the names of others as people write them.
pub(super) fn plain(text: &str, entities: &[Value], us: Option<&str>) -> String {
    let mut shown = text.to_owned();
    let mentions = entities.iter().filter_map(|raw| inbound::read::<Mention>(raw).ok());
    for mention in mentions.filter(|mention| mention.kind == "mention" && !mention.text.is_empty()) {
        let is_us = us == Some(mention.mentioned.id.as_str());
        let name = if is_us { String::new() } else { format!("@{}", mention.mentioned.name) };
        shown = shown.replacen(&mention.text, &name, 1);
    }
    shown.replace("&nbsp;", " ").replace('\u{a0}', " ").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn our_own_name_is_left_out() {
        let mention = |id: &str, name: &str| {
            let text = format!("<at>{name}</at>");
            json!({"type": "mention", "mentioned": {"id": id, "name": name}, "text": text})
        };
        let (us, bob) = (mention("28:us", "Acme Support"), mention("29:bob", "Bob"));
        let odd = json!({"type": "mention"});
        let table = [
            ("<at>Acme Support</at> help", vec![us.clone()], "help"),
            ("<at>Acme Support</at>&nbsp;help\u{a0}", vec![us.clone()], "help"),
            ("<at>Bob</at>, ask <at>Acme Support</at>", vec![bob, us], "@Bob, ask"),
            ("1 < 2 &amp; <b>", vec![odd, json!(5)], "1 < 2 &amp; <b>"),
        ];
        for (text, entities, shown) in table {
            assert_eq!(plain(text, &entities, Some("28:us")), shown);
        }
    }
}
