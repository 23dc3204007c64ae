use http::{
    HeaderMap, HeaderValue, Uri,
    header::{COOKIE, SET_COOKIE},
};
use serde_json::{Map, Value};
use weft_domain::{Error, Result};
use weft_proto::operation::Operation;

use super::origins::Origins;

/// By this header a page asks that its refresh token be kept where no script can read it.
const WISH: &str = "weft-session";
const NAME: &str = "weft_refresh";
/// Out of reach of everything but the three calls that need it (AU-6).
const ATTRIBUTES: &str = "Path=/v1/auth; HttpOnly; Secure; SameSite=Strict";
/// Cookies live at most this long in browsers anyway; `directory` decides how long the token is good.
const LIFE_SECONDS: u32 = 400 * 24 * 3600;
const FIELD: &str = "refresh_token";

/// One of the three calls, by a page that keeps its refresh token in a cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CookieCall {
    Login,
    Refresh,
    Logout,
}

impl CookieCall {
    /// Whether this is such a call; the page's origin is checked then.
    pub(crate) fn of(
        operation: &Operation,
        headers: &HeaderMap,
        uri: &Uri,
        origins: &Origins,
    ) -> Result<Option<Self>> {
        let call = match operation.path.as_str() {
            "/weft.directory.v1.Auth/Login" => Self::Login,
            "/weft.directory.v1.Auth/Refresh" => Self::Refresh,
            "/weft.directory.v1.Auth/Logout" => Self::Logout,
            _ => return Ok(None),
        };
        if headers.get(WISH).is_none_or(|value| value != "cookie") {
            return Ok(None);
        }
        origins.demand(headers, uri)?;
        Ok(Some(call))
    }

    /// Puts the cookie's token where the operation looks for it.
    pub(crate) fn give_token(self, headers: &HeaderMap, fields: &mut Map<String, Value>) -> Result<()> {
        if self == Self::Login || fields.contains_key(FIELD) {
            return Ok(());
        }
        match cookie(headers) {
            Some(token) => {
                fields.insert(FIELD.to_owned(), token.into());
                Ok(())
            }
            None if self == Self::Logout => Ok(()),
            None => Err(Error::unauthenticated("missing_session", "there is no session here; sign in")),
        }
    }

    /// Moves the token of an answer into the cookie.
    pub(crate) fn take_token(self, answer: &mut Value, headers: &mut HeaderMap) -> Result<()> {
        let cookie = match answer.get_mut(FIELD) {
            Some(Value::String(token)) => {
                format!("{NAME}={}; {ATTRIBUTES}; Max-Age={LIFE_SECONDS}", std::mem::take(token))
            }
            _ if self == Self::Logout => format!("{NAME}=; {ATTRIBUTES}; Max-Age=0"),
            _ => return Ok(()),
        };
        headers.insert(SET_COOKIE, HeaderValue::from_str(&cookie).map_err(Error::internal)?);
        Ok(())
    }
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let lines = headers.get_all(COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find_map(|(name, value)| (name == NAME).then_some(value))
}
