use weft_proto::conversation::v1::{Button, ContactCard, Location, Products, products::Section};

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

/// Products as their ids, one in a line, under the titles of their sections.
pub fn products_as_text(products: &Products) -> String {
    let section = |section: &Section| lines(std::iter::once(&section.title).chain(&section.items));
    let sections: Vec<String> = products.sections.iter().map(section).collect();
    lines(std::iter::once(&products.title).chain(&sections))
}

fn lines<'a>(all: impl IntoIterator<Item = &'a String>) -> String {
    let given: Vec<&str> = all.into_iter().map(String::as_str).filter(|line| !line.is_empty()).collect();
    given.join("\n")
}
