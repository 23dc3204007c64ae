use chrono::{TimeDelta, Utc};
use prost_types::Struct;
use rstest::rstest;
use serde_json::{Value, json};
use weft_bus::{Event, Stream};
use weft_domain::{ErrorCode, id};
use weft_proto::{
    directory::v1::{
        Account, Capabilities, Channel, ChannelKind, CreateChannelRequest, DeleteChannelRequest,
        GetAccountRequest, GetChannelRequest, Health, ListAccountsRequest, ListChannelKindsRequest,
        ListChannelsRequest, ReportHealthRequest, StoreSecretsRequest, UpdateChannelRequest, health::Status,
    },
    events::v1::{ChannelCreated, ChannelDeleted, ChannelUpdated, ChannelkindAnnounced},
    json as proto_json,
};

use crate::rig::{Engine, Me, PATIENCE, Rig, refusal, told};

pub(crate) const CANARY: &str = "canary-4711-secret";

/// A struct from JSON, read as the gateway reads it.
pub(crate) fn fields(value: Value) -> Option<Struct> {
    fn field(value: Value) -> prost_types::Value {
        use prost_types::value::Kind;
        let kind = match value {
            Value::Null => Kind::NullValue(0),
            Value::Bool(value) => Kind::BoolValue(value),
            Value::Number(value) => Kind::NumberValue(value.as_f64().unwrap()),
            Value::String(value) => Kind::StringValue(value),
            Value::Array(items) => {
                Kind::ListValue(prost_types::ListValue { values: items.into_iter().map(field).collect() })
            }
            Value::Object(_) => Kind::StructValue(fields(value).unwrap()),
        };
        prost_types::Value { kind: Some(kind) }
    }
    let Value::Object(object) = value else { return None };
    Some(Struct { fields: object.into_iter().map(|(name, value)| (name, field(value))).collect() })
}

pub(crate) fn kind(name: &str, title: &str) -> ChannelKind {
    ChannelKind {
        kind: name.to_owned(),
        title: title.to_owned(),
        settings_schema: fields(json!({
            "type": "object",
            "properties": {"api_base": {"type": "string"}, "retries": {"type": "integer"}},
            "required": ["api_base"],
            "additionalProperties": false,
        })),
        secrets_schema: fields(json!({
            "type": "object",
            "properties": {"bot_token": {"type": "string"}, "app_secret": {"type": "string"}},
            "required": ["bot_token"],
            "additionalProperties": false,
        })),
        capabilities: Some(Capabilities { max_text_chars: 4096, ..Default::default() }),
        made_secrets: vec!["app_secret".to_owned()],
    }
}

pub(crate) async fn announce(rig: &Rig, announced: ChannelKind, age: TimeDelta) {
    let tenant = weft_store::installation();
    let event = Event {
        id: uuid::Uuid::now_v7().to_string(),
        kind: "weft.v1.channelkind.announced".to_owned(),
        source: format!("/channel-{}", announced.kind),
        subject: format!("weft.events.{tenant}.channelkind.announced"),
        key: announced.kind.clone(),
        tenant: Some(tenant.to_string()),
        time: Utc::now() - age,
        traceparent: None,
        tracestate: None,
        data: proto_json::encode(&ChannelkindAnnounced { kind: Some(announced) }).unwrap(),
    };
    rig.home.bus.publish(Stream::Events, event).await.unwrap();
}

pub(crate) async fn titles(rig: &Rig, me: &Me) -> Vec<(String, String)> {
    let kinds = told(rig.channels().list_channel_kinds(me.call(ListChannelKindsRequest {})).await).unwrap();
    kinds.items.into_iter().map(|kind| (kind.kind, kind.title)).collect()
}

pub(crate) async fn until_titled(rig: &Rig, me: &Me, name: &str, title: &str) {
    weft_testkit::eventually("the kind is known", PATIENCE, async || {
        titles(rig, me).await.contains(&(name.to_owned(), title.to_owned())).then_some(())
    })
    .await;
}

/// An admin of the tenant `north`, with the kind `echo` announced.
pub(crate) async fn with_echo(engine: Engine) -> (Rig, Me) {
    let rig = Rig::new(engine).await;
    let (_, me) = rig.admin("north").await;
    announce(&rig, kind("echo", "Echo"), TimeDelta::zero()).await;
    until_titled(&rig, &me, "echo", "Echo").await;
    (rig, me)
}

pub(crate) fn echo() -> CreateChannelRequest {
    CreateChannelRequest {
        kind: "echo".to_owned(),
        name: "Support".to_owned(),
        settings: fields(json!({"api_base": "https://echo.test", "retries": 3})),
        secrets: fields(json!({"bot_token": CANARY})),
        enabled: None,
    }
}

pub(crate) async fn create(rig: &Rig, me: &Me) -> Channel {
    told(rig.channels().create_channel(me.call(echo())).await).unwrap()
}

pub(crate) fn change(channel: &Channel) -> UpdateChannelRequest {
    UpdateChannelRequest { id: channel.id.clone(), ..Default::default() }
}

pub(crate) async fn update(rig: &Rig, me: &Me, request: UpdateChannelRequest) -> Channel {
    told(rig.channels().update_channel(me.call(request)).await).unwrap()
}

pub(crate) async fn account(rig: &Rig, id: &str) -> weft_domain::Result<Account> {
    told(rig.accounts().get_account(GetAccountRequest { channel_id: id.to_owned() }).await)
}

pub(crate) fn report(id: &str, status: Status, detail: &str) -> ReportHealthRequest {
    let health = Health { status: status.into(), detail: detail.to_owned(), ..Health::default() };
    ReportHealthRequest { channel_id: id.to_owned(), health: Some(health) }
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_channel_lives_from_its_creation_to_its_deletion(#[case] engine: Engine) {
    let (rig, me) = with_echo(engine).await;
    let mut events = rig.events(&["channel.*"]).await;
    let made = create(&rig, &me).await;
    assert_eq!(made.secrets_set, ["bot_token"]);
    assert_eq!(made.health.as_ref().unwrap().status(), Status::Pending);
    assert_eq!(made.webhook_url, format!("https://chat.example.com/hooks/echo/{}", made.id));
    assert_eq!(made.settings, fields(json!({"api_base": "https://echo.test", "retries": 3})));
    let get = GetChannelRequest { id: made.id.clone() };
    assert_eq!(told(rig.channels().get_channel(me.call(get.clone())).await).unwrap(), made);
    let first = account(&rig, &made.id).await.unwrap();
    assert_eq!((first.version, first.secrets.clone()), (1, fields(json!({"bot_token": CANARY}))));
    assert_eq!(first.tenant_id, me.principal.tenant.to_string());

    let patched = update(
        &rig,
        &me,
        UpdateChannelRequest {
            name: Some("Sales".to_owned()),
            settings: fields(json!({"retries": null})),
            secrets: fields(json!({"app_secret": "s2"})),
            ..change(&made)
        },
    )
    .await;
    assert_eq!(patched.settings, fields(json!({"api_base": "https://echo.test"})));
    assert_eq!(
        (patched.name.as_str(), patched.secrets_set.as_slice()),
        ("Sales", &["app_secret", "bot_token"].map(str::to_owned)[..])
    );
    let second = account(&rig, &made.id).await.unwrap();
    assert_eq!(
        (second.version, second.secrets),
        (2, fields(json!({"bot_token": CANARY, "app_secret": "s2"})))
    );
    let same = update(
        &rig,
        &me,
        UpdateChannelRequest { secrets: fields(json!({"app_secret": "s2"})), ..change(&made) },
    );
    assert_eq!(same.await, patched, "nothing changed");
    let off = update(&rig, &me, UpdateChannelRequest { enabled: Some(false), ..change(&made) }).await;
    assert_eq!((off.enabled, off.health.unwrap().status()), (false, Status::Disabled));
    assert_eq!(account(&rig, &made.id).await.unwrap().version, 3);

    let delete = DeleteChannelRequest { id: made.id.clone() };
    told(rig.channels().delete_channel(me.call(delete.clone())).await).unwrap();
    assert_eq!(refusal(rig.channels().get_channel(me.call(get)).await).code(), ErrorCode::NotFound);
    assert_eq!(refusal(rig.channels().delete_channel(me.call(delete)).await).code(), ErrorCode::NotFound);
    assert_eq!(account(&rig, &made.id).await.unwrap_err().code(), ErrorCode::NotFound);
    let created: ChannelCreated = events.next().await;
    assert_eq!(created.channel.unwrap(), made);
    let updated: ChannelUpdated = events.next().await;
    assert_eq!(updated.channel.unwrap(), patched);
    let _off: ChannelUpdated = events.next().await;
    let deleted: ChannelDeleted = events.next().await;
    assert_eq!(deleted.channel.unwrap().id, made.id);
    rig.stop().await;
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_the_kinds_forms_is_refused_by_field(#[case] engine: Engine) {
    let (rig, me) = with_echo(engine).await;
    let made = create(&rig, &me).await;
    let wrong = [
        (CreateChannelRequest { kind: "nope".to_owned(), ..echo() }, "kind"),
        (CreateChannelRequest { name: " ".to_owned(), ..echo() }, "name"),
        (CreateChannelRequest { settings: None, ..echo() }, "settings.api_base"),
        (CreateChannelRequest { settings: fields(json!({"api_base": 5})), ..echo() }, "settings.api_base"),
        (
            CreateChannelRequest { settings: fields(json!({"api_base": "x", "retries": 1.5})), ..echo() },
            "settings.retries",
        ),
        (
            CreateChannelRequest {
                settings: fields(json!({"api_base": "x", "bot_token": CANARY})),
                ..echo()
            },
            "settings.bot_token",
        ),
        (CreateChannelRequest { secrets: None, ..echo() }, "secrets.bot_token"),
        (CreateChannelRequest { secrets: fields(json!({"bot_token": null})), ..echo() }, "secrets.bot_token"),
        (
            CreateChannelRequest { secrets: fields(json!({"bot_token": CANARY, "x": CANARY})), ..echo() },
            "secrets.x",
        ),
    ];
    for (request, field) in wrong {
        let error = refusal(rig.channels().create_channel(me.call(request)).await);
        assert_eq!((error.code(), error.field()), (ErrorCode::Invalid, Some(field)), "{error:?}");
        assert!(!format!("{error:?}").contains(CANARY));
    }
    for (request, field) in [
        (
            UpdateChannelRequest { settings: fields(json!({"api_base": null})), ..change(&made) },
            "settings.api_base",
        ),
        (
            UpdateChannelRequest { secrets: fields(json!({"bot_token": null})), ..change(&made) },
            "secrets.bot_token",
        ),
        (UpdateChannelRequest { secrets: fields(json!({"x": "y"})), ..change(&made) }, "secrets.x"),
        (UpdateChannelRequest { name: Some(String::new()), ..change(&made) }, "name"),
    ] {
        let error = refusal(rig.channels().update_channel(me.call(request)).await);
        assert_eq!((error.code(), error.field()), (ErrorCode::Invalid, Some(field)), "{error:?}");
    }
    let huge = "x".repeat(70_000);
    let request = CreateChannelRequest { settings: fields(json!({"api_base": huge})), ..echo() };
    let error = refusal(rig.channels().create_channel(me.call(request)).await);
    assert_eq!((error.code(), error.field()), (ErrorCode::TooLarge, Some("settings")));
    rig.stop().await;
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_kind_announced_twice_is_one_and_the_later_word_counts(#[case] engine: Engine) {
    let (rig, me) = with_echo(engine).await;
    announce(&rig, kind("echo", "Echo again"), TimeDelta::seconds(-5)).await;
    until_titled(&rig, &me, "echo", "Echo again").await;
    announce(&rig, kind("echo", "Echo of yesterday"), TimeDelta::days(1)).await;
    announce(&rig, kind("pager", "Pager"), TimeDelta::zero()).await;
    until_titled(&rig, &me, "pager", "Pager").await;
    let kinds = told(rig.channels().list_channel_kinds(me.call(ListChannelKindsRequest {})).await).unwrap();
    assert_eq!(kinds.items[1], kind("pager", "Pager"), "shown as it was announced");
    let expected = [("echo", "Echo again"), ("pager", "Pager")];
    assert_eq!(titles(&rig, &me).await, expected.map(|(kind, title)| (kind.to_owned(), title.to_owned())));
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_announcement_that_cannot_be_used_becomes_a_dead_letter() {
    let (rig, me) = with_echo(Engine::Sqlite).await;
    let broken =
        ChannelKind { settings_schema: fields(json!({"type": "nonsense"})), ..kind("echo", "Broken") };
    announce(&rig, broken, TimeDelta::seconds(-5)).await;
    announce(&rig, kind("../etc", "Path"), TimeDelta::zero()).await;
    let letters = weft_testkit::eventually("two dead letters", PATIENCE, async || {
        let letters = rig.home.bus.dead_letters(0, 10).await.unwrap();
        (letters.len() == 2).then_some(letters)
    })
    .await;
    let mut reasons: Vec<_> = letters.into_iter().map(|letter| letter.letter.reason).collect();
    reasons.sort();
    assert_eq!(reasons, ["invalid_field", "invalid_schema"]);
    assert_eq!(titles(&rig, &me).await, [("echo".to_owned(), "Echo".to_owned())]);
    rig.stop().await;
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn health_is_told_to_everybody_only_when_it_changes(#[case] engine: Engine) {
    let (rig, me) = with_echo(engine).await;
    let made = create(&rig, &me).await;
    let mut events = rig.events(&["channel.updated"]).await;
    let mut accounts = rig.accounts();
    for (status, detail) in [
        (Status::Connected, ""),
        (Status::Connected, ""),
        (Status::Failed, "the token was revoked"),
        (Status::Failed, "the token was revoked"),
        (Status::Connected, ""),
    ] {
        told(accounts.report_health(report(&made.id, status, detail)).await).unwrap();
    }
    let mut seen = Vec::new();
    for _ in 0..3 {
        let updated: ChannelUpdated = events.next().await;
        let health = updated.channel.unwrap().health.unwrap();
        assert!(health.checked_at.is_some());
        seen.push((health.status(), health.detail));
    }
    let expected =
        [(Status::Connected, ""), (Status::Failed, "the token was revoked"), (Status::Connected, "")];
    assert_eq!(seen, expected.map(|(status, detail)| (status, detail.to_owned())));
    assert_eq!(account(&rig, &made.id).await.unwrap().version, 1, "health is no new version");
    rig.stop().await;
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn an_adapter_gets_all_enabled_accounts_of_its_kind_and_keeps_secrets_of_its_own(
    #[case] engine: Engine,
) {
    let (rig, me) = with_echo(engine).await;
    let (_, south) = rig.admin("south").await;
    let (ours, theirs) = (create(&rig, &me).await, create(&rig, &south).await);
    let off = create(&rig, &me).await;
    update(&rig, &me, UpdateChannelRequest { enabled: Some(false), ..change(&off) }).await;
    let keep = |secret: &str| StoreSecretsRequest {
        channel_id: ours.id.clone(),
        secrets: fields(json!({"webhook_secret": secret})),
    };
    told(rig.accounts().store_secrets(keep("w1")).await).unwrap();
    told(rig.accounts().store_secrets(keep("w1")).await).unwrap();
    let listed = told(rig.accounts().list_accounts(ListAccountsRequest { kind: "echo".to_owned() }).await);
    let mut items = listed.unwrap().items;
    items.sort_by_key(|account| account.channel_id != ours.id);
    assert_eq!(items.iter().map(|it| it.channel_id.as_str()).collect::<Vec<_>>(), [&ours.id, &theirs.id]);
    assert_eq!(items[0].secrets, fields(json!({"bot_token": CANARY, "webhook_secret": "w1"})));
    assert_eq!((items[0].version, items[1].version), (2, 1), "storing the same again changes nothing");
    let patched = UpdateChannelRequest { secrets: fields(json!({"app_secret": "a"})), ..change(&ours) };
    assert_eq!(update(&rig, &me, patched).await.secrets_set, ["app_secret", "bot_token", "webhook_secret"]);
    let other = told(rig.accounts().list_accounts(ListAccountsRequest { kind: "other".to_owned() }).await);
    assert!(other.unwrap().items.is_empty());
    rig.stop().await;
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn another_tenants_channels_do_not_exist(#[case] engine: Engine) {
    let (rig, me) = with_echo(engine).await;
    let (_, stranger) = rig.admin("south").await;
    let theirs = create(&rig, &stranger).await;
    let unknown = id::new::<id::Channel>().to_string();
    let mut answers = Vec::new();
    for id in [theirs.id.as_str(), &unknown, "nonsense", &me.user()] {
        let request = UpdateChannelRequest { id: id.to_owned(), enabled: Some(false), ..Default::default() };
        for error in [
            refusal(rig.channels().get_channel(me.call(GetChannelRequest { id: id.to_owned() })).await),
            refusal(rig.channels().update_channel(me.call(request)).await),
            refusal(rig.channels().delete_channel(me.call(DeleteChannelRequest { id: id.to_owned() })).await),
        ] {
            answers.push((error.code(), error.reason().to_owned(), error.message().to_owned()));
        }
    }
    answers.dedup();
    assert_eq!(answers, [(ErrorCode::NotFound, "not_found".to_owned(), "no such channel".to_owned())]);
    let list =
        |kind: Option<&str>| ListChannelsRequest { kind: kind.map(str::to_owned), ..Default::default() };
    let own = told(rig.channels().list_channels(me.call(list(None))).await).unwrap();
    assert!(own.items.is_empty());
    let page = told(rig.channels().list_channels(stranger.call(list(Some("echo")))).await).unwrap();
    assert_eq!(page.items.len(), 1);
    let page = told(rig.channels().list_channels(stranger.call(list(Some("other")))).await).unwrap();
    assert!(page.items.is_empty());
    rig.stop().await;
}
