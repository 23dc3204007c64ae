use http::{HeaderName, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};
use url::form_urlencoded;
use weft_channel::{ProviderCall, Transport as _, TransportError};
use weft_twilio::{SIGNATURE, sign};

use super::{
    Simulator,
    state::{Push, State},
};

/// Brings webhooks one after the other. Twilio tries again only when it could not connect, and only once.
pub(super) async fn run(simulator: &Simulator) {
    loop {
        let push = simulator.world.wait(State::take_push).await;
        bring(simulator, &push).await;
    }
}

async fn bring(simulator: &Simulator, push: &Push) {
    let mut answer = simulator.transport.call(simulator.signed(push)).await;
    if let Err(TransportError::Unreachable { .. }) = answer {
        answer = simulator.transport.call(simulator.signed(push)).await;
    }
    let error = match answer {
        Ok(reply) if reply.status.is_success() => None,
        Ok(reply) => Some(format!("11200: the webhook answered {}", reply.status)),
        Err(error) => Some(format!("11205: {error}")),
    };
    simulator.world.change(|state| {
        state.pushing = false;
        state.last_webhook_error = error.or(state.last_webhook_error.take());
    });
}

impl State {
    fn take_push(&mut self) -> Option<Push> {
        let next = self.pushes.pop_front();
        self.pushing = next.is_some();
        next
    }
}

impl Simulator {
    fn signed(&self, push: &Push) -> ProviderCall {
        let (settings, oddities) = (&self.settings, self.world.lock().oddities);
        let token = match (oddities.corrupt_signature, oddities.secondary_token) {
            (true, _) => "nobody's token",
            (_, true) => &settings.secondary_auth_token,
            _ => &settings.auth_token,
        };
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(&push.fields).finish();
        let signature = sign(&SecretString::from(token), push.url.as_str(), form.as_bytes());
        let call = ProviderCall::post(push.url.clone(), "webhook").form(push.fields.clone());
        match HeaderValue::from_str(signature.expose_secret()) {
            Ok(value) => call.header(HeaderName::from_static(SIGNATURE), value),
            // cannot happen: base64 is text
            Err(_) => call,
        }
    }

    /// Waits until nothing is left to bring.
    pub async fn wait_until_delivered(&self) {
        self.world.wait(|state| (state.pushes.is_empty() && !state.pushing).then_some(())).await;
    }

    /// What a webhook last failed with.
    pub fn last_webhook_error(&self) -> Option<String> {
        self.world.lock().last_webhook_error.clone()
    }
}
