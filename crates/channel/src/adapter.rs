#[cfg(doc)]
use crate::ProviderCall;
use crate::{
    AccessToken, AccountSettings, Addressees, Change, ChannelTemplate, ConnectContext, Connected, Descriptor,
    Files, Media, MediaStream, Outbound, Person, PollContext, Polled, Receipt, ReceiveError, Received,
    SendError, SetupError, Transport, VerifyError, WebhookCall,
};

/// What differs between providers, and nothing more.
///
/// An adapter keeps no state, reads no clock and opens no connection: everything comes through its arguments.
pub trait Adapter: Send + Sync + 'static {
    /// Settings and secrets of one connected account.
    type Account: AccountSettings;

    /// What the provider is and can do.
    fn descriptor(&self) -> Descriptor;

    /// Checks over the raw bytes, in constant time, that the provider made this call. Comes before any parsing.
    fn verify(&self, account: &Self::Account, call: &WebhookCall) -> Result<(), VerifyError>;

    /// Whom a call to `/hooks/<kind>` is for. It comes before any proof, so it only routes: each account then verifies the
    /// call with its own secret, and `receive` leaves out what is not its own. None: every account has its own address.
    fn addressees(&self, call: &WebhookCall) -> Option<Addressees> {
        let _unproven = call;
        None
    }

    /// Translates a verified call. Pure: the same call gives the same events with the same keys.
    fn receive(&self, account: &Self::Account, call: &WebhookCall) -> Result<Received, ReceiveError>;

    /// Sends one part of a [`crate::plan::Plan`] as one provider message.
    fn send(
        &self,
        account: &Self::Account,
        message: &Outbound,
        files: &Files,
        transport: &dyn Transport,
    ) -> impl Future<Output = Result<Receipt, SendError>> + Send;

    /// Changes what was sent before, or reacts to a message. Only what the capabilities name is asked for, and it may be asked
    /// for again: what is so already is well.
    fn change(
        &self,
        account: &Self::Account,
        change: &Change,
        transport: &dyn Transport,
    ) -> impl Future<Output = Result<(), SendError>> + Send {
        let _unused = (account, change, transport);
        async { Err(SendError::unsupported("changing what was sent")) }
    }

    /// Checks the credentials and sets up the intake. Called for a new account and after every change of it.
    fn connect(
        &self,
        account: &Self::Account,
        context: &ConnectContext,
        transport: &dyn Transport,
    ) -> impl Future<Output = Result<Connected, SetupError>> + Send {
        let _nothing_to_check = (account, context, transport);
        async { Ok(Connected::default()) }
    }

    /// Asks for what is new. What came before the context's cursor is thereby confirmed.
    fn poll(
        &self,
        account: &Self::Account,
        context: &PollContext,
        transport: &dyn Transport,
    ) -> impl Future<Output = Result<Polled, SendError>> + Send {
        let _unused = (account, context, transport);
        async { Err(SendError::unsupported("polling")) }
    }

    /// Gets a short-lived token for the account's credentials, for calls made [`ProviderCall::with_access_token`]. The host
    /// keeps it while it holds.
    fn access_token(
        &self,
        account: &Self::Account,
        transport: &dyn Transport,
    ) -> impl Future<Output = Result<AccessToken, SendError>> + Send {
        let _unused = (account, transport);
        async { Err(SendError::unsupported("access tokens")) }
    }

    /// Tells who somebody is whom events only name by an id. The host asks once a day, and does not wait long.
    fn person(
        &self,
        account: &Self::Account,
        id: &str,
        transport: &dyn Transport,
    ) -> impl Future<Output = Result<Option<Person>, SendError>> + Send {
        let _unused = (account, id, transport);
        async { Ok(None) }
    }

    /// Lists all messages that the provider approved or may approve, for channels that take templates. Words have their
    /// variables as `{{name}}`.
    fn templates(
        &self,
        account: &Self::Account,
        transport: &dyn Transport,
    ) -> impl Future<Output = Result<Vec<ChannelTemplate>, SendError>> + Send {
        let _unused = (account, transport);
        async { Err(SendError::unsupported("templates")) }
    }

    /// Opens a file that the provider holds.
    fn fetch_media(
        &self,
        account: &Self::Account,
        media: &Media,
        transport: &dyn Transport,
    ) -> impl Future<Output = Result<MediaStream, SendError>> + Send {
        let _unused = (account, media, transport);
        async { Err(SendError::unsupported("files from contacts")) }
    }

    /// Shows the contact for a few seconds that somebody is typing.
    fn typing(
        &self,
        account: &Self::Account,
        thread_id: &str,
        transport: &dyn Transport,
    ) -> impl Future<Output = Result<(), SendError>> + Send {
        let _unused = (account, thread_id, transport);
        async { Ok(()) }
    }

    /// The same for providers that hang it on the contact's last message, which is known as long as the replica lives that
    /// took it in.
    fn typing_after(
        &self,
        account: &Self::Account,
        thread_id: &str,
        last_message_id: Option<&str>,
        transport: &dyn Transport,
    ) -> impl Future<Output = Result<(), SendError>> + Send {
        let _not_needed = last_message_id;
        self.typing(account, thread_id, transport)
    }
}
