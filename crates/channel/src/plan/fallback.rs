use crate::{Button, ContactCard, Location};

/// Buttons as a numbered list; an address follows its title.
pub fn buttons_as_text(buttons: &[Button]) -> String {
    let line = |(index, button): (usize, &Button)| {
        let number = index + 1;
        match &button.url {
            Some(url) => format!("{number}. {}: {url}", button.title),
            None => format!("{number}. {}", button.title),
        }
    };
    buttons.iter().enumerate().map(line).collect::<Vec<_>>().join("\n")
}

/// A place as title, address and a link to a map.
pub fn location_as_text(location: &Location) -> String {
    let (latitude, longitude) = (location.latitude, location.longitude);
    let link = format!("https://www.openstreetmap.org/?mlat={latitude}&mlon={longitude}");
    lines([&location.title, &location.address, &link])
}

/// A contact card as name, numbers and addresses.
pub fn card_as_text(card: &ContactCard) -> String {
    lines(std::iter::once(&card.name).chain(&card.phones).chain(&card.emails))
}

fn lines<'a>(all: impl IntoIterator<Item = &'a String>) -> String {
    let given: Vec<&str> = all.into_iter().map(String::as_str).filter(|line| !line.is_empty()).collect();
    given.join("\n")
}
