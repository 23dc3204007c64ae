use lettre::Address;
use schemars::JsonSchema;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use url::Url;
use weft_auth::PublishedKeys;
use weft_channel::{AccountSettings, SendError};
use weft_domain::{Error, TenantId, id::ChannelId};

/// One mailbox.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Account {
    /// The address that people write to and that answers come from, like `support@example.com`.
    pub address: String,
    /// The name beside it in answers, like `Example Support`.
    #[serde(default)]
    pub from_name: String,
    /// How the mailbox is reached: over IMAP and SMTP, or (`gmail`) over the Gmail API, which wants a client id, its secret and a
    /// refresh token.
    #[serde(default)]
    pub mode: Mode,
    /// Where mail is read, like `imap.example.com`; not needed with `gmail`.
    #[serde(default)]
    pub imap_host: String,
    /// Its port: 993 with TLS from the start, 143 with STARTTLS.
    #[serde(default = "imap_port")]
    #[schemars(default = "imap_port")]
    pub imap_port: u16,
    /// How that connection is encrypted.
    #[serde(default)]
    pub imap_tls: Tls,
    /// Where mail is sent, like `smtp.example.com`; not needed with `gmail`.
    #[serde(default)]
    pub smtp_host: String,
    /// Its port: 465 with TLS from the start, 587 with STARTTLS.
    #[serde(default = "smtp_port")]
    #[schemars(default = "smtp_port")]
    pub smtp_port: u16,
    /// How that connection is encrypted.
    #[serde(default)]
    pub smtp_tls: Tls,
    /// Who signs in, when that is not the address.
    #[serde(default)]
    pub username: String,
    /// The password, or the app password that the mail provider gives for programs. With `xoauth2` and no refresh token it is an
    /// access token.
    #[schemars(with = "Option<String>")]
    pub password: Option<SecretString>,
    /// How one signs in: with the password, or (`xoauth2`) with OAuth, as Microsoft 365 wants it.
    #[serde(default)]
    pub auth: Auth,
    /// The application that was registered with the mail provider, for `xoauth2` and `gmail`.
    #[serde(default)]
    pub client_id: String,
    /// Its secret, if the provider gave it one.
    #[schemars(with = "Option<String>")]
    pub client_secret: Option<SecretString>,
    /// What the provider gave when somebody allowed the application to use the mailbox; access tokens are made from it.
    #[schemars(with = "Option<String>")]
    pub refresh_token: Option<SecretString>,
    /// Where they are made. Google's by default; Microsoft's is `https://login.microsoftonline.com/common/oauth2/v2.0/token`.
    #[serde(default = "token_url")]
    #[schemars(default = "token_url")]
    pub token_url: Url,
    /// Has Gmail tell of new mail at once: the Pub/Sub topic, like `projects/example/topics/gmail`. Empty: it is asked.
    #[serde(default)]
    pub pubsub_topic: String,
    /// The service account that Pub/Sub signs its calls to us as, like `push@example.iam.gserviceaccount.com`.
    #[serde(default)]
    pub pubsub_service_account: String,
    /// The folder that is read; with `gmail` these are ids of labels: `INBOX`, `SENT`, `SPAM`.
    #[serde(default = "inbox")]
    #[schemars(default = "inbox")]
    pub inbox: String,
    /// The folder where the mail server keeps what people send from their own mail program: it is read too, so that their answers
    /// are seen here, and our own are filed there. Empty: neither.
    #[serde(default)]
    pub sent_folder: String,
    /// The folder of suspected spam, when it is to be read too.
    #[serde(default)]
    pub spam_folder: String,
    /// How many days of old mail come in when the mailbox is connected; 0: only what comes from then on.
    #[serde(default)]
    pub import_days: u16,
    /// Other addresses of this mailbox, which are never taken for a contact.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Goes below every answer.
    #[serde(default)]
    pub signature: String,
    /// The subject of a conversation that we begin.
    #[serde(default = "subject")]
    #[schemars(default = "subject")]
    pub subject: String,
    /// Whether those in Cc of the contact's mail get the answer too.
    #[serde(default = "yes")]
    #[schemars(default = "yes")]
    pub answer_everybody: bool,
    /// Who gets a hidden copy of every answer.
    #[serde(default)]
    pub bcc: Vec<String>,
    /// How an answer is told apart whose sender's program leaves out what it answers: `plus` puts a signed token into the address
    /// (`support+token@example.com`), which the mail server has to deliver here.
    #[serde(default)]
    pub reply_to_mode: ReplyTo,
    /// The domain whose whole mail arrives here, for `verp`, like `reply.example.com`.
    #[serde(default)]
    pub reply_domain: String,
    /// How many automatic answers one thread gets in a day at most, so that two robots do not write to each other for ever.
    #[serde(default = "automatic_answers")]
    #[schemars(default = "automatic_answers")]
    pub automatic_answers: u16,
    /// The certificate (PEM) of the authority that signed the mail server's, when that is one of your own.
    #[serde(default)]
    pub ca_certificate: String,
    /// Where the Gmail API is. With mail servers it only tells whether they run on this machine.
    #[serde(default = "api_base")]
    #[schemars(default = "api_base")]
    pub api_base: Url,
    /// What reply tokens are signed with. Made when left empty.
    #[schemars(with = "Option<String>")]
    pub reply_key: Option<SecretString>,
    #[serde(skip)]
    #[schemars(skip)]
    owner: Option<Owner>,
    /// Where calls to us arrive, which is what their signature has to be for.
    #[serde(skip)]
    #[schemars(skip)]
    pub(crate) webhook_url: Option<String>,
    /// What Google signs with.
    #[serde(skip)]
    #[schemars(skip)]
    pub(crate) keys: PublishedKeys,
}

/// How a mailbox is reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Over IMAP and SMTP.
    #[default]
    Imap,
    /// Over the Gmail API.
    Gmail,
}

/// Which channel an account is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// Whose it is.
    pub tenant: TenantId,
    /// The channel.
    pub channel: ChannelId,
}

/// How a connection is encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Tls {
    /// From the start.
    #[default]
    Implicit,
    /// After both have agreed; refused when the server cannot.
    Starttls,
    /// Not at all: for servers on this machine only.
    None,
}

/// How one signs in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Auth {
    /// With user name and password.
    #[default]
    Password,
    /// With an OAuth access token in place of the password.
    Xoauth2,
}

/// Where a reply token is put.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReplyTo {
    /// Nowhere: threads are known by their headers alone.
    #[default]
    HeadersOnly,
    /// Behind a plus sign in the address.
    Plus,
    /// In an address of its own at `reply_domain`.
    Verp,
}

impl AccountSettings for Account {
    const SECRETS: &'static [&'static str] = &["password", "client_secret", "refresh_token", "reply_key"];

    fn validate(&self) -> Result<(), Error> {
        let wrong = |field: &str, why: &str| Err(Error::invalid_field(&format!("settings.{field}"), why));
        let is_address = |text: &str| text.parse::<Address>().is_ok();
        if !is_address(&self.address) {
            return wrong("address", "it must be an address like `support@example.com`");
        }
        for (field, list) in [("aliases", &self.aliases), ("bcc", &self.bcc)] {
            if !list.iter().all(|address| is_address(address)) {
                return wrong(field, "each must be an address like `sales@example.com`");
            }
        }
        for (field, folder) in
            [("inbox", &self.inbox), ("sent_folder", &self.sent_folder), ("spam_folder", &self.spam_folder)]
        {
            if folder.chars().any(char::is_control) {
                return wrong(field, "it must be the name of a folder");
            }
        }
        if self.inbox.is_empty() {
            return wrong("inbox", "it must be the name of a folder, mostly `INBOX`");
        }
        if self.reply_to_mode == ReplyTo::Verp && !is_host(&self.reply_domain) {
            return wrong("reply_domain", "`verp` needs a domain like `reply.example.com`");
        }
        if self.refresh_token.is_some() && self.client_id.is_empty() {
            return wrong("client_id", "a refresh token goes with the client id it was given to");
        }
        match self.mode {
            Mode::Imap => self.validate_servers(),
            Mode::Gmail => self.validate_gmail(),
        }
    }

    fn keys_published_at(&self) -> Option<Url> {
        self.is_told().then(google_keys)
    }

    fn keys_are(&mut self, keys: PublishedKeys) {
        self.keys = keys;
    }

    fn reached_at(&mut self, webhook_url: &str) {
        self.webhook_url = Some(webhook_url.to_owned());
    }

    fn belongs_to(&mut self, tenant: TenantId, channel: ChannelId) {
        self.owner = Some(Owner { tenant, channel });
    }
}

impl Account {
    fn validate_servers(&self) -> Result<(), Error> {
        for (field, host) in [("imap_host", &self.imap_host), ("smtp_host", &self.smtp_host)] {
            if !is_host(host) {
                let why = "it must be a name like `mail.example.com`, without port or `https://`";
                return Err(Error::invalid_field(&format!("settings.{field}"), why));
            }
        }
        let renews = self.auth == Auth::Xoauth2 && is_given(self.refresh_token.as_ref());
        if !renews && !is_given(self.password.as_ref()) {
            return Err(Error::invalid_field("secrets.password", "it must not be empty"));
        }
        Ok(())
    }

    fn validate_gmail(&self) -> Result<(), Error> {
        let is_web = matches!(self.api_base.scheme(), "https" | "http") && self.api_base.query().is_none();
        let is_topic =
            self.pubsub_topic.split('/').count() == 4 && self.pubsub_topic.starts_with("projects/");
        let (topic, caller) = (&self.pubsub_topic, &self.pubsub_service_account);
        let demands = [
            (
                !self.client_id.is_empty(),
                "settings.client_id",
                "the Gmail API wants the client id of an application",
            ),
            (
                is_given(self.refresh_token.as_ref()),
                "secrets.refresh_token",
                "the Gmail API wants what Google gave when the application was allowed to use the mailbox",
            ),
            (is_web, "settings.api_base", "it must be a web address"),
            (
                topic.is_empty() || is_topic,
                "settings.pubsub_topic",
                "it must look like `projects/example/topics/gmail`",
            ),
            (
                topic.is_empty() || caller.parse::<Address>().is_ok(),
                "settings.pubsub_service_account",
                "whoever calls for the topic has to be known: an address like `push@example.iam.gserviceaccount.com`",
            ),
        ];
        match demands.into_iter().find(|(holds, ..)| !holds) {
            Some((_, field, why)) => Err(Error::invalid_field(field, why)),
            None => Ok(()),
        }
    }

    /// Whether Gmail tells us of new mail.
    pub(crate) fn is_told(&self) -> bool {
        self.mode == Mode::Gmail && !self.pubsub_topic.is_empty()
    }

    /// Which channel it is.
    pub(crate) fn owner(&self) -> Result<Owner, SendError> {
        self.owner.ok_or_else(|| SendError::account_invalid("nobody said which channel it is"))
    }

    /// Who signs in.
    pub(crate) fn login(&self) -> &str {
        if self.username.is_empty() { &self.address } else { &self.username }
    }

    /// What stands behind the `@` of our own ids.
    pub(crate) fn domain(&self) -> &str {
        self.address.rsplit_once('@').map_or("localhost", |(_, domain)| domain)
    }

    /// Whether an address is this mailbox's own, with or without what follows a plus sign.
    pub(crate) fn is_ours(&self, address: &str) -> bool {
        let bare = |text: &str| {
            let lower = text.to_lowercase();
            match lower.rsplit_once('@') {
                Some((local, domain)) => {
                    format!("{}@{domain}", local.split('+').next().unwrap_or_default())
                }
                None => lower,
            }
        };
        let given = bare(address);
        bare(&self.address) == given || self.aliases.iter().any(|alias| bare(alias) == given)
    }

    /// The folders that are read, the inbox first, and whether each holds what we sent.
    pub(crate) fn folders(&self) -> Vec<(&str, bool)> {
        let all = [(&self.inbox, false), (&self.spam_folder, false), (&self.sent_folder, true)];
        all.into_iter()
            .filter(|(name, _)| !name.is_empty())
            .map(|(name, sent)| (name.as_str(), sent))
            .collect()
    }

    /// Changes whenever a connection of before is not the right one any more.
    pub(crate) fn connection(&self) -> [u8; 32] {
        let text =
            |secret: &Option<SecretString>| secret.as_ref().map(|text| text.expose_secret().to_owned());
        let secret = format!("{:?} {:?}", text(&self.password), text(&self.refresh_token));
        let parts = format!(
            "{}\0{}\0{:?}\0{}\0{secret}",
            self.imap_host,
            self.imap_port,
            self.imap_tls,
            self.login()
        );
        Sha256::digest(parts.as_bytes()).into()
    }
}

fn is_given(secret: Option<&SecretString>) -> bool {
    secret.is_some_and(|text| !text.expose_secret().is_empty())
}

fn is_host(text: &str) -> bool {
    let is_fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']' | '_');
    !text.is_empty() && text.len() <= 253 && text.chars().all(is_fine)
}

fn imap_port() -> u16 {
    993
}

fn smtp_port() -> u16 {
    465
}

fn inbox() -> String {
    "INBOX".to_owned()
}

fn subject() -> String {
    "Message from us".to_owned()
}

fn yes() -> bool {
    true
}

fn automatic_answers() -> u16 {
    5
}

fn token_url() -> Url {
    Url::parse("https://oauth2.googleapis.com/token").expect("a fixed address")
}

fn google_keys() -> Url {
    Url::parse("https://accounts.google.com/.well-known/openid-configuration").expect("a fixed address")
}

fn api_base() -> Url {
    Url::parse("https://gmail.googleapis.com").expect("a fixed address")
}
