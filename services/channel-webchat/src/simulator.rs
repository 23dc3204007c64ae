//! Plays visitors of a real web chat: they open sessions and hold sockets, as pages do. For `weft simulate webchat`.

mod play;
mod simulation;
mod visitor;

pub use simulation::simulation;

use url::Url;
use weft_domain::{Error, Result};

/// Where a chat is.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    /// Of Weft, without a path.
    base: Url,
    channel: String,
}

impl Place {
    /// The chat whose channel has this address for webhooks; nobody calls it, but it says where the chat is.
    fn of(webhook: &str) -> Result<Self> {
        let wrong =
            || Error::invalid_field("url", "it must be like `http://localhost:8080/hooks/webchat/chan_…`");
        let url = Url::parse(webhook).map_err(|_| wrong())?;
        let channel = url.path().strip_prefix("/hooks/webchat/").ok_or_else(wrong)?.to_owned();
        let base = url.join("/").map_err(|_| wrong())?;
        Ok(Self { base, channel })
    }

    fn page(&self, rest: &str) -> String {
        format!("{}webchat/{}/{rest}", self.base, self.channel)
    }

    /// Sockets have a scheme of their own.
    fn socket(&self) -> String {
        self.page("live").replacen("http", "ws", 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chat_is_found_by_its_channels_address() {
        let place = Place::of("http://127.0.0.1:8080/hooks/webchat/chan_x").unwrap();
        assert_eq!(place.page("sessions"), "http://127.0.0.1:8080/webchat/chan_x/sessions");
        assert_eq!(place.socket(), "ws://127.0.0.1:8080/webchat/chan_x/live");
        assert!(
            Place::of("http://127.0.0.1:8080/hooks/echo/chan_x").is_err() && Place::of("chan_x").is_err()
        );
    }
}
