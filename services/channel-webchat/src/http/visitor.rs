use std::{net::IpAddr, sync::Arc};

use http::{
    HeaderMap, HeaderValue,
    header::{AUTHORIZATION, ORIGIN},
};
use weft_channel::LiveAccount;
use weft_crypto::sign::MacKey;
use weft_domain::{Error, ErrorCode, Result};

use super::Api;
use crate::{Account, room::Room, session::Session};

/// A chat that may be used from the page that calls.
#[derive(Clone)]
pub(crate) struct Chat {
    pub(crate) account: Arc<LiveAccount<Account>>,
    pub(crate) key: Arc<MacKey>,
}

/// A visitor with a session.
#[derive(Clone)]
pub(crate) struct Visitor {
    pub(crate) chat: Chat,
    pub(crate) room: Room,
    pub(crate) session: Session,
}

/// The chat that is called, if this page may call it.
pub(crate) async fn chat(api: &Api, channel_id: &str, headers: &HeaderMap, address: IpAddr) -> Result<Chat> {
    api.gate.request(address).await?;
    Chat::of(api, channel_id, headers.get(ORIGIN)).await
}

/// The visitor who calls with a session token.
pub(super) async fn visitor(
    api: &Api,
    channel_id: &str,
    headers: &HeaderMap,
    address: IpAddr,
) -> Result<Visitor> {
    let chat = chat(api, channel_id, headers, address).await?;
    let token = bearer(headers).ok_or_else(|| {
        let words = "send the session token as `Authorization: Bearer …`";
        Error::unauthenticated("missing_session", words)
    })?;
    chat.visitor(token, api)
}

impl Chat {
    /// The chat as it is now, if pages of this origin may call it.
    pub(crate) async fn of(api: &Api, channel_id: &str, origin: Option<&HeaderValue>) -> Result<Self> {
        let account = api.host.account(channel_id).await.map_err(not_now)?;
        if origin.is_some_and(|origin| !account.settings.allows(origin)) {
            let words =
                "this chat is not for pages of this address; add it to the channel's `allowed_origins`";
            return Err(Error::new(ErrorCode::Forbidden, "origin_not_allowed", words));
        }
        // the account has just been made and its secret is on the way
        let key = account.settings.session_key().ok_or_else(|| Error::unavailable("channel_not_ready"))?;
        Ok(Self { account, key: Arc::new(key) })
    }

    /// The visitor whom a token names.
    pub(crate) fn visitor(&self, token: &str, api: &Api) -> Result<Visitor> {
        let session = Session::read(&self.key, self.account.channel_id, token, api.clock.now())?;
        Ok(self.admit(session))
    }

    /// The visitor of a session that holds.
    pub(crate) fn admit(&self, session: Session) -> Visitor {
        let room = Room {
            tenant: self.account.tenant_id,
            channel: self.account.channel_id,
            visitor: session.visitor,
        };
        Visitor { chat: self.clone(), room, session }
    }
}

pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// What is wrong with a channel's settings is no visitor's business.
fn not_now(error: Error) -> Error {
    if error.code() == ErrorCode::NotFound || error.code().is_transient() {
        return error;
    }
    Error::unavailable("channel_not_ready").with_source(error)
}
