use schemars::JsonSchema;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use url::Url;
use uuid::Uuid;
use weft_auth::PublishedKeys;
use weft_channel::AccountSettings;
use weft_domain::Error;

/// One bot.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Account {
    /// The “Microsoft App ID” on the bot's configuration page in the Azure portal.
    pub app_id: String,
    /// A client secret of that app (its value, not its id), under Certificates & secrets.
    #[schemars(with = "String")]
    pub app_secret: SecretString,
    /// The “App Tenant ID” of a single-tenant bot; leave it empty for a multi-tenant one.
    pub tenant_id: Option<String>,
    /// Takes messages only of organisations with these tenant ids; leave it empty to take those of all that the bot is
    /// installed in. Where several channels share one bot, these tell whose a message is.
    #[serde(default)]
    pub allowed_tenants: Vec<String>,
    /// The hosts that conversations may be answered at. The bot's token goes nowhere else.
    #[serde(default = "service_hosts")]
    #[schemars(default = "service_hosts")]
    pub service_hosts: Vec<String>,
    /// Where conversations are answered of which Teams has not said where.
    #[serde(default = "api_base")]
    #[schemars(default = "api_base")]
    pub api_base: Url,
    /// Where tokens are given.
    #[serde(default = "login_base")]
    #[schemars(default = "login_base")]
    pub login_base: Url,
    /// Where the keys are published that Teams' calls are signed with.
    #[serde(default = "openid_metadata_url")]
    #[schemars(default = "openid_metadata_url")]
    pub openid_metadata_url: Url,
    /// Who signs Teams' calls; another one in clouds of governments.
    #[serde(default = "issuer")]
    #[schemars(default = "issuer")]
    pub issuer: String,
    /// What is published at `openid_metadata_url`.
    #[serde(skip)]
    pub(crate) keys: PublishedKeys,
}

impl AccountSettings for Account {
    const SECRETS: &'static [&'static str] = &["app_secret"];

    fn provider_ids(&self) -> Vec<String> {
        let app = self.app_id.to_lowercase();
        match self.allowed_tenants.is_empty() {
            true => vec![app],
            false => self.allowed_tenants.iter().map(|tenant| address(&app, tenant)).collect(),
        }
    }

    fn keys_published_at(&self) -> Option<Url> {
        Some(self.openid_metadata_url.clone())
    }

    fn keys_are(&mut self, keys: PublishedKeys) {
        self.keys = keys;
    }

    fn validate(&self) -> Result<(), Error> {
        let is_tenant = |tenant: &String| is_guid(tenant);
        let is_secret = !self.app_secret.expose_secret().trim().is_empty();
        let demands = [
            (
                is_guid(&self.app_id),
                "settings.app_id",
                "it must look like `00000000-0000-0000-0000-000000000000`",
            ),
            (is_secret, "secrets.app_secret", "it must not be empty"),
            (self.tenant_id.iter().all(is_tenant), "settings.tenant_id", "it must look like the app's id"),
            (
                self.allowed_tenants.iter().all(is_tenant),
                "settings.allowed_tenants",
                "each must look like the app's id",
            ),
            (
                self.service_hosts.iter().all(|host| is_host(host)),
                "settings.service_hosts",
                "each must be a name like `smba.trafficmanager.net`",
            ),
            (is_web(&self.api_base), "settings.api_base", "it must be a web address"),
            (is_web(&self.login_base), "settings.login_base", "it must be a web address"),
            (is_web(&self.openid_metadata_url), "settings.openid_metadata_url", "it must be a web address"),
            (self.issuer.starts_with("https://"), "settings.issuer", "it must begin with https://"),
        ];
        match demands.iter().find(|(holds, ..)| !holds) {
            Some((_, field, expected)) => Err(Error::invalid_field(field, *expected)),
            None => Ok(()),
        }
    }
}

impl Account {
    /// Whether conversations may be answered there, so that the address may be shown the token.
    pub(crate) fn is_service(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        let is_known = self.service_hosts.iter().any(|known| host.eq_ignore_ascii_case(known));
        let is_plain = url.username().is_empty() && url.password().is_none() && url.port().is_none();
        (url.scheme() == "https" && is_known && is_plain) || url.origin() == self.api_base.origin()
    }

    /// Whether messages of this organisation are taken.
    pub(crate) fn takes_tenant(&self, tenant: Option<&str>) -> bool {
        let is_one_of =
            |tenant: &str| self.allowed_tenants.iter().any(|known| known.eq_ignore_ascii_case(tenant));
        self.allowed_tenants.is_empty() || tenant.is_some_and(is_one_of)
    }
}

/// How calls to several accounts call one that is for a single organisation.
pub(crate) fn address(app: &str, tenant: &str) -> String {
    format!("{}/{}", app.to_lowercase(), tenant.to_lowercase())
}

fn service_hosts() -> Vec<String> {
    vec!["smba.trafficmanager.net".to_owned()]
}

fn api_base() -> Url {
    Url::parse("https://smba.trafficmanager.net/teams/").expect("a fixed address")
}

fn login_base() -> Url {
    Url::parse("https://login.microsoftonline.com").expect("a fixed address")
}

fn openid_metadata_url() -> Url {
    Url::parse("https://login.botframework.com/v1/.well-known/openidconfiguration").expect("a fixed address")
}

fn issuer() -> String {
    "https://api.botframework.com".to_owned()
}

fn is_guid(text: &str) -> bool {
    text.len() == 36 && Uuid::parse_str(text).is_ok()
}

fn is_host(text: &str) -> bool {
    text.contains('.') && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
}

fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "https" | "http") && url.query().is_none() && url.fragment().is_none()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use weft_channel::read_account;

    use super::*;

    fn read(field: &str, value: Value) -> Result<Account, Error> {
        let mut settings = json!({"app_id": "00000000-0000-4000-8000-0000000000bb"});
        let mut secrets = json!({"app_secret": "secret-of-the-example"});
        match field.split_once('.') {
            Some(("settings", name)) => settings[name] = value,
            Some((_, name)) => secrets[name] = value,
            None => {}
        }
        read_account(settings.as_object().unwrap(), secrets.as_object().unwrap())
    }

    #[test]
    fn each_field_is_checked_and_named() {
        let table = [
            ("settings.app_id", json!("acme")),
            ("settings.app_id", json!("{00000000-0000-4000-8000-0000000000bb}")),
            ("secrets.app_secret", json!(" ")),
            ("settings.tenant_id", json!("acme.onmicrosoft.com")),
            ("settings.allowed_tenants", json!(["x"])),
            ("settings.service_hosts", json!(["https://smba.trafficmanager.net"])),
            ("settings.service_hosts", json!([""])),
            ("settings.api_base", json!("ftp://x/")),
            ("settings.login_base", json!("https://x/?a")),
            ("settings.openid_metadata_url", json!("file:///etc/passwd")),
            ("settings.issuer", json!("http://x")),
        ];
        for (field, value) in table {
            assert_eq!(read(field, value.clone()).unwrap_err().field(), Some(field), "{value}");
        }
    }

    #[test]
    fn the_token_goes_to_named_hosts_only() {
        let account = read("settings.api_base", json!("http://127.0.0.1:9/teams/")).unwrap();
        let table = [
            ("https://smba.trafficmanager.net/emea/", true),
            ("https://SMBA.trafficmanager.net/emea", true),
            ("http://127.0.0.1:9/emea/", true),
            ("http://smba.trafficmanager.net/emea/", false),
            ("https://smba.trafficmanager.net:8443/emea/", false),
            ("https://user@smba.trafficmanager.net/emea/", false),
            ("https://evil.smba.trafficmanager.net/emea/", false),
            ("https://smba.trafficmanager.net.example.org/", false),
            ("http://127.0.0.1:10/", false),
            ("http://169.254.169.254/", false),
        ];
        for (url, is_service) in table {
            assert_eq!(account.is_service(&url.parse().unwrap()), is_service, "{url}");
        }
    }

    #[test]
    fn organisations_tell_whose_a_message_is() {
        let all = read("", json!(null)).unwrap();
        assert_eq!(all.provider_ids(), ["00000000-0000-4000-8000-0000000000bb"]);
        assert!(all.takes_tenant(None));
        let one = read("settings.allowed_tenants", json!(["00000000-0000-4000-8000-0000000000AA"])).unwrap();
        assert_eq!(
            one.provider_ids(),
            ["00000000-0000-4000-8000-0000000000bb/00000000-0000-4000-8000-0000000000aa"]
        );
        assert!(one.takes_tenant(Some("00000000-0000-4000-8000-0000000000aa")));
        assert!(!one.takes_tenant(Some("00000000-0000-4000-8000-0000000000ab")) && !one.takes_tenant(None));
    }
}
