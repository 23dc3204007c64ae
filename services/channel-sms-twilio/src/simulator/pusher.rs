use http::{HeaderName, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};
use tokio_util::sync::CancellationToken;
use url::form_urlencoded;
use weft_channel::{ProviderCall, Transport as _, TransportError};
use weft_twilio::{SIGNATURE, sign};

use super::{Simulator, state::Push};

/// Brings webhooks one after the other. Twilio tries again only when it could not connect, and only once.
pub(super) async fn run(simulator: &Simulator, stop: CancellationToken) {
    loop {
        let next = simulator.change_quietly();
        let work = async {
            match next {
                Some(push) => bring(simulator, &push).await,
                None => simulator.0.pushes.notified().await,
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = work => {}
        }
    }
}

async fn bring(simulator: &Simulator, push: &Push) {
    let mut answer = simulator.0.transport.call(simulator.signed(push)).await;
    if let Err(TransportError::Unreachable { .. }) = answer {
        answer = simulator.0.transport.call(simulator.signed(push)).await;
    }
    let error = match answer {
        Ok(reply) if reply.status.is_success() => None,
        Ok(reply) => Some(format!("11200: the webhook answered {}", reply.status)),
        Err(error) => Some(format!("11205: {error}")),
    };
    simulator.change(|state| {
        state.pushing = false;
        state.last_webhook_error = error.or(state.last_webhook_error.take());
    });
}

impl Simulator {
    /// Takes the next webhook, without waking those who wait for it to be brought.
    fn change_quietly(&self) -> Option<Push> {
        let mut state = self.lock();
        let next = state.pushes.pop_front();
        state.pushing = next.is_some();
        next
    }

    fn signed(&self, push: &Push) -> ProviderCall {
        let (settings, oddities) = (&self.0.settings, self.lock().oddities);
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
        self.wait(|state| (state.pushes.is_empty() && !state.pushing).then_some(())).await;
    }

    /// What a webhook last failed with.
    pub fn last_webhook_error(&self) -> Option<String> {
        self.lock().last_webhook_error.clone()
    }
}
