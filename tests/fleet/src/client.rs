use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use weft_fleet::roster;
use weft_http::{Client as Http, Request, Response, Settings};

/// A caller of the REST API.
#[derive(Clone)]
pub struct Client {
    http: Http,
    base: String,
    token: Option<SecretString>,
}

impl Client {
    /// Nobody, at `base`.
    pub fn nobody(base: &str) -> Self {
        let settings =
            Settings { allow_private: true, timeout: Duration::from_secs(20), ..Settings::default() };
        Self { http: Http::new(settings).unwrap(), base: base.to_owned(), token: None }
    }

    /// Somebody who signs in.
    pub async fn sign_in(base: &str, email: &str, password: &str) -> Self {
        let nobody = Self::nobody(base);
        let body = json!({"email": email, "password": password});
        let (status, tokens) = nobody.call("POST", "/v1/auth/login", Some(&body)).await;
        assert_eq!(status, 200, "{tokens}");
        nobody.with_token(tokens["access_token"].as_str().unwrap())
    }

    /// The same place with a token.
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(SecretString::from(token.to_owned())), ..self.clone() }
    }

    /// The token.
    pub fn token(&self) -> &str {
        self.token.as_ref().map(ExposeSecret::expose_secret).unwrap_or_default()
    }

    /// Where it calls.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// A request to be sent: with the token, and without a body.
    pub fn request(&self, verb: &str, path: &str) -> Request {
        let method = verb.parse().unwrap();
        let request = Request::new(method, &format!("{}{path}", self.base)).host_class("weft");
        match &self.token {
            Some(token) => request.bearer(token.expose_secret()),
            None => request,
        }
    }

    /// The whole answer to a request.
    pub async fn send(&self, request: Request) -> Response {
        self.http.send(request).await.unwrap()
    }

    /// Waits until each adapter of the roster has said what it can do.
    pub async fn wait_for_kinds(&self) {
        let adapters = roster::ENTRIES.iter().filter(|entry| entry.name.starts_with("channel-")).count();
        weft_testkit::eventually(
            "all adapters have announced themselves",
            Duration::from_secs(60),
            async || {
                let (status, kinds) = self.call("GET", "/v1/channel-kinds", None).await;
                let announced = kinds["items"].as_array().map_or(0, Vec::len);
                (status == 200 && announced >= adapters).then_some(())
            },
        )
        .await;
    }

    /// One call: the status and the body.
    pub async fn call(&self, verb: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let request = self.request(verb, path);
        let answer = self.send(body.into_iter().fold(request, |request, body| request.json(body))).await;
        let value = if answer.body.is_empty() { Value::Null } else { answer.json().unwrap_or(Value::Null) };
        (answer.status.as_u16(), value)
    }

    /// A call with headers of its own: the status and the body.
    pub async fn post_raw(&self, path: &str, headers: &[(&str, &str)], body: &str) -> anyhow::Result<u16> {
        let mut request = Request::post(&format!("{}{path}", self.base))
            .host_class("weft")
            .bytes("application/json", body.to_owned().into());
        for &(name, value) in headers {
            request = request.header(http::HeaderName::try_from(name).unwrap(), value);
        }
        Ok(self.http.send(request).await?.status.as_u16())
    }

    /// `GET`, which must work.
    pub async fn get(&self, path: &str) -> Value {
        let (status, body) = self.call("GET", path, None).await;
        assert_eq!(status, 200, "GET {path}: {body}");
        body
    }

    /// All items of a list, page by page.
    pub async fn list(&self, path: &str) -> Vec<Value> {
        let join = if path.contains('?') { '&' } else { '?' };
        let (mut items, mut token) = (Vec::new(), String::new());
        loop {
            let page = self.get(&format!("{path}{join}page_size=200&page_token={token}")).await;
            items.extend(page["items"].as_array().unwrap().iter().cloned());
            match page["next_page_token"].as_str() {
                Some(next) if !next.is_empty() => token = next.to_owned(),
                _ => return items,
            }
        }
    }

    /// `POST`, which must work.
    pub async fn post(&self, path: &str, body: &Value) -> Value {
        let (status, answer) = self.call("POST", path, Some(body)).await;
        assert!((200..300).contains(&status), "POST {path}: {status} {answer}");
        answer
    }

    /// `PATCH`, which must work.
    pub async fn patch(&self, path: &str, body: &Value) -> Value {
        let (status, answer) = self.call("PATCH", path, Some(body)).await;
        assert_eq!(status, 200, "PATCH {path}: {answer}");
        answer
    }
}
