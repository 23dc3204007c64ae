use std::time::Duration;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use weft_directory::bootstrap;
use weft_domain::{Role, TenantId};
use weft_proto::options::v1::Policy;
use weft_tests_fleet::{Client, Fleet, PASSWORD};

/// Somebody who calls, and what a policy makes of them.
pub(crate) struct Caller {
    pub(crate) name: &'static str,
    pub(crate) client: Client,
    rights: Rights,
}

enum Rights {
    Nobody,
    Role(Role),
    /// An API token of an admin, with these permissions.
    Scopes(&'static [&'static str]),
}

/// What a caller has to get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Unauthenticated,
    Forbidden,
    Allowed,
}

const SCOPES: &[&str] = &["profile.read", "contact.read"];

impl Caller {
    /// What the policy says about this caller.
    pub(crate) fn verdict(&self, policy: &Policy) -> Verdict {
        if policy.public { Verdict::Allowed } else { self.may(&policy.permission) }
    }

    /// Whether this caller holds a permission.
    pub(crate) fn may(&self, permission: &str) -> Verdict {
        let holds = match self.rights {
            Rights::Nobody => return Verdict::Unauthenticated,
            Rights::Role(role) => role.allows(permission),
            Rights::Scopes(scopes) => Role::Admin.allows(permission) && scopes.contains(&permission),
        };
        if holds { Verdict::Allowed } else { Verdict::Forbidden }
    }

    /// Whether it is a token that only the edge understands.
    pub(crate) fn is_api_token(&self) -> bool {
        matches!(self.rights, Rights::Scopes(_))
    }
}

/// Everybody who could call, from nobody to the operator.
pub(crate) async fn all(fleet: &Fleet, admin: &Client) -> Vec<Caller> {
    let store = fleet.process().store("directory").unwrap();
    let tenant = bootstrap::find_tenant(store, "demo").await.unwrap();
    let nobody = Client::nobody(&fleet.base);
    let mut callers = vec![Caller { name: "nobody", client: nobody.clone(), rights: Rights::Nobody }];
    for (name, role) in [
        ("an agent", Role::Agent),
        ("a supervisor", Role::Supervisor),
        ("a manager", Role::Manager),
        ("an admin", Role::Admin),
        ("an operator", Role::Operator),
    ] {
        callers.push(Caller { name, client: person(fleet, tenant, role).await, rights: Rights::Role(role) });
    }
    let made = json!({"name": "Few rights", "permissions": SCOPES});
    let made = admin.post("/v1/api-tokens", &made).await;
    let client = nobody.with_token(made["token"].as_str().unwrap());
    callers.push(Caller { name: "an API token with few rights", client, rights: Rights::Scopes(SCOPES) });
    for (name, token) in worthless_tokens(admin).await {
        callers.push(Caller { name, client: nobody.with_token(&token), rights: Rights::Nobody });
    }
    callers
}

/// Somebody new of this role, signed in.
async fn person(fleet: &Fleet, tenant: TenantId, role: Role) -> Client {
    let store = fleet.process().store("directory").unwrap();
    let email = format!("some-{role}@demo.test");
    bootstrap::create_user(store, tenant, &email, "Somebody", role, PASSWORD.to_owned().into())
        .await
        .unwrap();
    Client::sign_in(&fleet.base, &email, PASSWORD).await
}

/// Tokens that look like something, and are worth nothing.
async fn worthless_tokens(admin: &Client) -> Vec<(&'static str, String)> {
    let good = admin.token();
    let past = |claims: &mut Value| {
        claims["iat"] = json!(1_700_000_000);
        claims["exp"] = json!(1_700_000_600);
    };
    vec![
        ("garbage", "garbage".to_owned()),
        ("a token that says it is of the past", forged(good, past)),
        ("a token whose role was changed", forged(good, |claims| claims["role"] = json!("operator"))),
        ("a token without a signature", unsigned(good)),
        ("an API token that never was", "weft_pat_000000000000000000000000000000000000".to_owned()),
        ("a session that was ended", ended_session(admin).await),
        ("an API token that was revoked", revoked_api_token(admin).await),
    ]
}

fn forged(token: &str, change: impl Fn(&mut Value)) -> String {
    let parts: Vec<_> = token.split('.').collect();
    let mut claims: Value =
        serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
    change(&mut claims);
    let changed = BASE64_URL_SAFE_NO_PAD.encode(claims.to_string());
    [parts[0], changed.as_str(), parts[2]].join(".")
}

fn unsigned(token: &str) -> String {
    let claims = token.split('.').nth(1).unwrap();
    let header = BASE64_URL_SAFE_NO_PAD.encode(json!({"alg": "none", "typ": "at+jwt"}).to_string());
    format!("{header}.{claims}.")
}

async fn ended_session(admin: &Client) -> String {
    let session = Client::sign_in(admin.base(), "admin@demo.test", PASSWORD).await;
    let (status, answer) = session.call("POST", "/v1/auth/logout", None).await;
    assert_eq!(status, 204, "{answer}");
    until_refused(&session).await
}

async fn revoked_api_token(admin: &Client) -> String {
    let made = admin.post("/v1/api-tokens", &json!({"name": "Revoked"})).await;
    let program = admin.with_token(made["token"].as_str().unwrap());
    program.get("/v1/me").await;
    let path = format!("/v1/api-tokens/{}", made["id"].as_str().unwrap());
    assert_eq!(admin.call("DELETE", &path, None).await.0, 204);
    until_refused(&program).await
}

/// Every process of the fleet learns of it by the bus.
async fn until_refused(client: &Client) -> String {
    weft_testkit::eventually("the token is refused", Duration::from_secs(10), async || {
        (client.call("GET", "/v1/me", None).await.0 == 401).then_some(())
    })
    .await;
    client.token().to_owned()
}
