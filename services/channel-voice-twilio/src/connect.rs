use weft_channel::{ConnectContext, Connected, SetupError, Transport};

use crate::Account;

/// Checks the credentials and tells Twilio what to do with calls.
pub(crate) async fn connect(
    account: &Account,
    context: &ConnectContext,
    transport: &dyn Transport,
) -> Result<Connected, SetupError> {
    let access = account.access();
    let title = weft_twilio::check_account(&access, transport).await?;
    if let Some(url) = context.webhook_url.as_deref().filter(|_| account.set_webhook) {
        let status = format!("{}/status", url.trim_end_matches('/'));
        let fields = [
            ("VoiceUrl", url),
            ("VoiceMethod", "POST"),
            ("StatusCallback", status.as_str()),
            ("StatusCallbackMethod", "POST"),
        ];
        weft_twilio::set_number(&access, &account.from_number, &fields, transport).await?;
    }
    Ok(Connected { title, username: Some(account.from_number.clone()), ..Connected::default() })
}
