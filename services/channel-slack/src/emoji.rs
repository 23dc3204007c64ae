use emojis::SkinTone;

/// The sign that Slack calls so, like `+1` or `wave::skin-tone-3`.
pub(crate) fn named(name: &str) -> Option<String> {
    let (base, tone) = match name.split_once("::skin-tone-") {
        Some((base, tone)) => (base, Some(tone)),
        None => (name, None),
    };
    // gemoji calls flags by their country alone
    let emoji = emojis::get_by_shortcode(base.strip_prefix("flag-").unwrap_or(base))?;
    let toned = tone.and_then(skin_tone).and_then(|tone| emoji.with_skin_tone(tone));
    Some(toned.unwrap_or(emoji).as_str().to_owned())
}

/// What Slack calls a sign, without colons.
pub(crate) fn name(sign: &str) -> Option<String> {
    let emoji = emojis::get(sign)?;
    let plain = emoji.with_skin_tone(SkinTone::Default).unwrap_or(emoji);
    let name = plain.shortcode()?;
    let tone = emoji.skin_tone().and_then(|tone| match tone {
        SkinTone::Light => Some("2"),
        SkinTone::MediumLight => Some("3"),
        SkinTone::Medium => Some("4"),
        SkinTone::MediumDark => Some("5"),
        SkinTone::Dark => Some("6"),
        _ => None,
    });
    Some(tone.map_or_else(|| name.to_owned(), |tone| format!("{name}::skin-tone-{tone}")))
}

/// The text with the signs that stand in it between colons.
pub(crate) fn replaced(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(':') {
        shown.push_str(before);
        match sign(after) {
            Some((sign, behind)) => {
                shown.push_str(&sign);
                rest = behind;
            }
            None => {
                shown.push(':');
                rest = after;
            }
        }
    }
    shown.push_str(rest);
    shown
}

/// A sign whose name begins here, and what follows it.
fn sign(text: &str) -> Option<(String, &str)> {
    let (name, rest) = text.split_once(':')?;
    let tone = rest.strip_prefix(":skin-tone-").and_then(|tail| tail.split_once(':'));
    match tone.filter(|(tone, _)| skin_tone(tone).is_some()) {
        Some((tone, behind)) => Some((named(&format!("{name}::skin-tone-{tone}"))?, behind)),
        None => Some((named(name)?, rest)),
    }
}

fn skin_tone(number: &str) -> Option<SkinTone> {
    match number {
        "2" => Some(SkinTone::Light),
        "3" => Some(SkinTone::MediumLight),
        "4" => Some(SkinTone::Medium),
        "5" => Some(SkinTone::MediumDark),
        "6" => Some(SkinTone::Dark),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_are_shown_and_other_colons_stay() {
        let table = [
            (":wave: hi", "👋 hi"),
            ("ok :+1::skin-tone-4:", "ok 👍🏽"),
            (":wave::wave:", "👋👋"),
            (":flag-de:", "🇩🇪"),
            ("at 10:30: see", "at 10:30: see"),
            (":our_own:", ":our_own:"),
            ("a:b1:smile:", "a:b1😄"),
            (":+1::skin-tone-9:", "👍:skin-tone-9:"),
            ("::", "::"),
        ];
        for (text, shown) in table {
            assert_eq!(replaced(text), shown, "{text}");
        }
        assert_eq!(named("+1::skin-tone-2").as_deref(), Some("👍🏻"));
        for sign in ["👍🏻", "👋", "🎉", "❤️"] {
            assert_eq!(named(&name(sign).unwrap()).as_deref(), Some(sign));
        }
        assert_eq!(named("our_own"), None);
    }
}
