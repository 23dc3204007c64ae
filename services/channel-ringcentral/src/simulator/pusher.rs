use std::time::Duration;

use http::{HeaderName, HeaderValue};
use url::Url;
use weft_channel::{ProviderCall, Transport as _};

use super::{
    Simulator,
    state::{Push, State},
};

const PATIENCE: Duration = Duration::from_secs(3);
/// After so many failures in a row nothing is brought any more.
const TOO_OFTEN: u32 = 3;

/// Brings events one after the other, each once.
pub(super) async fn run(simulator: &Simulator) {
    loop {
        let push = simulator.world.wait(State::take_push).await;
        bring(simulator, &push).await;
    }
}

async fn bring(simulator: &Simulator, push: &Push) {
    let error = match simulator.delivery(push) {
        None => None,
        Some(call) => match simulator.transport.call(call).await {
            Ok(reply) if reply.status == 200 => None,
            Ok(reply) => Some(format!("the webhook answered {}", reply.status)),
            Err(error) => Some(error.to_string()),
        },
    };
    simulator.world.change(|state| {
        state.pushing = false;
        let Some(one) = state.subscriptions.get_mut(&push.subscription) else { return };
        one.failures = if error.is_some() { one.failures + 1 } else { 0 };
        if one.failures >= TOO_OFTEN {
            one.status = "Blacklisted";
        }
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
    /// The call that brings an event; none when nobody wants it any more.
    fn delivery(&self, push: &Push) -> Option<ProviderCall> {
        let state = self.world.lock();
        let subscription =
            state.subscriptions.get(&push.subscription).filter(|one| one.status == "Active")?;
        let name = if state.oddities.other_header { "verification-token" } else { "validation-token" };
        let secret =
            if state.oddities.wrong_secret { "nobody's secret" } else { subscription.secret.as_str() };
        let call = ProviderCall::post(Url::parse(&subscription.address).ok()?, "webhook");
        let value = HeaderValue::from_str(secret).ok()?;
        Some(call.json(push.body.clone()).timeout(PATIENCE).header(HeaderName::from_static(name), value))
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
