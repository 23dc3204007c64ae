use chrono::{DateTime, TimeDelta, Utc};
use rstest::rstest;
use weft_domain::{Clock, Error, ErrorCode, Result, Role, id};
use weft_proto::{
    convert::{time, timestamp},
    directory::v1::{
        ApiToken, CreateApiTokenRequest, ExchangeApiTokenRequest, GetMeRequest, ListApiTokensRequest,
        RevokeApiTokenRequest, Tokens, UpdateUserRequest, auth_client::AuthClient,
    },
    events::v1::TokenRevoked,
};

use crate::rig::{Engine, Me, PATIENCE, Rig, bearing, refusal, told};

fn token(permissions: &[&str]) -> CreateApiTokenRequest {
    CreateApiTokenRequest {
        name: "script".to_owned(),
        permissions: permissions.iter().map(|&name| name.to_owned()).collect(),
        expires_at: None,
    }
}

async fn create(rig: &Rig, me: &Me, permissions: &[&str]) -> ApiToken {
    told(rig.api_tokens().create_api_token(me.call(token(permissions))).await).unwrap()
}

async fn exchange(rig: &Rig, secret: &str) -> Result<Tokens> {
    let request = ExchangeApiTokenRequest { token: secret.to_owned() };
    told(AuthClient::new(rig.service()).exchange_api_token(request).await)
}

async fn listed(rig: &Rig, me: &Me) -> Vec<ApiToken> {
    told(rig.api_tokens().list_api_tokens(me.call(ListApiTokensRequest::default())).await).unwrap().items
}

fn refused(result: Result<Tokens>) -> Error {
    let error = result.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Unauthenticated);
    error
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_token_lives_from_its_creation_to_its_revocation(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let (_, me) = rig.admin("north").await;
    let mut events = rig.events(&["token.revoked"]).await;
    let made = create(&rig, &me, &["contact.read", "profile.read"]).await;
    let secret = made.token.clone().unwrap();
    assert!(secret.starts_with("weft_api_"));
    let days = (time(made.expires_at.as_ref().unwrap()).unwrap() - rig.clock().now()).num_days();
    assert_eq!((days, made.created_by.clone()), (90, me.user()));

    let tokens = exchange(&rig, &secret).await.unwrap();
    assert_eq!((tokens.refresh_token.as_str(), tokens.expires_in), ("", 600));
    let principal = rig.authority.verify(&tokens.access_token).unwrap();
    assert!(principal.may("contact.read") && !principal.may("channel.write"));
    let shown = told(rig.auth().get_me(bearing(&tokens.access_token, GetMeRequest {})).await).unwrap();
    assert_eq!(shown.permissions, ["profile.read", "contact.read"]);

    let again = listed(&rig, &me).await;
    assert_eq!(again.iter().map(|row| row.token.clone()).collect::<Vec<_>>(), [None]);
    let revoke = RevokeApiTokenRequest { id: made.id.clone() };
    told(rig.api_tokens().revoke_api_token(me.call(revoke.clone())).await).unwrap();
    told(rig.api_tokens().revoke_api_token(me.call(revoke)).await).unwrap();
    assert_eq!(refused(exchange(&rig, &secret).await).reason(), "invalid_token");
    assert!(listed(&rig, &me).await[0].revoked_at.is_some());
    let revoked: TokenRevoked = events.next().await;
    assert_eq!(revoked.token_id, made.id);
    weft_testkit::eventually("its access token is refused", PATIENCE, async || {
        rig.authority.verify(&tokens.access_token).is_err().then_some(())
    })
    .await;
    rig.stop().await;
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_token_may_never_do_more_than_who_made_it(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let (_, me) = rig.admin("north").await;
    let error = refusal(rig.api_tokens().create_api_token(me.call(token(&["tenant.create"]))).await);
    assert_eq!(error.code(), ErrorCode::Forbidden);
    assert!(error.message().contains("tenant.create"), "{error}");
    let error =
        refusal(rig.api_tokens().create_api_token(me.call(token(&["contact.read", "no.such"]))).await);
    assert_eq!((error.code(), error.field()), (ErrorCode::Invalid, Some("permissions[1]")));

    let narrow = create(&rig, &me, &["token.write", "contact.read"]).await.token.unwrap();
    let access = exchange(&rig, &narrow).await.unwrap().access_token;
    let error = refusal(rig.api_tokens().create_api_token(bearing(&access, token(&["channel.write"]))).await);
    assert_eq!(error.code(), ErrorCode::Forbidden);
    let child = told(rig.api_tokens().create_api_token(bearing(&access, token(&[]))).await).unwrap();
    assert_eq!(child.permissions, ["contact.read", "token.write"]);
    let all = create(&rig, &me, &[]).await;
    assert!(all.permissions.contains(&"channel.write".to_owned()));
    assert!(!all.permissions.contains(&"tenant.create".to_owned()));
    rig.stop().await;
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_token_loses_what_its_creator_loses(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let (tenant, admin) = rig.admin("north").await;
    let ada = rig.person(tenant, "ada@north.test", Role::Admin).await.to_string();
    let me = rig.sign_in("ada@north.test").await;
    let secret = create(&rig, &me, &["channel.write", "contact.read"]).await.token.unwrap();
    let before = exchange(&rig, &secret).await.unwrap().access_token;
    let demote = UpdateUserRequest { id: ada.clone(), role: Some("agent".to_owned()), ..Default::default() };
    told(rig.users().update_user(admin.call(demote)).await).unwrap();
    weft_testkit::eventually("the wider access token is refused", PATIENCE, async || {
        rig.authority.verify(&before).is_err().then_some(())
    })
    .await;
    let after = exchange(&rig, &secret).await.unwrap().access_token;
    let principal = rig.authority.verify(&after).unwrap();
    assert!(principal.may("contact.read") && !principal.may("channel.write"));
    let disable = UpdateUserRequest { id: ada, disabled: Some(true), ..Default::default() };
    told(rig.users().update_user(admin.call(disable)).await).unwrap();
    assert_eq!(refused(exchange(&rig, &secret).await).reason(), "invalid_token");
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_expires_within_a_year_and_its_access_tokens_with_it() {
    let rig = Rig::new(Engine::Sqlite).await;
    let (_, me) = rig.admin("north").await;
    let until = |at: DateTime<Utc>| CreateApiTokenRequest { expires_at: Some(timestamp(at)), ..token(&[]) };
    let now = rig.clock().now();
    for wrong in [now - TimeDelta::seconds(1), now, now + TimeDelta::days(367)] {
        let error = refusal(rig.api_tokens().create_api_token(me.call(until(wrong))).await);
        assert_eq!((error.code(), error.field()), (ErrorCode::Invalid, Some("expires_at")), "{wrong}");
    }
    let short = until(now + TimeDelta::minutes(3));
    let secret = told(rig.api_tokens().create_api_token(me.call(short)).await).unwrap().token.unwrap();
    assert_eq!(exchange(&rig, &secret).await.unwrap().expires_in, 180);
    rig.clock().advance(TimeDelta::minutes(3));
    assert_eq!(refused(exchange(&rig, &secret).await).reason(), "token_expired");
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_token_of_ours_is_refused_and_only_services_may_ask() {
    let rig = Rig::new(Engine::Sqlite).await;
    let (_, me) = rig.admin("north").await;
    let secret = create(&rig, &me, &[]).await.token.unwrap();
    let mistyped = format!("{}x", secret.strip_suffix(|_: char| true).unwrap());
    let other_kind = weft_crypto::token::generate("agent");
    let unknown = weft_crypto::token::generate("api");
    use weft_crypto::ExposeSecret;
    for wrong in [mistyped.as_str(), other_kind.expose_secret(), unknown.expose_secret(), "nonsense"] {
        assert_eq!(refused(exchange(&rig, wrong).await).reason(), "invalid_token");
    }
    let request = ExchangeApiTokenRequest { token: secret };
    let error = refusal(rig.auth().exchange_api_token(me.call(request)).await);
    assert_eq!(error.reason(), "not_of_the_fleet");
    rig.stop().await;
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn the_last_use_is_written_down_when_the_service_stops(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let (tenant, me) = rig.admin("north").await;
    let secret = create(&rig, &me, &[]).await.token.unwrap();
    for _ in 0..3 {
        exchange(&rig, &secret).await.unwrap();
    }
    assert!(listed(&rig, &me).await[0].last_used_at.is_none(), "not at every call");
    let (home, now) = (rig.home.clone(), rig.clock().now());
    rig.stop().await;
    let again = Rig::start_on(home).await;
    let me = again.sign_in("admin@north.test").await;
    assert_eq!(me.principal.tenant, tenant);
    assert_eq!(listed(&again, &me).await[0].last_used_at, Some(timestamp(now)));
    again.stop().await;
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_creation_makes_one_token_and_shows_its_secret_once(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let (_, me) = rig.admin("north").await;
    let first = told(rig.api_tokens().create_api_token(me.call_once("k", token(&[]))).await).unwrap();
    let again = told(rig.api_tokens().create_api_token(me.call_once("k", token(&[]))).await).unwrap();
    assert!(first.token.is_some());
    assert_eq!((again.token, &again.id), (None, &first.id));
    assert_eq!(listed(&rig, &me).await.len(), 1);
    rig.stop().await;
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn another_tenants_tokens_do_not_exist(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let (_, me) = rig.admin("north").await;
    let (_, stranger) = rig.admin("south").await;
    let theirs = create(&rig, &stranger, &[]).await;
    assert!(listed(&rig, &me).await.is_empty());
    let unknown = id::new::<id::ApiToken>().to_string();
    for id in [theirs.id.as_str(), &unknown, "nonsense"] {
        let request = RevokeApiTokenRequest { id: id.to_owned() };
        let error = refusal(rig.api_tokens().revoke_api_token(me.call(request)).await);
        assert_eq!((error.code(), error.message()), (ErrorCode::NotFound, "no such token"), "{id}");
    }
    assert!(exchange(&rig, &theirs.token.unwrap()).await.is_ok());
    rig.stop().await;
}
