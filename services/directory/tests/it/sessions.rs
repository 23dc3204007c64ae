use chrono::TimeDelta;
use rstest::rstest;
use tokio_util::sync::CancellationToken;
use weft_domain::{ErrorCode, Role};
use weft_proto::{
    directory::v1::{GetMeRequest, LogoutRequest, RefreshRequest, UpdateUserRequest},
    events::v1::{SecurityRaised, SessionRevoked},
};

use crate::rig::{Engine, PATIENCE, Rig, from, refusal, told};

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_works_once_and_gives_the_next(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let (_, me) = rig.admin("north").await;
    let mut refresh_token = me.tokens.refresh_token.clone();
    for _ in 0..3 {
        rig.clock().advance(TimeDelta::minutes(5));
        let tokens = rig.refresh(&refresh_token).await.unwrap();
        assert_ne!(tokens.refresh_token, refresh_token);
        let again = rig.authority.verify(&tokens.access_token).unwrap();
        assert_eq!(again.subject, me.principal.subject, "the same session");
        refresh_token = tokens.refresh_token;
    }
    assert_eq!(rig.refresh("no-such-token").await.unwrap_err().reason(), "invalid_refresh_token");
    rig.stop().await;
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_gets_the_same_successor_again(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let (_, me) = rig.admin("north").await;
    let first = me.tokens.refresh_token;
    let second = rig.refresh(&first).await.unwrap().refresh_token;
    rig.clock().advance(TimeDelta::seconds(29));
    assert_eq!(rig.refresh(&first).await.unwrap().refresh_token, second);
    let third = rig.refresh(&second).await.unwrap().refresh_token;
    assert_eq!(rig.refresh(&second).await.unwrap().refresh_token, third);
    assert!(rig.refresh(&first).await.is_err(), "only the one directly before");
    assert!(rig.refresh(&third).await.is_err(), "and that ended the session");
    rig.stop().await;
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn two_renewals_at_once_get_the_same_successor(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let (_, me) = rig.admin("north").await;
    let token = me.tokens.refresh_token.as_str();
    let (one, other) = tokio::join!(rig.refresh(token), rig.refresh(token));
    assert_eq!(one.unwrap().refresh_token, other.unwrap().refresh_token);
    rig.stop().await;
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_token_used_twice_ends_its_session_and_raises_an_alarm(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let (_, me) = rig.admin("north").await;
    let other = rig.sign_in("admin@north.test").await;
    let mut events = rig.events(&["session.revoked", "security.raised"]).await;
    let stolen = me.tokens.refresh_token.clone();
    let present = rig.refresh(&stolen).await.unwrap();
    rig.clock().advance(TimeDelta::seconds(31));
    assert_eq!(rig.refresh(&stolen).await.unwrap_err().reason(), "invalid_refresh_token");
    assert_eq!(rig.refresh(&present.refresh_token).await.unwrap_err().reason(), "invalid_refresh_token");
    let revoked: SessionRevoked = events.next().await;
    assert_eq!((revoked.user_id, revoked.reason.as_str()), (me.user(), "refresh_token_reused"));
    assert!(!revoked.session_id.is_empty());
    let raised: SecurityRaised = events.next().await;
    assert_eq!((raised.kind.as_str(), raised.subject), ("refresh_token_reused", me.user()));
    assert!(rig.refresh(&other.tokens.refresh_token).await.is_ok(), "other sessions live on");
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_grace_is_for_the_same_client_only() {
    let rig = Rig::new(Engine::Sqlite).await;
    let (_, me) = rig.admin("north").await;
    let trade = async |address: &str| {
        let message = RefreshRequest { refresh_token: me.tokens.refresh_token.clone() };
        told(rig.auth().refresh(from(address, message)).await)
    };
    let second = trade("192.0.2.1").await.unwrap();
    assert_eq!(trade("192.0.2.1").await.unwrap().refresh_token, second.refresh_token);
    assert!(trade("198.51.100.9").await.is_err());
    assert!(rig.refresh(&second.refresh_token).await.is_err(), "the session has ended");
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_when_idle_and_at_its_age() {
    let rig = Rig::new(Engine::Sqlite).await;
    let (_, idle) = rig.admin("north").await;
    let busy = rig.sign_in("admin@north.test").await;
    let mut refresh_token = busy.tokens.refresh_token;
    for _ in 0..5 {
        rig.clock().advance(TimeDelta::days(5));
        refresh_token = rig.refresh(&refresh_token).await.unwrap().refresh_token;
    }
    assert!(rig.refresh(&idle.tokens.refresh_token).await.is_err(), "7 days idle");
    rig.clock().advance(TimeDelta::days(6));
    assert!(rig.refresh(&refresh_token).await.is_err(), "30 days old");
    rig.stop().await;
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn signing_out_refuses_the_access_token_everywhere_once_the_event_is_there(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let (_, me) = rig.admin("north").await;
    let far = rig.far_authority().await;
    assert!(far.verify(&me.tokens.access_token).is_ok());
    let watch = weft_rpc::follow_revocations(rig.home.bus.clone(), far.clone(), CancellationToken::new());
    let refused = weft_testkit::eventually("both refuse the token", PATIENCE, async || {
        let refuse = |authority: &weft_auth::Authority| authority.verify(&me.tokens.access_token).is_err();
        (refuse(&far) && refuse(&rig.authority)).then_some(())
    });
    let sign_out = async {
        // The watcher has begun once it was polled.
        tokio::task::yield_now().await;
        told(rig.auth().logout(me.call(LogoutRequest::default())).await).unwrap();
        refused.await;
    };
    tokio::select! {
        () = watch => {}
        () = sign_out => {}
    }
    assert_eq!(far.verify(&me.tokens.access_token).unwrap_err().reason(), "session_ended");
    assert!(rig.refresh(&me.tokens.refresh_token).await.is_err());
    let error = refusal(rig.auth().get_me(me.call(GetMeRequest {})).await);
    assert_eq!((error.code(), error.reason()), (ErrorCode::Unauthenticated, "session_ended"));
    rig.stop().await;
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn signing_out_takes_ones_own_refresh_tokens_only(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let (tenant, me) = rig.admin("north").await;
    rig.person(tenant, "agent@north.test", Role::Agent).await;
    let agent = rig.sign_in("agent@north.test").await;
    let (_, stranger) = rig.admin("south").await;
    let logout = |token: &str| LogoutRequest { refresh_token: Some(token.to_owned()) };
    for foreign in [&stranger.tokens.refresh_token, &agent.tokens.refresh_token, "unknown"] {
        let error = refusal(rig.auth().logout(me.call(logout(foreign))).await);
        assert_eq!((error.code(), error.field()), (ErrorCode::Invalid, Some("refresh_token")));
    }
    assert!(rig.refresh(&agent.tokens.refresh_token).await.is_ok(), "a colleague's session is not ours");
    assert!(rig.refresh(&stranger.tokens.refresh_token).await.is_ok());
    let second = rig.sign_in("admin@north.test").await;
    told(rig.auth().logout(me.call(logout(&second.tokens.refresh_token))).await).unwrap();
    assert!(rig.refresh(&second.tokens.refresh_token).await.is_err());
    assert!(rig.refresh(&me.tokens.refresh_token).await.is_ok());
    rig.stop().await;
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_all_sessions_and_one_can_sign_in_again_at_once(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let (_, me) = rig.admin("north").await;
    let mut events = rig.events(&["session.revoked"]).await;
    let change = UpdateUserRequest {
        id: me.user(),
        password: Some("a new password".to_owned()),
        ..Default::default()
    };
    told(rig.users().update_user(me.call(change)).await).unwrap();
    let revoked: SessionRevoked = events.next().await;
    assert_eq!((revoked.session_id.as_str(), revoked.user_id), ("", me.user()));
    weft_testkit::eventually("the token is refused", PATIENCE, async || {
        rig.authority.verify(&me.tokens.access_token).is_err().then_some(())
    })
    .await;
    assert!(rig.refresh(&me.tokens.refresh_token).await.is_err());
    let again = rig.login("admin@north.test", "a new password", None).await.unwrap();
    assert!(rig.authority.verify(&again.access_token).is_ok(), "in the same second");
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_starts_knows_what_was_taken_back_before() {
    let rig = Rig::new(Engine::Sqlite).await;
    let (_, me) = rig.admin("north").await;
    told(rig.auth().logout(me.call(LogoutRequest::default())).await).unwrap();
    let home = rig.home.clone();
    rig.stop().await;
    let again = Rig::start_on(home).await;
    assert_eq!(again.authority.verify(&me.tokens.access_token).unwrap_err().reason(), "session_ended");
    again.stop().await;
}

#[derive(Debug, PartialEq, sea_orm::FromQueryResult)]
struct Left {
    sessions: i64,
    tokens: i64,
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_long_over_is_forgotten(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let (tenant, old) = rig.admin("north").await;
    rig.refresh(&old.tokens.refresh_token).await.unwrap();
    rig.clock().advance(TimeDelta::days(38));
    let young = rig.sign_in("admin@north.test").await;
    let home = rig.home.clone();
    rig.stop().await;
    let again = Rig::start_on(home).await;
    let sql = "SELECT (SELECT COUNT(*) FROM session WHERE tenant_id = $1) AS sessions, \
                 (SELECT COUNT(*) FROM refresh_token WHERE tenant_id = $1) AS tokens";
    let scope = again.store.tenant(tenant);
    weft_testkit::eventually("the young session is left", PATIENCE, async || {
        let rows = scope.read(|tx| async move { tx.query::<Left>(sql, vec![]).await });
        (rows.await.unwrap() == [Left { sessions: 1, tokens: 1 }]).then_some(())
    })
    .await;
    assert!(again.refresh(&young.tokens.refresh_token).await.is_ok());
    again.stop().await;
}
