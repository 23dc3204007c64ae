use chrono::TimeDelta;
use prost_types::Struct;
use rstest::rstest;
use serde_json::json;
use weft_domain::ErrorCode;
use weft_proto::{
    convert::timestamp,
    directory::v1::{
        Channel, DeleteChannelRequest, RotateChannelSecretRequest, StoreSecretsRequest, UpdateChannelRequest,
        health::Status,
    },
    events::v1::{ChannelCreated, ChannelUpdated},
};

use crate::{
    channels::{CANARY, account, change, create, fields, update, with_echo},
    rig::{Engine, Me, PATIENCE, Rig, refusal, told},
};

const HOUR: u32 = 3600;

fn rotate(channel: &Channel, grace_seconds: Option<u32>) -> RotateChannelSecretRequest {
    RotateChannelSecretRequest { id: channel.id.clone(), grace_seconds }
}

fn text(secrets: &Option<Struct>, name: &str) -> Option<String> {
    let field = secrets.as_ref()?.fields.get(name)?.kind.clone()?;
    let prost_types::value::Kind::StringValue(text) = field else { return None };
    Some(text)
}

/// A channel whose adapter has made its webhook's secret.
async fn with_made_secret(rig: &Rig, me: &Me) -> Channel {
    let channel = create(rig, me).await;
    let secrets = fields(json!({"app_secret": "made"}));
    told(rig.accounts().store_secrets(StoreSecretsRequest { channel_id: channel.id.clone(), secrets }).await)
        .unwrap();
    channel
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_secret_of_ours_is_made_anew_and_the_one_before_holds_for_a_while(#[case] engine: Engine) {
    let (rig, me) = with_echo(engine).await;
    let mut events = rig.events(&["channel.*"]).await;
    let channel = with_made_secret(&rig, &me).await;
    let until = rig.clock_now() + TimeDelta::hours(1);
    let call = rotate(&channel, Some(HOUR));
    let rotated = told(rig.channels().rotate_channel_secret(me.call_once("r", call.clone())).await).unwrap();
    assert_eq!(rotated.previous_secrets_until, Some(timestamp(until)));
    assert_eq!(rotated.health.as_ref().unwrap().status(), Status::Pending, "its adapter looks at it again");
    let again = told(rig.channels().rotate_channel_secret(me.call_once("r", call)).await).unwrap();
    assert_eq!(again, rotated, "a second click changes nothing");

    let now = account(&rig, &channel.id).await.unwrap();
    assert_eq!(now.version, 3);
    let renewed = text(&now.secrets, "app_secret").unwrap();
    assert!(renewed.len() == 43 && renewed != "made");
    assert_eq!(text(&now.secrets, "bot_token").as_deref(), Some(CANARY), "what people gave stays");
    assert_eq!(text(&now.previous_secrets, "app_secret").as_deref(), Some("made"));
    assert_eq!(now.previous_secrets_until, Some(timestamp(until)));
    let _created: ChannelCreated = events.next().await;
    let _stored: ChannelUpdated = events.next().await;
    let told_of: ChannelUpdated = events.next().await;
    assert!(told_of.channel.is_some_and(|shown| shown.previous_secrets_until.is_some()));

    rig.clock().advance(TimeDelta::hours(1));
    let later = account(&rig, &channel.id).await.unwrap();
    assert_eq!((later.previous_secrets, later.previous_secrets_until), (None, None));
    assert_eq!(text(&later.secrets, "app_secret"), Some(renewed));
    // and after the next look at what is old it is gone from the disk, too
    let other = rig.replica().await;
    let sql = "SELECT COUNT(previous_secrets) AS kept FROM channel WHERE tenant_id = $1";
    let scope = rig.store.tenant(me.principal.tenant);
    weft_testkit::eventually("the old secret is forgotten", PATIENCE, async || {
        let rows = scope.read(|tx| async move { tx.query::<Kept>(sql, vec![]).await }).await.unwrap();
        (rows == [Kept { kept: 0 }]).then_some(())
    })
    .await;
    other.stop().await;
    rig.stop().await;
}

#[derive(Debug, PartialEq, sea_orm::FromQueryResult)]
struct Kept {
    kept: i64,
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn secrets_that_people_give_have_the_same_grace(#[case] engine: Engine) {
    let (rig, me) = with_echo(engine).await;
    let channel = create(&rig, &me).await;
    let given = |token: &str, grace: Option<u32>| UpdateChannelRequest {
        secrets: fields(json!({"bot_token": token})),
        secret_grace_seconds: grace,
        ..change(&channel)
    };
    let shown = update(&rig, &me, given("second", None)).await;
    assert_eq!(shown.previous_secrets_until, Some(timestamp(rig.clock_now() + TimeDelta::hours(24))));
    let now = account(&rig, &channel.id).await.unwrap();
    assert_eq!(text(&now.previous_secrets, "bot_token").as_deref(), Some(CANARY));

    // one that leaked is over at once
    let shown = update(&rig, &me, given("third", Some(0))).await;
    assert_eq!(shown.previous_secrets_until, None);
    let now = account(&rig, &channel.id).await.unwrap();
    assert_eq!((text(&now.secrets, "bot_token").as_deref(), now.previous_secrets), (Some("third"), None));

    let error = refusal(rig.channels().update_channel(me.call(given("fourth", Some(604_801)))).await);
    assert_eq!(error.field(), Some("secret_grace_seconds"));
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_rotated_says_what_to_do() {
    let (rig, me) = with_echo(Engine::Sqlite).await;
    let channel = create(&rig, &me).await;
    let ask = async |channel: &Channel, grace| {
        refusal(rig.channels().rotate_channel_secret(me.call(rotate(channel, grace))).await)
    };
    let error = ask(&channel, None).await;
    assert_eq!((error.code(), error.reason()), (ErrorCode::Precondition, "no_secret_to_rotate"));
    assert!(error.message().contains("PATCH"), "{}", error.message());
    let made = with_made_secret(&rig, &me).await;
    assert_eq!(ask(&made, Some(604_801)).await.field(), Some("grace_seconds"));
    told(rig.channels().delete_channel(me.call(DeleteChannelRequest { id: made.id.clone() })).await).unwrap();
    assert_eq!(ask(&made, None).await.code(), ErrorCode::NotFound);
    let (_, stranger) = rig.admin("south").await;
    let request = rotate(&channel, None);
    let error = refusal(rig.channels().rotate_channel_secret(stranger.call(request)).await);
    assert_eq!(error.code(), ErrorCode::NotFound);
    rig.stop().await;
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn another_secret_that_changes_in_the_time_of_grace_does_not_end_it(#[case] engine: Engine) {
    let (rig, me) = with_echo(engine).await;
    let channel = with_made_secret(&rig, &me).await;
    told(rig.channels().rotate_channel_secret(me.call_once("r", rotate(&channel, Some(HOUR)))).await)
        .unwrap();
    let given = UpdateChannelRequest { secrets: fields(json!({"bot_token": "second"})), ..change(&channel) };
    update(&rig, &me, given).await;
    let now = account(&rig, &channel.id).await.unwrap();
    assert_eq!(
        text(&now.previous_secrets, "app_secret").as_deref(),
        Some("made"),
        "webhooks still come with it"
    );
    assert_eq!(text(&now.previous_secrets, "bot_token").as_deref(), Some(CANARY));
    rig.stop().await;
}
