use std::sync::Arc;

use tokio::time::timeout;
use weft_domain::Error;

use super::DIRECTORY_PATIENCE;
use crate::{
    AccountSettings as _, Adapter, VerifyError, WebhookCall,
    host::{core::Core, live_account::LiveAccount},
};

/// A call that the provider surely made.
pub(super) struct Proof<S> {
    /// The account as it is now, which may be newer than the one it was asked for.
    pub(super) account: Arc<LiveAccount<S>>,
    /// It was signed with a secret that is being replaced.
    pub(super) by_previous: bool,
}

/// Which secrets a call was signed with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Secrets {
    Present,
    Previous,
}

impl<A: Adapter> Core<A> {
    /// Whether the provider made the call. A call that fails is measured again by the account as the directory has it now: a
    /// secret that was just replaced may be on its way to us by the call itself sooner than by the event.
    pub(super) async fn prove(
        &self,
        account: &Arc<LiveAccount<A::Account>>,
        call: &WebhookCall,
    ) -> Result<Result<Proof<A::Account>, VerifyError>, Error> {
        let proof = |account: &Arc<_>, secrets| Proof {
            account: Arc::clone(account),
            by_previous: secrets == Secrets::Previous,
        };
        let refusal = match self.verify(account, call).await? {
            Ok(secrets) => return Ok(Ok(proof(account, secrets))),
            Err(refusal) => refusal,
        };
        match timeout(DIRECTORY_PATIENCE, self.accounts.changed_since(account)).await {
            Ok(Some(now)) if now.enabled => {
                Ok(self.verify(&now, call).await?.map(|secrets| proof(&now, secrets)))
            }
            _ => Ok(Err(refusal)),
        }
    }

    /// Whether the provider made the call, and what it proves that with; an error, when that cannot be known now.
    pub(super) async fn verify(
        &self,
        account: &LiveAccount<A::Account>,
        call: &WebhookCall,
    ) -> Result<Result<Secrets, VerifyError>, Error> {
        let verify = || self.verify_with_either(account, call);
        let Some(place) = account.settings.keys_published_at() else { return Ok(verify()) };
        if !self.keys.are_there(&place).await {
            return Err(Error::unavailable("not_now").with_source("the provider's keys cannot be had"));
        }
        match verify() {
            Err(VerifyError::UnknownKey) if self.keys.look_again(&place).await => Ok(verify()),
            verified => Ok(verified),
        }
    }

    fn verify_with_either(
        &self,
        account: &LiveAccount<A::Account>,
        call: &WebhookCall,
    ) -> Result<Secrets, VerifyError> {
        let refusal = match self.adapter.verify(&account.settings, call) {
            Ok(()) => return Ok(Secrets::Present),
            Err(refusal) => refusal,
        };
        match account.settings_before(call.received_at).map(|before| self.adapter.verify(before, call)) {
            Some(Ok(())) => Ok(Secrets::Previous),
            // what the present secrets say is what a person can mend
            _ => Err(refusal),
        }
    }
}
